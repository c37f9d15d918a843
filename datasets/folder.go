package datasets

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/inputfile"
)

// Folder is a folder of images. Sub-folders are classes, in the order of their names; without sub-folders there are no labels. If the folder holds
// train and test, each may hold classes, and they are the splits; else a tenth is taken for testing by a permutation of the seed. All images must have one
// size, unless the parameter size asks for a crop of the middle square and an anti-aliased resize.
type Folder struct{}

var _ Dataset = Folder{}

// Info describes the set.
func (Folder) Info() Info {
	return Info{
		ID: "folder", Title: "a folder of images", Kind: Images,
		Files: "PNG, JPEG, GIF, BMP or WebP files, in class folders or not, optionally under train/ and test/",
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
	dir, err := dataDir(info.ID, o)
	if err != nil {
		return nil, err
	}
	size, channels := int(p["size"]), int(p["channels"])
	train, test := filepath.Join(dir, "train"), filepath.Join(dir, "test")
	if isDir(train) && isDir(test) {
		return loadSplitFolders(ctx, info, o, train, test, size, channels)
	}
	files, classes, err := listFolder(info.ID, dir)
	if err != nil {
		return nil, err
	}
	rows, warnings, err := readFolder(ctx, info.ID, dir, files, classes, size, channels)
	if err != nil {
		return nil, err
	}
	rows = mixed(rows)
	parts, err := splitOne(info.ID, o, rows.len())
	if err != nil {
		return nil, err
	}
	info.Shape, info.Classes = rows.shape, classes
	return &Set{Info: info, Train: rows.pick(parts[0]), Test: rows.pick(parts[1]), Hold: rows.pick(parts[2]), Warnings: warnings}, nil
}

// loadSplitFolders reads train and test folders whose classes and shapes must agree.
func loadSplitFolders(ctx context.Context, info Info, o Options, train, test string, size, channels int) (*Set, error) {
	files, classes, err := listFolder(info.ID, train)
	if err != nil {
		return nil, err
	}
	testFiles, testClasses, err := listFolder(info.ID, test)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(classes, testClasses) {
		return nil, corrupt("%s: %s has the classes [%s] but %s [%s]: make them equal", info.ID, train, strings.Join(classes, " "), test, strings.Join(testClasses, " "))
	}
	a, warnings, err := readFolder(ctx, info.ID, train, files, classes, size, channels)
	if err != nil {
		return nil, err
	}
	b, more, err := readFolder(ctx, info.ID, test, testFiles, classes, size, channels)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(a.shape, b.shape) {
		return nil, corrupt("%s: images are %v in %s but %v in %s: set the parameters size and channels", info.ID, a.shape, train, b.shape, test)
	}
	info.Classes = classes
	set, err := splitTwo(info, o, mixed(a), mixed(b))
	if err != nil {
		return nil, err
	}
	set.Warnings = slices.Concat(warnings, more)
	return set, nil
}

// listFolder is the image files below a folder, relative to it, sorted, and the classes they lie in (nil if they lie right in it).
func listFolder(id, dir string) (files, classes []string, err error) {
	flat := ""
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return corrupt("%s: %s: %v", id, p, reason(err))
		}
		if p != dir && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || !isPicture(p) {
			return nil
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return corrupt("%s: %s: %v", id, p, err)
		}
		class, _, nested := strings.Cut(filepath.ToSlash(rel), "/")
		if !nested {
			flat = rel
		} else if !slices.Contains(classes, class) {
			classes = append(classes, class)
		}
		files = append(files, rel)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if len(files) == 0 {
		return nil, nil, missing("%s: no images in %s: name a folder with PNG or JPEG files by Options.Dir or ASSAY_DATA", id, dir)
	}
	if flat != "" && classes != nil {
		return nil, nil, corrupt("%s: %s holds images (%s) beside class folders (%s): move them into one, so that every image has a class or none has", id, dir, flat, classes[0])
	}
	slices.Sort(files)
	slices.Sort(classes)
	return files, classes, nil
}

// readFolder decodes the listed files; labels are nil without classes.
func readFolder(ctx context.Context, id, dir string, files, classes []string, size, channels int) (*raw, []string, error) {
	rows, warnings, err := stack(ctx, id, len(files), size, channels, func(i int) (picture, error) {
		name := id + ": " + filepath.Join(dir, files[i])
		data, err := inputfile.Read(filepath.Join(dir, files[i]), pictureLimits.Bytes)
		if err != nil {
			return picture{}, corrupt("%s: %v", name, reason(err))
		}
		class, _, _ := strings.Cut(filepath.ToSlash(files[i]), "/")
		return picture{name, data, slices.Index(classes, class)}, nil
	})
	if err == nil && classes == nil {
		rows.labels = nil
	}
	return rows, warnings, err
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}
