package datasets

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
)

// CIFAR10 is 60 000 colour images, 32 x 32, of ten classes [krizhevsky2009]: either the binary batches (data_batch_1.bin ..., test_batch.bin) or two
// archives, train.tar.gz and test.tar.gz, of class folders with PNG or JPEG files. JPEG copies are not the exact pixels: the set then carries a warning.
// The test split is the files' own; the hold-out is taken from the training images.
type CIFAR10 struct{}

var _ Dataset = CIFAR10{}

const cifarRecord = 1 + 3*32*32 // label, then the planes R, G, B

// Info describes the set.
func (CIFAR10) Info() Info {
	return Info{
		ID: "cifar10", Title: "CIFAR-10 colour images", Kind: Images, Shape: []int{32, 32, 3},
		Classes: []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
		Files:   "data_batch_*.bin and test_batch.bin, or train.tar.gz and test.tar.gz with class folders; also in cifar-10-batches-bin/ or cifar10*/",
		Paper:   "krizhevsky2009", License: "no licence stated; A. Krizhevsky, University of Toronto",
	}
}

// Load reads the batches or, where there are none, the archives.
func (c CIFAR10) Load(ctx context.Context, o Options) (*Set, error) {
	info := c.Info()
	if _, err := resolve(info, o.Params); err != nil {
		return nil, err
	}
	dir, err := dataDir(info.ID, o)
	if err != nil {
		return nil, err
	}
	dirs := []string{dir, filepath.Join(dir, "cifar-10-batches-bin")}
	if more, err := filepath.Glob(filepath.Join(dir, "cifar10*")); err == nil {
		for _, d := range more {
			dirs = append(dirs, d, filepath.Join(d, "cifar-10-batches-bin"))
		}
	}
	for _, d := range dirs {
		if set, err := loadBatches(ctx, info, o, d); set != nil || err != nil {
			return set, err
		}
		if set, err := loadArchives(ctx, info, o, d); set != nil || err != nil {
			return set, err
		}
	}
	return nil, missing("%s: neither data_batch_*.bin and test_batch.bin nor train.tar.gz and test.tar.gz in %s or its folders cifar-10-batches-bin and cifar10*: put them there, or name their folder by Options.Dir or ASSAY_DATA", info.ID, dir)
}

// loadBatches reads the binary batches of a folder; nil, nil if it has none.
func loadBatches(ctx context.Context, info Info, o Options, dir string) (*Set, error) {
	files, _ := filepath.Glob(filepath.Join(dir, "data_batch_*.bin"))
	testFile := findFile([]string{dir}, []string{"test_batch.bin"})
	if len(files) == 0 && testFile == "" {
		return nil, nil
	}
	if testFile == "" {
		return nil, missing("%s: %s has training batches but no test_batch.bin: add the missing file", info.ID, dir)
	}
	train := &raw{shape: slices.Clone(info.Shape)}
	var odd []string
	for i := range max(len(files), 1) {
		path := filepath.Join(dir, fmt.Sprintf("data_batch_%d.bin", i+1))
		if !slices.Contains(files, path) {
			return nil, missing("%s: %s has no %s: add the missing file", info.ID, dir, filepath.Base(path))
		}
		before := train.len()
		if err := readBatch(ctx, info, path, train); err != nil {
			return nil, err
		}
		odd = append(odd, oddBatch(path, train.len()-before)...)
	}
	test := &raw{shape: slices.Clone(info.Shape)}
	if err := readBatch(ctx, info, testFile, test); err != nil {
		return nil, err
	}
	set, err := splitTwo(info, o, train, test)
	if err == nil {
		set.Warnings = append(odd, oddBatch(testFile, test.len())...)
	}
	return set, err
}

// oddBatch warns of a batch that is not of the original's length: the format has no end mark, so a file that was cut between two images looks whole.
func oddBatch(path string, n int) []string {
	const original = 10_000
	if n == original {
		return nil
	}
	return []string{fmt.Sprintf("cifar10: %s holds %d images, the original %d: is it cut short? Do not publish these scores as CIFAR-10", filepath.Base(path), n, original)}
}

// readBatch appends the records of one file.
func readBatch(ctx context.Context, info Info, path string, to *raw) error {
	name := info.ID + ": " + filepath.Base(path)
	r, f, err := openData(ctx, path)
	if err == nil {
		defer f.Close()
		err = parseBatch(r, name, len(info.Classes), to)
	} else {
		err = corrupt("%s: %s", name, cut(err))
	}
	if stopped(ctx, err) {
		return ctx.Err()
	}
	return err
}

// parseBatch reads records of a label byte and three colour planes, and appends them as rows with channels last.
func parseBatch(r io.Reader, name string, classes int, to *raw) error {
	record := make([]byte, cifarRecord)
	const plane = (cifarRecord - 1) / 3
	for i := 0; ; i++ {
		n, err := io.ReadFull(r, record)
		if err == io.EOF && i > 0 {
			return nil
		}
		if err != nil {
			return corrupt("%s: %s in image %d (byte %d of its %d): download it again", name, cut(err), i, n, cifarRecord)
		}
		if int(record[0]) >= classes {
			return corrupt("%s: label %d of image %d, the classes are 0 to %d: is it another file?", name, record[0], i, classes-1)
		}
		to.labels = append(to.labels, int(record[0]))
		for p := 1; p <= plane; p++ {
			to.pix = append(to.pix, record[p], record[p+plane], record[p+2*plane])
		}
	}
}

// loadArchives reads train and test archives of a folder; nil, nil if it has none.
func loadArchives(ctx context.Context, info Info, o Options, dir string) (*Set, error) {
	var parts [2]*raw
	set := &Set{}
	paths := [2]string{}
	for i, part := range []string{"train", "test"} {
		paths[i] = findFile([]string{dir}, []string{part + ".tar.gz", part + ".tgz", part + ".tar"})
	}
	if paths[0] == "" && paths[1] == "" {
		return nil, nil
	}
	for i, part := range []string{"train", "test"} {
		if paths[i] == "" {
			return nil, missing("%s: %s is there, but not %s.tar.gz beside it: add the missing file", info.ID, paths[1-i], part)
		}
		r, warnings, err := readArchive(ctx, info, paths[i])
		if err != nil {
			return nil, err
		}
		set.Warnings = append(set.Warnings, warnings...)
		parts[i] = mixed(r)
	}
	out, err := splitTwo(info, o, parts[0], parts[1])
	if err != nil {
		return nil, err
	}
	out.Warnings = set.Warnings
	return out, nil
}
