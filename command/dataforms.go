package command

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/runners"
)

// split is one part of a set, ready to be written.
type split struct {
	Name    string `json:"split"`
	N       int    `json:"n"`
	Content string `json:"content"` // datasets.Samples.Hash
	Labels  bool   `json:"labels"`
	samples *datasets.Samples
	tokens  bool // the samples are the numbers of tokens
}

// splitsOf are the parts of a set that hold something; of two domains each, named as translation models name them.
func splitsOf(set *datasets.Set) (out []split) {
	add := func(name string, s *datasets.Samples) {
		if s != nil && s.Len() > 0 {
			out = append(out, split{name, s.Len(), s.Hash(), s.Labels != nil, s, set.Vocabulary != nil})
		}
	}
	if t := set.Target; t != nil {
		for _, p := range []struct {
			name string
			a, b *datasets.Samples
		}{{"train", set.Train, t.Train}, {"test", set.Test, t.Test}, {"hold", set.Hold, t.Hold}} {
			add(p.name+"A", p.a)
			add(p.name+"B", p.b)
		}
		return out
	}
	add("train", set.Train)
	add("test", set.Test)
	add("hold", set.Hold)
	return out
}

// array is a split's samples: images as bytes, sentences as whole numbers, points as they are.
func (s split) array() *featurizer.Array {
	shape := append([]int{s.N}, s.samples.Shape...)
	switch {
	case s.samples.IsImage():
		a := &featurizer.Array{Shape: shape, Type: "u1", Raw: make([]byte, 0, len(s.samples.Data))}
		for _, v := range s.samples.Data {
			a.Raw = append(a.Raw, imaging.Quantise(v))
		}
		return a
	case s.tokens:
		return whole(shape, func(i int) int { return int(s.samples.Data[i]) })
	}
	return featurizer.Float32Array(shape, s.samples.Data)
}

// labels is a split's classes.
func (s split) labels() *featurizer.Array {
	return whole([]int{s.N}, s.samples.Label)
}

// newFolder has a folder filled under another name, and gives it its own when it is whole.
func newFolder(path string, fill func(dir string) error) error {
	path = filepath.Clean(path)
	parent := filepath.Dir(path)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(parent, "."+filepath.Base(path)+".tmp-*")
	if err != nil {
		return err
	}
	if err = fill(dir); err == nil {
		err = os.Chmod(dir, 0o755) // as any folder that others may read
	}
	if err == nil {
		if gone := os.Remove(path); gone != nil && !errors.Is(gone, os.ErrNotExist) {
			err = gone // it was empty a moment ago
		}
	}
	if err == nil {
		err = os.Rename(dir, path)
	}
	if err != nil {
		_ = os.RemoveAll(dir) // nothing half-written stays
	}
	return err
}

// free says whether a folder can be made: samples of two exports in one are no data set.
func free(path string) error {
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return usagef("--out %s: there is something that is no folder; choose another name", path)
	case len(entries) > 0:
		return usagef("--out %s: the folder holds %q already; choose an empty or a new one", path, entries[0].Name())
	}
	return nil
}

func pngSplits(ctx context.Context, dir string, set *datasets.Set, splits []split) error {
	for _, s := range splits {
		for i := range s.N {
			if err := ctx.Err(); err != nil {
				return context.Cause(ctx)
			}
			at := filepath.Join(dir, s.Name)
			if s.Labels {
				at = filepath.Join(at, className(set.Info.Classes, s.samples.Label(i)))
			}
			if err := savePicture(at, i, s.samples); err != nil {
				return err
			}
		}
	}
	return nil
}

// savePicture writes one sample. The folder takes its name when all are there, so that no single file has to.
func savePicture(dir string, i int, s *datasets.Samples) error {
	m, err := runners.Picture(s, i)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := imaging.EncodePNG(&b, m); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, fmt.Sprintf("%06d.png", i)), b.Bytes(), 0o644)
}

// className is the folder of a class: its name, or its number where it has none.
func className(classes []string, label int) string {
	if label >= 0 && label < len(classes) {
		return classes[label]
	}
	return strconv.Itoa(label)
}

func npySplits(dir string, splits []split) error {
	for _, s := range splits {
		if err := saveNPY(filepath.Join(dir, s.Name+".npy"), s.array()); err != nil {
			return err
		}
		if s.Labels {
			if err := saveNPY(filepath.Join(dir, s.Name+"-labels.npy"), s.labels()); err != nil {
				return err
			}
		}
	}
	return nil
}

func npzOf(splits []split) featurizer.NPZ {
	z := featurizer.NPZ{}
	for _, s := range splits {
		z["x_"+s.Name] = s.array()
		if s.Labels {
			z["y_"+s.Name] = s.labels()
		}
	}
	return z
}

// whole is an array of whole numbers.
func whole(shape []int, at func(i int) int) *featurizer.Array {
	a := &featurizer.Array{Shape: shape, Type: "i8"}
	n := 1
	for _, v := range shape {
		n *= v
	}
	for i := range n {
		a.Raw = binary.LittleEndian.AppendUint64(a.Raw, uint64(at(i)))
	}
	return a
}

func saveNPY(path string, a *featurizer.Array) error {
	return atomicfile.Write(path, func(w io.Writer) error { return a.WriteNPY(w) })
}
