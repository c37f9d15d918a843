package runners

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
)

// OpenSide reads samples from a path: an npy or npz array (N x D features, or N x H x W and N x H x W x C images), an npz file of statistics (mu, sigma), or
// images in a folder, a zip or tar archive, an IDX or a CIFAR file. lo and hi are the range of float images; both 0 means that it must show: values below 0 within -1 to 1.
func OpenSide(ctx context.Context, path string, lo, hi float64) (*Side, error) {
	s := &Side{Path: path}
	if !isArray(path) {
		set, err := source.Open(ctx, path, source.Options{})
		if err != nil {
			return nil, err
		}
		s.Source = set
		return s, nil
	}
	if stats, err := featurizer.ReadStatistics(path); err == nil {
		s.Stats = stats.Stats
		return s, nil
	}
	a, err := featurizer.ReadArray(path)
	if err != nil {
		return nil, err
	}
	if len(a.Shape) <= 2 {
		if s.Features, err = a.Matrix(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return s, nil
	}
	if s.Samples, err = arrayImages(a, lo, hi); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func isArray(path string) bool {
	st, err := os.Stat(path)
	return strings.Contains(path, ".npz:") || (err != nil || !st.IsDir()) && (strings.HasSuffix(path, ".npy") || strings.HasSuffix(path, ".npz"))
}

// arrayImages turns an array of rank 3 or 4 into samples.
func arrayImages(a *featurizer.Array, lo, hi float64) (*datasets.Samples, error) {
	shape := a.Shape[1:]
	if len(shape) == 2 {
		shape = append(shape[:2:2], 1)
	}
	if len(shape) != 3 || shape[2] != 1 && shape[2] != 3 {
		hint := ""
		if len(shape) == 3 && (shape[0] == 1 || shape[0] == 3) {
			hint = "; it looks like N x C x H x W: save arr.transpose(0, 2, 3, 1)"
		}
		return nil, fmt.Errorf("array of shape %v: want N x D features, or N x H x W x C images with 1 or 3 channels%s: %w", a.Shape, hint, datasets.ErrShape)
	}
	if a.Type == "u1" {
		lo, hi = 0, 255
	}
	values := a.Float64s()
	if lo == hi {
		var err error
		if lo, hi, err = signedRange(values); err != nil {
			return nil, err
		}
	}
	data := make([]float32, len(values))
	for i, v := range values {
		if v < lo || v > hi {
			return nil, fmt.Errorf("value %v of image %d is outside of the range %v to %v", v, i/(len(values)/a.Shape[0]), lo, hi)
		}
		data[i] = float32((v-lo)/(hi-lo)*2 - 1)
	}
	return datasets.NewSamples(shape, data, nil)
}

// signedRange accepts values that can only be meant as -1 to 1. Anything else is refused rather than guessed: a wrong guess gives a plausible number.
func signedRange(values []float64) (lo, hi float64, err error) {
	least, most := 0.0, 0.0
	for _, v := range values {
		least, most = min(least, v), max(most, v)
	}
	if least < 0 && least >= -1 && most <= 1 {
		return -1, 1, nil
	}
	return 0, 0, fmt.Errorf("float images with values from %v to %v: their range cannot be told; state it by --range, such as --range 0,1 or --range 0,255", least, most)
}

// ReadLabels reads class indices from a one-dimensional npy or npz array.
func ReadLabels(path string) ([]int, error) {
	a, err := featurizer.ReadArray(path)
	if err != nil {
		return nil, err
	}
	if len(a.Shape) != 1 {
		return nil, fmt.Errorf("%s: labels of shape %v: want one number a sample: %w", path, a.Shape, datasets.ErrShape)
	}
	labels := make([]int, a.Shape[0])
	for i, v := range a.Float64s() {
		labels[i] = int(v)
		if float64(labels[i]) != v || v < 0 {
			return nil, fmt.Errorf("%s: label %d is %v: want whole numbers from 0", path, i, v)
		}
	}
	return labels, nil
}

// ReadMatrix reads a two-dimensional array.
func ReadMatrix(path string) (*mat.Dense, error) {
	a, err := featurizer.ReadArray(path)
	if err != nil {
		return nil, err
	}
	m, err := a.Matrix()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// samples are the side's images as one set; all must have one size.
func (s *Side) samples(ctx context.Context) (*datasets.Samples, error) {
	if s == nil || s.Samples != nil || s.Source == nil {
		if s == nil {
			return nil, nil
		}
		return s.Samples, nil
	}
	var shape []int
	var data []float32
	for i := range s.Source.Items {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, _, err := s.Source.Image(i)
		if err != nil {
			return nil, err
		}
		if shape == nil {
			shape = []int{m.H, m.W, m.C}
		}
		if !slices.Equal(shape, []int{m.H, m.W, m.C}) {
			return nil, fmt.Errorf("%s: %s is %d x %d x %d, but the first image %v: bring all images to one size first: %w", s.Path, s.Source.Items[i].Name, m.H, m.W, m.C, shape, datasets.ErrShape)
		}
		data = m.Float(data)
	}
	var err error
	s.Samples, err = datasets.NewSamples(shape, data, nil)
	return s.Samples, err
}

// featurize maps the side to features. Images that cannot be read end it, unless skip asks to leave them out with a warning.
func (s *Side) featurize(ctx context.Context, f featurizer.Featurizer, skip bool) (*featurizer.Output, error) {
	if s.Source == nil {
		return f.Featurize(ctx, s.Samples)
	}
	out, rep, err := source.Run{Skip: skip}.Features(ctx, s.Source, f)
	if err != nil {
		return nil, err
	}
	for _, b := range rep.Bad {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: left out: %s", b.Name, b.Error))
	}
	for _, w := range slices.Sorted(maps.Keys(rep.Warnings)) {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: %s (%d images)", s.Path, w, rep.Warnings[w]))
	}
	return out, nil
}
