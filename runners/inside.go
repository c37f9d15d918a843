package runners

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/zoo"
)

// inside is what metrics that look into a model need, taken while the model is at hand; nil where it has none.
type inside struct {
	likelihood *metrics.LogLikelihood // of held-out samples
	terms      *metrics.LogTerms      // of held-out samples
	inverted   []float64              // squared distances of held-out images from what the model can make
	distances  *metrics.Distances     // of all samples, where the set knows its manifold
	ends       [2]*datasets.Samples   // samples at both ends of short latent segments
	points     *datasets.Samples      // samples along whole latent segments
}

// termCodes is the number of codes drawn for each held-out sample for the bounds of its likelihood.
const termCodes = 10

// insider is what a session can say about its model besides samples.
type insider interface {
	Density() (zoo.Density, bool)
	Estimate(ctx context.Context, x *datasets.Samples) (nats, errors []float64, exact bool, err error)
	Evaluations() float64
	Terms(ctx context.Context, x *datasets.Samples, codes int, seed uint64) (*zoo.Terms, error)
	LatentWidth() int
	Decode(ctx context.Context, z []float32, labels []int) (*datasets.Samples, error)
	Invert(ctx context.Context, x *datasets.Samples, o zoo.Inversion, seed uint64) ([]float64, error)
}

var _ insider = (*zoo.Session)(nil)

// look asks the model for what the cell's metrics need and it can give.
func look(ctx context.Context, c Cell, session insider, set loaded) (in inside, err error) {
	needs := func(n metrics.Need) bool {
		return slices.ContainsFunc(c.measures, func(m metrics.Metric) bool { return slices.Contains(m.Info().Needs, n) })
	}
	if d, ok := session.Density(); ok && set.Test != nil {
		held := set.Test.Slice(0, min(c.Samples, set.Test.Len()))
		if needs(metrics.NeedLikelihood) {
			l := &metrics.LogLikelihood{Discrete: d.Discrete, Sites: d.Sites, Estimated: d.Estimated}
			if l.Nats, l.Errors, l.Exact, err = session.Estimate(ctx, held); err != nil {
				return in, err
			}
			in.likelihood = l
		}
		if d.Terms && needs(metrics.NeedTerms) {
			if in.terms, err = terms(ctx, session, held, c.Seed); err != nil {
				return in, err
			}
			in.terms.Dim = d.Sites
		}
	}
	width := session.LatentWidth()
	if width > 0 && needs(metrics.NeedDistances) && set.Distance != nil {
		held := set.Test.Slice(0, min(maxInverted, set.Test.Len()))
		if in.inverted, err = session.Invert(ctx, held, zoo.DefaultInversion(), c.Seed); err != nil {
			return in, err
		}
		for i := range in.inverted { // of values in [-1, 1], whose ink is half as far apart
			in.inverted[i] /= 4
		}
	}
	if width > 0 && needs(metrics.NeedEnds) {
		a, b := segmentEnds(width, min(c.Samples, segments), c.Seed)
		for k, z := range [][]float32{a, b} {
			if in.ends[k], err = session.Decode(ctx, z, nil); err != nil {
				return in, err
			}
		}
	}
	if width > 0 && needs(metrics.NeedPath) {
		if in.points, err = session.Decode(ctx, segmentPoints(width, c.Seed), nil); err != nil {
			return in, err
		}
	}
	return in, nil
}

// How many samples are measured against a manifold: each is a small optimisation of its own.
const (
	maxDistances = 1000
	maxInverted  = 200
)

// measureDistances measures the first samples against the manifold that the set knows; nothing where it knows none or no metric asks.
func (in *inside) measureDistances(ctx context.Context, c Cell, set loaded, samples *datasets.Samples) error {
	asked := slices.ContainsFunc(c.measures, func(m metrics.Metric) bool { return slices.Contains(m.Info().Needs, metrics.NeedDistances) })
	if !asked || set.Distance == nil || samples == nil {
		return nil
	}
	in.distances = &metrics.Distances{Inverted: in.inverted, Fake: make([]float64, min(maxDistances, samples.Len()))}
	for i := range in.distances.Fake {
		if err := ctx.Err(); err != nil {
			return err
		}
		d := set.Distance(samples.Row(i))
		if !finite(d) {
			in.distances = nil // samples that are no numbers are on no manifold: every metric says so
			return nil
		}
		in.distances.Fake[i] = d
	}
	return nil
}

// terms are the terms of the bound on the likelihood of held-out samples.
func terms(ctx context.Context, session insider, held *datasets.Samples, seed uint64) (*metrics.LogTerms, error) {
	t, err := session.Terms(ctx, held, termCodes, seed)
	if err != nil {
		return nil, err
	}
	shape := func(v []float64) *mat.Dense { return mat.NewDense(held.Len(), termCodes, v) }
	return &metrics.LogTerms{PX: shape(t.PX), PZ: shape(t.PZ), QZ: shape(t.QZ)}, nil
}

// path brings the samples along segments into a feature space.
func (in inside) path(ctx context.Context, f featurizer.Featurizer) (*metrics.LatentPath, error) {
	if in.ends[0] == nil && in.points == nil {
		return nil, nil
	}
	p := &metrics.LatentPath{Eps: segmentEps, Steps: pointsOfSegment}
	for _, part := range []struct {
		samples *datasets.Samples
		to      **mat.Dense
	}{{in.ends[0], &p.A}, {in.ends[1], &p.B}, {in.points, &p.Points}} {
		if part.samples == nil {
			continue
		}
		out, err := f.Featurize(ctx, part.samples)
		if err != nil {
			return nil, fmt.Errorf("featurizer %s: %w", f.ID(), err)
		}
		*part.to = out.Features
	}
	return p, nil
}
