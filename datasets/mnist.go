package datasets

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
)

// MNIST is 70 000 handwritten digits, 28 x 28, in four IDX files, plain or gzip [lecun1998]. The test split is the files' own; the hold-out is taken
// from the training images.
type MNIST struct{}

var _ Dataset = MNIST{}

// mnistMD5 are the md5 sums of the four original files, unpacked. Others load too, with a warning: scores then are not MNIST scores.
var mnistMD5 = map[string]string{
	"train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
	"train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
	"t10k-images-idx3-ubyte":  "2646ac647ad5339dbf082846283269ea",
	"t10k-labels-idx1-ubyte":  "27ae3e4e09519cfbb04c329615203637",
}

// Info describes the set.
func (MNIST) Info() Info {
	return Info{
		ID: "mnist", Title: "MNIST handwritten digits", Kind: Images, Shape: []int{28, 28, 1}, Classes: classNames("", 10),
		Files: "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (plain or .gz), also in mnist/",
		Paper: "lecun1998", License: "CC BY-SA 3.0, Y. LeCun and C. Cortes",
	}
}

// Load reads the four files. Errors name the file and the first thing wrong in it.
func (m MNIST) Load(ctx context.Context, o Options) (*Set, error) {
	info := m.Info()
	if _, err := resolve(info, o.Params); err != nil {
		return nil, err
	}
	dir, err := dataDir(info.ID, o)
	if err != nil {
		return nil, err
	}
	train, odd, err := readDigits(ctx, info, dir, "train")
	if err != nil {
		return nil, err
	}
	test, oddTest, err := readDigits(ctx, info, dir, "t10k")
	if err != nil {
		return nil, err
	}
	set, err := splitTwo(info, o, train, test)
	if err != nil {
		return nil, err
	}
	for _, name := range append(odd, oddTest...) {
		set.Warnings = append(set.Warnings, fmt.Sprintf("mnist: %s is not the original file (its md5 differs): do not publish these scores as MNIST", name))
	}
	return set, nil
}

// readDigits reads one part's images and labels, and tells the names of files that are not the originals.
func readDigits(ctx context.Context, info Info, dir, part string) (*raw, []string, error) {
	images, oddImages, err := readPart(ctx, info, dir, part+"-images-idx3-ubyte", part+"-labels-idx1-ubyte", 3)
	if err != nil {
		return nil, nil, err
	}
	labels, oddLabels, err := readPart(ctx, info, dir, part+"-labels-idx1-ubyte", part+"-images-idx3-ubyte", 1)
	if err != nil {
		return nil, nil, err
	}
	if images.dims[0] != labels.dims[0] {
		return nil, nil, corrupt("%s: %s-images holds %d images but %s-labels %d labels: the two files do not belong together", info.ID, part, images.dims[0], part, labels.dims[0])
	}
	if h, w := images.dims[1], images.dims[2]; h != info.Shape[0] || w != info.Shape[1] {
		return nil, nil, corrupt("%s: %s-images holds images of %dx%d, this set's are %dx%d", info.ID, part, h, w, info.Shape[0], info.Shape[1])
	}
	r := &raw{shape: slices.Clone(info.Shape), pix: images.data, labels: make([]int, len(labels.data))}
	for i, v := range labels.data {
		if int(v) >= len(info.Classes) {
			return nil, nil, corrupt("%s: %s-labels: label %d of image %d, the classes are 0 to %d: download it again", info.ID, part, v, i, len(info.Classes)-1)
		}
		r.labels[i] = int(v)
	}
	return r, slices.Concat(oddImages, oddLabels), nil
}

// readPart finds and reads one IDX file; partner is the file it comes with, to tell images without labels from no files at all.
func readPart(ctx context.Context, info Info, dir, name, partner string, rank int) (*idx, []string, error) {
	dirs := []string{dir, filepath.Join(dir, "mnist"), filepath.Join(dir, "MNIST", "raw")}
	path := findFile(dirs, idxNames(name))
	if path == "" {
		if p := findFile(dirs, idxNames(partner)); p != "" {
			return nil, nil, missing("%s: %s is there, but not %s[.gz] beside it: add the missing file", info.ID, p, name)
		}
		return nil, nil, missing("%s: no %s[.gz] in %s or its folder mnist: put the four IDX files there, or name their folder by Options.Dir or ASSAY_DATA", info.ID, name, dir)
	}
	label := info.ID + ": " + filepath.Base(path)
	r, f, err := openData(ctx, path)
	if stopped(ctx, err) {
		return nil, nil, ctx.Err()
	}
	if err != nil {
		return nil, nil, corrupt("%s: %s", label, cut(err))
	}
	defer f.Close()
	x, err := readIDX(r, label, rank)
	if stopped(ctx, err) {
		return nil, nil, ctx.Err()
	}
	if err != nil {
		return nil, nil, err
	}
	if x.md5() != mnistMD5[name] {
		return x, []string{filepath.Base(path)}, nil
	}
	return x, nil, nil
}

// idxNames are the spellings under which one of the files is found in the wild.
func idxNames(name string) []string {
	dotted := name[:len(name)-len("-idx3-ubyte")] + "." + name[len(name)-len("idx3-ubyte"):]
	return []string{name, name + ".gz", dotted, dotted + ".gz"}
}

// md5 is the sum of the unpacked file, header included.
func (x *idx) md5() string {
	h := md5.New()
	h.Write([]byte{0, 0, 8, byte(len(x.dims))})
	for _, d := range x.dims {
		h.Write([]byte{byte(d >> 24), byte(d >> 16), byte(d >> 8), byte(d)})
	}
	h.Write(x.data)
	return hex.EncodeToString(h.Sum(nil))
}
