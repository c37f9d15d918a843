package listing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
)

// ErrPlace is wrapped by every error about the place that images come from, as opposed to one image in it.
var ErrPlace = errors.New("no place of images")

// Options say how to look.
type Options struct {
	Flat  bool  // folders: do not look into sub-folders
	Bytes int64 // most bytes of one image file; 0 means imaging.DefaultBytes
}

// File is one image before it is decoded.
type File struct {
	Name string // path within the place, with slashes
	Bad  error  // known before reading, such as a broken link; nil otherwise
	read func() ([]byte, error)
}

// Read returns the file's bytes. It is safe for concurrent use.
func (f *File) Read() ([]byte, error) {
	if f.Bad != nil {
		return nil, f.Bad
	}
	return f.read()
}

// Reason says why a file was left out.
type Reason string

// The reasons.
const (
	Hidden  Reason = "hidden, or a system's or program's litter"
	NoImage Reason = "no image by its name"
	Loop    Reason = "a link to a folder above it"
	Twice   Reason = "there again later in the archive"
	Deeper  Reason = "in a sub-folder"
)

// Left is a file that is not part of the set.
type Left struct {
	Name string `json:"name"`
	Why  Reason `json:"why"`
}

// List is the images of one place.
type List struct {
	Kind    string         // folder, zip or tar
	Files   []File         // sorted by name
	Left    []Left         // sorted by name
	Classes []string       // names of the sub-folders that all images lie in, sorted; nil where there are fewer than two
	Labels  map[string]int // by file name: the class; nil without. WebDataset's .cls files go before sub-folders
	Beside  []File         // what names itself a record of how the images were prepared (see Record), sorted by name
	NoClass string         // why .cls files that are there give no classes: some images have none, or one that holds no class; "" where they do

	most    int64
	classOf []File // the .cls files of a folder or a zip archive
	close   []func() error
}

// Close releases the archive.
func (l *List) Close() error {
	var errs []error
	for _, f := range l.close {
		errs = append(errs, f())
	}
	l.close = nil
	return errors.Join(errs...)
}

func newList(kind string, o Options) *List {
	return &List{Kind: kind, most: cmp.Or(o.Bytes, imaging.DefaultBytes)}
}

// add takes in one file, or leaves it out.
func (l *List) add(name string, bad error, read func() ([]byte, error)) {
	kind := imaging.KindOfName(name)
	switch {
	case Litter(name):
		l.leave(name, Hidden)
	case Record(name):
		l.Beside = append(l.Beside, File{Name: name, Bad: bad, read: read})
	case l.Kind != "tar" && isClassFile(name) && read != nil: // a tar's are read on the way
		l.classOf = append(l.classOf, File{Name: name, Bad: bad, read: read})
	case kind == imaging.NoImage:
		l.leave(name, NoImage)
	case kind == imaging.Unreadable && bad == nil:
		bad = fault.Of(imaging.ErrFormat, "%s: %s is a format that is not read: save as PNG", name, strings.ToUpper(path.Ext(name)[1:]))
		fallthrough
	default:
		l.Files = append(l.Files, File{Name: name, Bad: bad, read: read})
	}
}

// The names of the files that say how the images of a place were prepared: a head and a list. They are no images, and not foreign either.
const (
	RecordHead = "assay-prepared.json"
	RecordList = "assay-prepared.tsv"
)

// Record says whether a path is one of the two files, in any folder of the place.
func Record(name string) bool {
	base := path.Base(name)
	return base == RecordHead || base == RecordList
}

func (l *List) leave(name string, why Reason) { l.Left = append(l.Left, Left{name, why}) }

// finish sorts, and finds the classes. labels are those of .cls files.
func (l *List) finish(ctx context.Context, labels map[string]int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	slices.SortStableFunc(l.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	slices.SortStableFunc(l.Beside, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	labels = l.readClasses(labels)
	slices.SortStableFunc(l.Left, func(a, b Left) int { return strings.Compare(a.Name, b.Name) })
	if len(labels) > 0 {
		l.classFiles(labels)
		return nil
	}
	l.folders()
	return nil
}

// isClassFile says whether a file is called as WebDataset calls the one that holds the class of the image beside it.
func isClassFile(name string) bool { return strings.EqualFold(path.Ext(name), ".cls") }

// readClasses adds the classes of the .cls files that lie beside an image; the others (LaTeX has files of that ending) are left out.
func (l *List) readClasses(labels map[string]int) map[string]int {
	if len(l.classOf) == 0 {
		return labels
	}
	images := map[string]bool{}
	for _, f := range l.Files {
		images[Stem(f.Name)] = true
	}
	labels = map[string]int{}
	for _, f := range l.classOf {
		if !images[Stem(f.Name)] {
			l.leave(f.Name, NoImage)
			continue
		}
		b, err := f.Read()
		labels[Stem(f.Name)] = classOf(b, err)
	}
	l.classOf = nil
	return labels
}

// classOf is the whole number in a .cls file; -1 where it holds none from 0.
func classOf(b []byte, err error) int {
	v, bad := strconv.Atoi(strings.TrimSpace(string(b[:min(len(b), maxClassFile)])))
	if err != nil || bad != nil || v < 0 || len(b) > maxClassFile {
		return -1
	}
	return v
}

// maxClassFile bounds the bytes of a .cls file.
const maxClassFile = 64

// classFiles takes the classes of .cls files, where every image has one: classes of a part would be a smaller set under the name of the whole. Of a file that
// holds no class the label is -1.
func (l *List) classFiles(labels map[string]int) {
	l.Labels = map[string]int{}
	var without []string
	for _, f := range l.Files {
		if v, ok := labels[Stem(f.Name)]; ok && v >= 0 {
			l.Labels[f.Name] = v
		} else if f.Bad == nil {
			without = append(without, f.Name)
		}
	}
	if without == nil {
		return
	}
	l.Labels = nil
	some, more := without, ""
	if len(some) > 3 {
		some, more = some[:3], ", ..."
	}
	l.NoClass = fmt.Sprintf("%d of %d images have no .cls file with a whole number from 0 (%s%s)", len(without), len(l.Files), strings.Join(some, ", "), more)
}

// folders takes sub-folders as classes where every image lies in one. Folders around everything say nothing and are looked through.
func (l *List) folders() {
	names := make([]string, len(l.Files))
	for i, f := range l.Files {
		names[i] = f.Name
	}
	for {
		first := ""
		var classes []string
		for i, n := range names {
			class, _, ok := strings.Cut(n, "/")
			if !ok {
				return
			}
			if i == 0 {
				first = class
			}
			if at, known := slices.BinarySearch(classes, class); !known {
				classes = slices.Insert(classes, at, class)
			}
		}
		if len(classes) == 0 {
			return
		}
		if len(classes) == 1 {
			for i := range names {
				names[i] = strings.TrimPrefix(names[i], first+"/")
			}
			continue
		}
		l.Classes, l.Labels = classes, map[string]int{}
		for i, n := range names {
			class, _, _ := strings.Cut(n, "/")
			l.Labels[l.Files[i].Name], _ = slices.BinarySearch(classes, class)
		}
		return
	}
}

// litter are names of files and folders that systems and programs leave behind, in lower case.
var litter = []string{"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "system volume information", "lost+found", "@eadir", "__pycache__"}

// Litter says whether a path is hidden or litter: one of its parts begins with a dot (which covers .DS_Store, ._ files and .ipynb_checkpoints) or is of a name that
// systems and programs leave behind.
func Litter(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") && part != "." && part != ".." || slices.Contains(litter, strings.ToLower(part)) {
			return true
		}
	}
	return false
}

// LeftOut is one line about what is not part of the set: counts by reason with the first names; "" where nothing was left out.
func LeftOut(left []Left) string {
	var order []Reason
	names := map[Reason][]string{}
	for _, f := range left {
		if names[f.Why] == nil {
			order = append(order, f.Why)
		}
		names[f.Why] = append(names[f.Why], f.Name)
	}
	var parts []string
	for _, why := range order {
		some := names[why]
		more := ""
		if len(some) > 3 {
			some, more = some[:3], ", ..."
		}
		parts = append(parts, fmt.Sprintf("%d %s (%s%s)", len(names[why]), why, strings.Join(some, ", "), more))
	}
	if parts == nil {
		return ""
	}
	return fmt.Sprintf("%d files are no part of the set: %s", len(left), strings.Join(parts, "; "))
}

// limited marks the error of an image that is too large as the imaging package does.
func limited(b []byte, err error) ([]byte, error) {
	if errors.Is(err, inputfile.ErrSize) {
		err = fault.Of(imaging.ErrLimit, "%w", err)
	}
	return b, err
}

// readAll reads one image file, up to the limit.
func (l *List) readAll(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, l.most+1))
	if err == nil && int64(len(b)) > l.most {
		return nil, fault.Of(imaging.ErrLimit, "more than %d bytes", l.most)
	}
	return b, err
}

// Stem is WebDataset's key: the path up to the first dot of the file's name.
func Stem(name string) string {
	base, _, _ := strings.Cut(path.Base(name), ".")
	return path.Join(path.Dir(name), base)
}
