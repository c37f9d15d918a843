package runners

import (
	"archive/zip"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/rng"
)

// Side is what is known of one set in a score: samples or a source of images to be featurized, features as they are, or their statistics.
type Side struct {
	Path     string
	Samples  *datasets.Samples
	Source   *source.Set
	Features *mat.Dense
	Stats    *featurizer.Statistics
	Report   *source.Report // what became of the images, once they are featurized; nil for arrays
	Warnings []string
}

// Len is the number of rows: of those that could be used, once that is known.
func (s *Side) Len() int {
	switch {
	case s == nil:
		return 0
	case s.Report != nil:
		return s.Report.Images
	case s.Features != nil:
		n, _ := s.Features.Dims()
		return n
	case s.Samples != nil:
		return s.Samples.Len()
	case s.Source != nil:
		return len(s.Source.Items)
	}
	return s.Stats.N
}

// Take keeps n samples chosen at random from the seed, in their order; all of them where there are no more. The same seed and size choose the same
// places. Statistics cannot be thinned.
func (s *Side) Take(n int, seed uint64) error {
	have := s.Len()
	if s.Stats != nil {
		return fmt.Errorf("%s: statistics hold no single samples to choose %d from", s.Path, n)
	}
	if n >= have {
		return nil
	}
	at := rng.Stream(seed, "take").Perm(have)[:n]
	slices.Sort(at)
	switch {
	case s.Source != nil:
		items := make([]source.Item, n)
		for i, k := range at {
			items[i] = s.Source.Items[k]
		}
		s.Source.Items = items
	case s.Samples != nil:
		s.Samples = s.Samples.Select(at)
	default:
		s.Features = rowsOf(s.Features, at)
	}
	return nil
}

// labels are the classes that a source gives its usable images, by sub-folder or file; nil without.
func (s *Side) labels() []int {
	if s == nil || s.Source == nil || s.Report == nil || s.Source.Items[0].Label < 0 {
		return nil
	}
	bad := s.bad()
	var labels []int
	for _, it := range s.Source.Items {
		if !bad[it.Name] {
			labels = append(labels, it.Label)
		}
	}
	return labels
}

// bad names the images that cannot be used, as far as that is known.
func (s *Side) bad() map[string]bool {
	bad := map[string]bool{}
	if s.Report != nil {
		for _, b := range s.Report.Bad {
			bad[b.Name] = true
		}
	}
	return bad
}

// OpenSide reads samples from a path: an npy or npz array (N x D features, or N x H x W and N x H x W x C images), an npz file of statistics (mu, sigma), or
// images in a folder, a zip or tar archive, an IDX or a CIFAR file. lo and hi are the range of float images; both 0 means that it must show: values below 0 within -1 to 1.
func OpenSide(ctx context.Context, path string, lo, hi float64, o source.Options) (*Side, error) {
	s := &Side{Path: path}
	if !isArray(path) {
		set, err := source.Open(ctx, path, o)
		if err != nil {
			return nil, err
		}
		s.Source = set
		return s, nil
	}
	if holdsStatistics(path) {
		stats, err := featurizer.ReadStatistics(path)
		s.Stats = stats
		return s, err
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
	if _, err := imageShape(a); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if a.Type == "u1" { // bytes stay bytes
		s.Source, err = source.Open(ctx, path, o)
		return s, err
	}
	if s.Samples, err = arrayImages(a, lo, hi); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// holdsStatistics looks at the names in an npz archive only: arrays of images may be large.
func holdsStatistics(path string) bool {
	z, err := inputfile.OpenZip(path)
	if err != nil {
		return false
	}
	defer z.Close()
	return slices.ContainsFunc(z.File, func(f *zip.File) bool { return f.Name == "mu.npy" || f.Name == "sigma.npy" })
}

func isArray(path string) bool {
	st, err := os.Stat(path)
	return strings.Contains(path, ".npz:") || (err != nil || !st.IsDir()) && (strings.HasSuffix(path, ".npy") || strings.HasSuffix(path, ".npz"))
}

// imageShape is H, W, C of an array of rank 3 or 4.
func imageShape(a *featurizer.Array) ([]int, error) {
	shape := a.Shape[1:]
	if len(shape) == 2 {
		shape = append(shape[:2:2], 1)
	}
	if len(shape) != 3 || shape[2] != 1 && shape[2] != 3 {
		hint := ""
		if len(shape) == 3 && (shape[0] == 1 || shape[0] == 3) {
			hint = "; it looks like N x C x H x W: save arr.transpose(0, 2, 3, 1)"
		}
		return nil, fault.Of(datasets.ErrShape, "array of shape %v: want N x D features, or N x H x W x C images with 1 or 3 channels%s", a.Shape, hint)
	}
	return shape, nil
}

// arrayImages turns an array of floats into samples.
func arrayImages(a *featurizer.Array, lo, hi float64) (*datasets.Samples, error) {
	shape, err := imageShape(a)
	if err != nil {
		return nil, err
	}
	values := a.Float64s()
	if lo == hi {
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
	return 0, 0, fmt.Errorf("float images with values from %v to %v: their range cannot be told; state it to OpenSide, such as 0,1 or 0,255", least, most)
}

// ReadLabels reads class indices from a one-dimensional npy or npz array.
func ReadLabels(path string) ([]int, error) {
	a, err := featurizer.ReadArray(path)
	if err != nil {
		return nil, err
	}
	if len(a.Shape) != 1 {
		return nil, fault.Of(datasets.ErrShape, "%s: labels of shape %v: want one number a sample", path, a.Shape)
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
	images, channels, err := s.decoded(ctx)
	if err != nil {
		return nil, err
	}
	var data []float32
	for _, m := range images {
		same, err := m.Channels(channels)
		if err != nil {
			return nil, err
		}
		data = same.Float(data)
	}
	s.Samples, err = datasets.NewSamples([]int{images[0].H, images[0].W, channels}, data, nil)
	return s.Samples, err
}

// decoded is the usable images, all of one size, and the most channels of one: grey ones go among coloured ones as a featurizer of single images takes them.
func (s *Side) decoded(ctx context.Context) (images []*imaging.Image, channels int, err error) {
	bad := s.bad()
	for i, it := range s.Source.Items {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		if bad[it.Name] {
			continue
		}
		m, _, err := s.Source.Image(i)
		if err != nil {
			return nil, 0, err
		}
		images, channels = append(images, m), max(channels, m.C)
		if first := images[0]; m.H != first.H || m.W != first.W {
			return nil, 0, fault.Of(datasets.ErrShape, "%s: %s is %d x %d, but the first image %d x %d: bring all images to one size first", s.Path, it.Name, m.H, m.W, first.H, first.W)
		}
	}
	if len(images) == 0 {
		return nil, 0, fault.Of(datasets.ErrShape, "%s: none of %d images can be used", s.Path, len(s.Source.Items))
	}
	return images, channels, nil
}
