package runners

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// Side is what is known of one set in a score: samples or a source of images to be featurized, features as they are, or their statistics.
type Side struct {
	Path     string
	Samples  *datasets.Samples
	Source   *source.Set
	Features *mat.Dense
	Stats    *featurizer.Statistics
	Names    []string       // of the rows of Features, where a table calls them by name
	Classes  []string       // names of the classes of the rows of Features, where a table gives any
	Report   *source.Report // what became of the images, once they are featurized; nil for arrays
	Warnings []string

	file     *rowFile // features that are not read yet, see OpenRows
	byName   bool     // a table was joined to the samples by their names
	taken    bool     // a part of what lies at Path
	prepared string   // see PreparedBy
	rowClass []int    // the class of each row of Features, an index into Classes
}

// Len is the number of rows: of those that could be used, once that is known.
func (s *Side) Len() int {
	switch {
	case s == nil:
		return 0
	case s.Report != nil:
		return s.Report.Images
	case s.file != nil:
		return s.file.n
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
		return s.Load()
	}
	at := rng.Stream(seed, "take").Perm(have)[:n]
	slices.Sort(at)
	s.taken = true
	switch {
	case s.Source != nil:
		items := make([]source.Item, n)
		for i, k := range at {
			items[i] = s.Source.Items[k]
		}
		s.Source.Items = items
	case s.Samples != nil:
		s.Samples = s.Samples.Select(at)
	case s.file != nil:
		var err error
		s.Features, err = s.file.pick(at)
		s.file = nil
		return err
	default:
		s.Features = numeric.Pick(s.Features, at)
		s.Names, s.rowClass = picked(s.Names, at), picked(s.rowClass, at)
	}
	return nil
}

// picked is the values at some places; nil of none.
func picked[T any](v []T, at []int) []T {
	if v == nil {
		return nil
	}
	out := make([]T, len(at))
	for i, k := range at {
		out[i] = v[k]
	}
	return out
}

// classNames are the names of the labels.
func (s *Side) classNames() []string {
	if s.Source != nil {
		return s.Source.Classes
	}
	return s.Classes
}

// labels are the classes that a source gives its usable images, by sub-folder or file, or a table its rows; nil without.
func (s *Side) labels() []int {
	if s != nil && s.rowClass != nil {
		return s.rowClass
	}
	if s == nil || s.Source == nil || s.Report == nil {
		return nil
	}
	bad := s.bad()
	var labels []int
	for _, it := range s.Source.Items {
		switch {
		case bad[it.Name]:
		case it.Label < 0:
			return nil
		default:
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

// OpenSide reads samples from a path: an array of npy, npz, PyTorch or safetensors (N x D features, or N x H x W and N x H x W x C images), a table of features (CSV), an npz file of statistics (mu, sigma), or
// images in a folder, a zip or tar archive, an IDX or a CIFAR file. lo and hi are the range of float images; both 0 means that the values must show it: all within -1 to 1 and
// some so far below 0 that no resampling of images in 0 to 1 leaves them, or whole numbers of 0 to 255.
func OpenSide(ctx context.Context, path string, lo, hi float64, o source.Options) (*Side, error) {
	s := &Side{Path: path}
	if !featurizer.IsArrayFile(path) {
		set, err := source.Open(ctx, path, o)
		if err != nil {
			return nil, err
		}
		s.Source = set
		if set.NoClass != "" {
			s.Warnings = append(s.Warnings, path+": no classes are taken: "+set.NoClass)
		}
		return s, nil
	}
	if featurizer.IsTable(path) {
		return s, s.openTable(path)
	}
	if featurizer.IsPickle(path) || holdsStatistics(path) {
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
	if _, err = imaging.ArrayShape(a.Shape); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if _, whole := a.Bytes(); a.Type == "u1" || lo == hi && whole { // bytes stay bytes
		s.Source, err = source.OfArray(path, a)
		return s, err
	}
	if s.Samples, err = arrayImages(a, lo, hi); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// ReadLabels reads class indices from an array of one dimension, from a table: its column of classes, or its only one of numbers, or from a text file (.txt) with one a line.
func ReadLabels(path string) ([]int, error) {
	if featurizer.IsTable(path) {
		return tableLabels(path)
	}
	if strings.EqualFold(filepath.Ext(path), ".txt") {
		return lineLabels(path)
	}
	a, err := featurizer.ReadArray(path)
	if err != nil {
		return nil, err
	}
	if len(a.Shape) != 1 {
		return nil, fault.Of(datasets.ErrShape, "%s: labels of shape %v: want one number a sample", path, a.Shape)
	}
	return wholeLabels(path, a.Float64s())
}

// lineLabels reads classes from a text file, one a line.
func lineLabels(path string) ([]int, error) {
	lines, err := textLines(path)
	if err != nil {
		return nil, err
	}
	labels := make([]int, len(lines))
	for i, line := range lines {
		if labels[i], err = strconv.Atoi(strings.TrimSpace(line)); err != nil || labels[i] < 0 {
			return nil, fault.Of(datasets.ErrShape, "%s: line %d is %.40q: want a whole number from 0, the class of one sample", path, i+1, line)
		}
	}
	return labels, nil
}

func wholeLabels(path string, values []float64) ([]int, error) {
	labels := make([]int, len(values))
	for i, v := range values {
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
