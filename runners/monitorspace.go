package runners

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// How much a monitor looks at, so that a look costs milliseconds.
const (
	watchClusters = 20   // of real samples, where neither modes nor classes are known
	watchReal     = 2000 // real samples at most
	watchRepeats  = 500  // samples searched for near-duplicates: the search is quadratic
	watchSigmas   = 3.   // standard deviations from a known mode within which a sample is on it
	fairPart      = 1. / 3
)

// watchSpace is where a monitor looks at samples: what their modes are, and how real samples lie in it.
type watchSpace struct {
	f           featurizer.Featurizer
	of          string // modes, classes or clusters
	fair        []float64
	bins        func(ctx context.Context, samples *datasets.Samples, out *featurizer.Output) (nearest []int, on []bool, err error)
	spread      float64 // of the real features
	near2       float64 // squared distance that one in a hundred real samples has a neighbour within
	repeatsReal float64
}

// sight is what a look shows.
type sight struct {
	counts     []int
	covered    int
	effective  float64
	repeats    float64
	spread     float64
	notNumbers int
}

// newWatchSpace looks at real samples: by the modes of their known distribution, or else by the classes that the featurizer tells, or else by clusters of theirs.
func newWatchSpace(ctx context.Context, f featurizer.Featurizer, set loaded) (*watchSpace, error) {
	real, err := set.split("train")
	if err != nil {
		return nil, err
	}
	real = real.Slice(0, min(watchReal, real.Len()))
	out, err := f.Featurize(ctx, real)
	if err != nil {
		return nil, fmt.Errorf("monitor: featurizer %s: %w", f.ID(), err)
	}
	s := &watchSpace{f: f, spread: totalSpread(out.Features)}
	k := 0
	switch truth := set.truth(); {
	case truth != nil:
		s.of, s.bins = "modes", func(_ context.Context, x *datasets.Samples, _ *featurizer.Output) (nearest []int, on []bool, err error) {
			for i := range x.Len() {
				mode, sigmas := truth.Nearest(x.Row(i))
				nearest, on = append(nearest, mode), append(on, sigmas < watchSigmas)
			}
			return nearest, on, nil
		}
		s.fair = slices.Repeat([]float64{1 / float64(len(truth.Modes))}, len(truth.Modes))
	case out.Probs != nil:
		_, k = out.Probs.Dims()
		s.of, s.bins = "classes", func(_ context.Context, _ *datasets.Samples, o *featurizer.Output) (nearest []int, on []bool, err error) {
			n, _ := o.Probs.Dims()
			for i := range n {
				row := o.Probs.RawRowView(i)
				nearest = append(nearest, slices.Index(row, slices.Max(row)))
			}
			return nearest, nil, nil
		}
	default:
		n, _ := out.Features.Dims()
		clusters, failed := numeric.KMeans{K: min(watchClusters, n)}.Fit(ctx, out.Features, rng.Stream(1, "runners", "monitor", "clusters"))
		if failed != nil {
			return nil, fmt.Errorf("monitor: %w", failed)
		}
		k, _ = clusters.Centers.Dims()
		s.of, s.bins = "clusters", func(ctx context.Context, _ *datasets.Samples, o *featurizer.Output) ([]int, []bool, error) {
			nearest, failed := clusters.Nearest(ctx, o.Features)
			return nearest, nil, failed
		}
	}
	if s.fair == nil {
		if s.fair, err = s.shares(ctx, real, out, k); err != nil {
			return nil, err
		}
	}
	return s, s.distances(ctx, out.Features)
}

// shares are those of the real samples in k bins.
func (s *watchSpace) shares(ctx context.Context, real *datasets.Samples, out *featurizer.Output, k int) ([]float64, error) {
	nearest, _, err := s.bins(ctx, real, out)
	if err != nil {
		return nil, err
	}
	fair := make([]float64, k)
	for _, b := range nearest {
		fair[b] += 1 / float64(len(nearest))
	}
	return fair, nil
}

// distances finds how near real samples lie to each other.
func (s *watchSpace) distances(ctx context.Context, x *mat.Dense) error {
	r, err := numeric.Radii(ctx, firstRows(x, watchRepeats), 1)
	if err != nil {
		return err
	}
	slices.Sort(r)
	s.near2 = r[len(r)/100]
	s.repeatsReal, err = s.repeats(ctx, x)
	return err
}

func firstRows(x *mat.Dense, most int) *mat.Dense {
	n, d := x.Dims()
	return mat.DenseCopyOf(x.Slice(0, min(n, most), 0, d))
}

// repeats is the share of the first rows that have another one as near as one real sample in a hundred has.
func (s *watchSpace) repeats(ctx context.Context, x *mat.Dense) (float64, error) {
	part := firstRows(x, watchRepeats)
	counts, _, err := numeric.Within(ctx, part, part, s.near2)
	n := 0
	for _, c := range counts {
		if c > 0 {
			n++
		}
	}
	return float64(n) / float64(len(counts)), err
}

// see looks at samples. Those that are no numbers are counted and left out.
func (s *watchSpace) see(ctx context.Context, samples *datasets.Samples) (seen sight, err error) {
	seen.counts = make([]int, len(s.fair))
	var keep []int
	for i := range samples.Len() {
		if !slices.ContainsFunc(samples.Row(i), func(v float32) bool { return v-v != 0 }) {
			keep = append(keep, i)
		}
	}
	if seen.notNumbers = samples.Len() - len(keep); len(keep) < 2 {
		return seen, nil
	}
	if seen.notNumbers > 0 {
		samples = samples.Select(keep)
	}
	out, err := s.f.Featurize(ctx, samples)
	if err != nil {
		return seen, fmt.Errorf("featurizer %s: %w", s.f.ID(), err)
	}
	nearest, on, err := s.bins(ctx, samples, out)
	if err != nil {
		return seen, err
	}
	good := make([]float64, len(s.fair))
	for i, k := range nearest {
		seen.counts[k]++
		if on == nil || on[i] {
			good[k]++
		}
	}
	shares := make([]float64, len(s.fair))
	for k, c := range seen.counts {
		shares[k] = float64(c) / float64(len(nearest))
		if g := good[k] / float64(len(nearest)); s.fair[k] > 0 && g >= fairPart*s.fair[k] {
			seen.covered++
		}
	}
	seen.effective = effective(shares)
	if s.spread > 0 {
		seen.spread = totalSpread(out.Features) / s.spread
	}
	seen.repeats, err = s.repeats(ctx, out.Features)
	return seen, err
}

// totalSpread is the square root of the summed variances of all columns.
func totalSpread(x *mat.Dense) float64 {
	n, d := x.Dims()
	total := 0.0
	mean := make([]float64, d)
	for i := range n {
		for j, v := range x.RawRowView(i) {
			mean[j] += v / float64(n)
		}
	}
	for i := range n {
		for j, v := range x.RawRowView(i) {
			total += (v - mean[j]) * (v - mean[j])
		}
	}
	return math.Sqrt(total / float64(n))
}
