package datasets

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/imaging/listing"
)

// Folder is the images of a folder, a zip or a tar archive. Which files are the images, package listing says. Sub-folders are classes, in the order of their names,
// where there are at least two; without, there are no labels. An npy or npz array of bytes, N x H x W (x C), is a set of images without labels. If train and test are there, each may hold classes, and they are the splits; else a tenth is taken for
// testing by a permutation of the seed. All images must have one size, unless the parameter size asks for a crop of the middle square and an
// anti-aliased resize.
type Folder struct{}

var _ Dataset = Folder{}

// Info describes the set.
func (Folder) Info() Info {
	return Info{
		ID: "folder", Title: "a folder or an archive of images", Kind: Images,
		Files: "PNG, JPEG, GIF, BMP, WebP, TIFF, PPM or PGM files in a folder, zip or tar, in class folders or not, optionally under train/ and test/; or one npy or npz of bytes",
		Paper: "", License: "that of the files",
		Params: []Param{
			{"size", 0, 0, 1024, true, "edge of the images after crop and resize, 0 to keep them"},
			{"channels", 0, 0, 3, true, "1 for grey, 3 for colour, 0 to take grey only if all files are grey"},
		},
	}
}

// Load decodes every image of the folder.
func (f Folder) Load(ctx context.Context, o Options) (*Set, error) {
	info := f.Info()
	p, err := resolve(info, o.Params)
	if err != nil {
		return nil, err
	}
	if p["channels"] == 2 {
		return nil, refuse("%s: channels = 2: allowed are 1, 3 and 0", info.ID)
	}
	path, err := dataPlace(info.ID, o)
	if err != nil {
		return nil, err
	}
	w := &folderWork{id: info.ID, path: path, size: int(p["size"]), channels: int(p["channels"])}
	if ending := strings.ToLower(filepath.Ext(path)); ending == ".npy" || ending == ".npz" {
		return w.loadArray(ctx, info, o)
	}
	list, err := listing.Open(ctx, path, listing.Options{Bytes: pictureLimits.Bytes})
	if stopped(ctx, err) {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, corrupt("%s: %v", info.ID, err)
	}
	defer list.Close()
	set, err := w.load(ctx, info, o, list)
	if err != nil {
		return nil, err
	}
	set.Files = &Files{Path: path, Kind: list.Kind, N: w.content.N(), Content: w.content.Hash(), Left: len(list.Left)}
	if left := listing.LeftOut(list.Left); left != "" {
		set.Warnings = append(set.Warnings, info.ID+": "+path+": "+left)
	}
	return set, nil
}

// folderWork is the work on one place.
type folderWork struct {
	id, path       string
	size, channels int
	content        imaging.Content
}

// load reads all listed images and shares them out.
func (f *folderWork) load(ctx context.Context, info Info, o Options, list *listing.List) (*Set, error) {
	all, train, test := f.arrange(list.Files)
	if train != nil && test != nil {
		return f.loadSplits(ctx, info, o, train, test)
	}
	rows, classes, warnings, err := f.read(ctx, all, false)
	if err != nil {
		return nil, err
	}
	info.Classes = classes
	set, err := shareOut(info, o, rows)
	if err != nil {
		return nil, err
	}
	set.Warnings = warnings
	return set, nil
}

// shareOut makes the splits of one body of images.
func shareOut(info Info, o Options, rows *raw) (*Set, error) {
	rows = mixed(rows)
	parts, err := splitOne(info.ID, o, rows.len())
	if err != nil {
		return nil, err
	}
	info.Shape = rows.shape
	return &Set{Info: info, Train: rows.pick(parts[0]), Test: rows.pick(parts[1]), Hold: rows.pick(parts[2])}, nil
}

// loadSplits reads train and test folders whose classes and shapes must agree.
func (f *folderWork) loadSplits(ctx context.Context, info Info, o Options, train, test []listedFile) (*Set, error) {
	a, classes, warnings, err := f.read(ctx, train, true)
	if err != nil {
		return nil, err
	}
	b, testClasses, more, err := f.read(ctx, test, true)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(classes, testClasses) {
		return nil, corrupt("%s: train in %s has the classes [%s] but test [%s]: make them equal", info.ID, f.path, strings.Join(classes, " "), strings.Join(testClasses, " "))
	}
	if !slices.Equal(a.shape, b.shape) {
		return nil, corrupt("%s: images are %v in train but %v in test of %s: set the parameters size and channels", info.ID, a.shape, b.shape, f.path)
	}
	info.Classes = classes
	set, err := splitTwo(info, o, mixed(a), mixed(b))
	if err != nil {
		return nil, err
	}
	set.Warnings = slices.Concat(warnings, more)
	return set, nil
}

// listedFile is a file with its path below the folder that is looked at.
type listedFile struct {
	*listing.File
	below string
}

// arrange looks through folders around everything, and finds train and test; images beside those two are in neither.
func (f *folderWork) arrange(files []listing.File) (all, train, test []listedFile) {
	for i := range files {
		all = append(all, listedFile{&files[i], files[i].Name})
	}
	for len(all) > 0 {
		around, _, ok := strings.Cut(all[0].below, "/")
		if !ok || around == "train" || slices.ContainsFunc(all, func(l listedFile) bool { return !strings.HasPrefix(l.below, around+"/") }) {
			break
		}
		all = under(all, around)
	}
	return all, under(all, "train"), under(all, "test")
}

// under is the files below a folder.
func under(files []listedFile, folder string) (out []listedFile) {
	for _, l := range files {
		if rest, ok := strings.CutPrefix(l.below, folder+"/"); ok {
			out = append(out, listedFile{l.File, rest})
		}
	}
	return out
}

// classesOf are the folders that the files lie in, sorted; nil if they lie right in it, or, unless a single one counts, all in one.
func (f *folderWork) classesOf(files []listedFile, single bool) (classes []string, err error) {
	flat := ""
	for _, l := range files {
		class, _, nested := strings.Cut(l.below, "/")
		if !nested {
			flat = l.Name
		} else if at, known := slices.BinarySearch(classes, class); !known {
			classes = slices.Insert(classes, at, class)
		}
	}
	if flat != "" && classes != nil {
		return nil, corrupt("%s: %s holds images (%s) beside class folders (%s): move them into one, so that every image has a class or none has", f.id, f.path, flat, classes[0])
	}
	if len(classes) < 2 && !single {
		classes = nil
	}
	return classes, nil
}

// read decodes files; labels are nil without classes. single says that one folder is a class too: the folder of a split may hold no other.
func (f *folderWork) read(ctx context.Context, files []listedFile, single bool) (rows *raw, classes, warnings []string, err error) {
	if len(files) == 0 {
		return nil, nil, nil, missing("%s: no images in %s: name a folder or an archive of PNG or JPEG files by Options.Dir or ASSAY_DATA", f.id, f.path)
	}
	if classes, err = f.classesOf(files, single); err != nil {
		return nil, nil, nil, err
	}
	rows, warnings, err = stack(ctx, f.id, len(files), f.size, f.channels, func(i int) (picture, error) {
		name := f.id + ": " + filepath.Join(f.path, filepath.FromSlash(files[i].Name))
		data, failed := files[i].Read()
		if failed != nil {
			return picture{}, corrupt("%s: %v: repair or remove it", name, reason(failed))
		}
		class, _, _ := strings.Cut(files[i].below, "/")
		return picture{name, data, slices.Index(classes, class)}, nil
	})
	if err != nil {
		return nil, nil, nil, err
	}
	if classes == nil {
		rows.labels = nil
	}
	for _, k := range rows.keys {
		f.content.Add(k)
	}
	return rows, classes, warnings, nil
}
