package runners

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/crew"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/rng"
)

// Preparation asks for a reference set made from raw images.
type Preparation struct {
	Recipe   *Recipe
	Source   *source.Set
	Out      string                             // a new or empty folder, or a new file that ends in .zip or .npz
	Version  string                             // of the program
	Skip     bool                               // leave images out that cannot be used, and report them; else the first one ends the work
	Progress func(path string, done, total int) // told after each image; may be nil
}

// PreparedSet is what was made.
type PreparedSet struct {
	source.Prepared
	Out      string
	Format   string         // png, zip or npz
	Already  bool           // Out held just this before, and nothing was done
	Resumed  int            // images that were there from an interrupted run
	Bad      []source.Bad   // images that were left out
	Warnings map[string]int // what decoders noticed, with the number of images
}

// entry is one image of the set, on its way.
type entry struct {
	item     int
	source   string // its name in the source
	name     string // its name in the set
	in, out  string // sha256 of the two files; of an image of an array imaging's key
	key      imaging.Key
	h, w, c  int
	warnings []string
	kept     bool // the work folder held it
	err      error
}

// Prepare makes a reference set, whole or not at all, in a folder beside Out that takes its name in the end: an interrupted call leaves that folder, and the next one
// with the same recipe goes on from it. The same images and recipe give the same bytes for any number of threads and interrupts. Beside the images
// lies the record (source.Prepared) with a list of all files. Errors: images that cannot be used, unless Skip is set; two that would have one name; an Out that
// holds something else.
func Prepare(ctx context.Context, q Preparation) (*PreparedSet, error) {
	format, err := formatOf(q)
	if err != nil {
		return nil, err
	}
	entries, err := chosenImages(q)
	if err != nil {
		return nil, err
	}
	p := &preparing{Preparation: q, res: &PreparedSet{Out: q.Out, Format: format, Warnings: map[string]int{}}, entries: entries}
	if done, err := p.already(ctx); done || err != nil {
		return p.res, err
	}
	if err := p.open(); err != nil {
		return nil, err
	}
	err = p.all(ctx)
	if err == nil {
		err = p.finish(ctx)
	}
	if closing := p.close(); err == nil {
		err = closing
	}
	if err != nil {
		return nil, err
	}
	return p.res, nil
}

// formatOf is what kind of thing Out is to be.
func formatOf(q Preparation) (string, error) {
	format := "png"
	if in, err := filepath.Rel(q.Source.Path, q.Out); err == nil && q.Source.Kind == "folder" && in != ".." && !strings.HasPrefix(in, ".."+string(filepath.Separator)) {
		return "", fmt.Errorf("%s lies in %s, from which the images come: choose a place outside of it", q.Out, q.Source.Path)
	}
	switch ending := strings.ToLower(filepath.Ext(q.Out)); ending {
	case ".zip", ".npz":
		format = ending[1:]
	case ".tar", ".gz", ".tgz", ".npy", ".png":
		return "", fmt.Errorf("%s: a prepared set is a folder of PNG files, a .zip of them, or an .npz", q.Out)
	}
	if want := q.Recipe.Format; want != "" && want != format {
		return "", fmt.Errorf("%s would be %s, the recipe %s asks for %s: choose the ending for it", q.Out, format, q.Recipe.Name, want)
	}
	return format, nil
}

// chosenImages are the images that the recipe takes, in its order, with the names they get.
func chosenImages(q Preparation) ([]*entry, error) {
	set, r := q.Source, q.Recipe
	most := 0
	for _, it := range set.Items {
		most = max(most, it.Label)
	}
	digits := len(strconv.Itoa(most))
	var out []*entry
	for i := range set.Items {
		e := &entry{item: i, source: set.Items[i].Name}
		rest := e.source
		if r.Split != "" {
			var in bool
			if rest, in = strings.CutPrefix(rest, r.Split+"/"); !in {
				continue
			}
		}
		e.name = preparedName(set, i, rest, digits)
		out = append(out, e)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no images below the folder %s, which the recipe %s takes: give the folder that holds %[2]s, or leave out split", set.Path, r.Split, r.Name)
	}
	if r.Order == Shuffled {
		mixed := make([]*entry, len(out))
		for k, i := range rng.Stream(r.Seed, "prepare").Perm(len(out)) {
			mixed[k] = out[i]
		}
		out = mixed
	}
	if r.Limit > 0 {
		out = out[:min(r.Limit, len(out))]
	}
	seen := map[string]string{}
	for _, e := range out {
		if other, twice := seen[e.name]; twice {
			return nil, fmt.Errorf("%s: %s and %s would both become %s: rename one", set.Path, other, e.source, e.name)
		}
		seen[e.name] = e.source
	}
	return out, nil
}

// preparedName is the path of an image in the prepared set: its own with the ending of PNG. Where the class is not in the path, as in arrays and with .cls files, it
// becomes a folder, whose names have as many digits and so keep the order of the numbers.
func preparedName(set *source.Set, i int, name string, digits int) string {
	it := set.Items[i]
	name = strings.TrimSuffix(name, path.Ext(name)) + ".png"
	if !slices.Contains([]string{"folder", "zip", "tar"}, set.Kind) {
		name = fmt.Sprintf("%06d.png", i)
	} else if set.Classes != nil {
		return name
	}
	if it.Label < 0 {
		return name
	}
	return path.Join(fmt.Sprintf("%0*d", digits, it.Label), name)
}

// preparing is one set at work.
type preparing struct {
	Preparation
	res     *PreparedSet
	entries []*entry
	work    string // the folder that becomes the set
	lock    *os.File
	journal *journal

	mu   sync.Mutex
	done int
}

// prepareBlock is how many images are in work between two looks at what went wrong.
const prepareBlock = 256

// all prepares the images, each on one worker. Of several errors the first in the order of the set is the one, whatever worker came first.
func (p *preparing) all(ctx context.Context) error {
	for lo := 0; lo < len(p.entries); lo += prepareBlock {
		block := p.entries[lo:min(lo+prepareBlock, len(p.entries))]
		var wait crew.Group
		room := make(chan struct{}, runtime.GOMAXPROCS(0))
		for _, e := range block {
			room <- struct{}{}
			wait.Go(func() {
				defer func() { <-room }()
				if ctx.Err() == nil {
					e.err = p.one(e)
					p.tell()
				}
			})
		}
		wait.Wait()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		for _, e := range block {
			if e.err != nil && !p.Skip {
				return fmt.Errorf("%w (leave bad images out and list them by Feeding.Skip)", e.err)
			}
		}
	}
	return nil
}

func (p *preparing) tell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if p.Progress != nil {
		p.Progress(p.Source.Path, p.done, len(p.entries))
	}
}

// input is an image of the source with the name of its contents; the image is not decoded where it lies in a file.
func (p *preparing) input(e *entry) (data []byte, m *imaging.Image, err error) {
	if data, err = p.Source.File(e.item); err != nil {
		return nil, nil, err
	}
	if data == nil {
		if m, _, err = p.Source.Image(e.item); err != nil {
			return nil, nil, err
		}
		key := m.Key()
		e.in = hex.EncodeToString(key[:])
		return nil, m, nil
	}
	e.in = hexSum(data)
	return data, nil, nil
}

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// one brings one image into the work folder, unless it lies there from before.
func (p *preparing) one(e *entry) error {
	data, m, err := p.input(e)
	if err != nil {
		return err
	}
	if p.resume(e) {
		return nil
	}
	if data != nil {
		if m, e.warnings, err = p.Source.Decode(e.item, data); err != nil {
			return err
		}
	}
	if m, err = p.Recipe.Apply(m); err != nil {
		return fmt.Errorf("%s: %w", e.source, err)
	}
	var b bytes.Buffer
	if err := imaging.EncodePNG(&b, m); err != nil {
		return err
	}
	at := filepath.Join(p.work, filepath.FromSlash(e.name))
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return err
	}
	// Not forced to the disk one by one: what a crash tears does not have the sum that the journal states.
	if err := os.WriteFile(at, b.Bytes(), 0o644); err != nil {
		return err
	}
	e.out, e.key, e.h, e.w, e.c = hexSum(b.Bytes()), m.Key(), m.H, m.W, m.C
	return p.journal.add(e)
}

// resume takes an image from the work folder, where the journal says that it was made of the same file and it still is what was written then.
func (p *preparing) resume(e *entry) bool {
	was, ok := p.journal.of(e.name)
	if !ok || was.In != e.in {
		return false
	}
	data, err := p.made(e)
	if err != nil || hexSum(data) != was.Out {
		return false
	}
	m, _, err := imaging.Limits{}.DecodeBytes(data, e.name)
	if err != nil {
		return false
	}
	e.out, e.key, e.h, e.w, e.c, e.warnings, e.kept = was.Out, m.Key(), m.H, m.W, m.C, was.Warnings, true
	return true
}

// sameSize is what an array needs.
func sameSize(entries []*entry) error {
	for _, e := range entries {
		if first := entries[0]; e.h != first.h || e.w != first.w || e.c != first.c {
			return fault.Of(imaging.ErrShape, "%s becomes %d x %d x %d, %s %d x %d x %d: an npz holds images of one size: choose a recipe with a size, or a folder", first.source, first.h, first.w, first.c, e.source, e.h, e.w, e.c)
		}
	}
	return nil
}
