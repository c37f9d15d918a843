package runners

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/zoo"
)

// inside is what metrics that look into a model need, taken while the model is at hand; nil where it has none.
type inside struct {
	likelihood *metrics.LogLikelihood // of held-out samples
	terms      *metrics.LogTerms      // of held-out samples
	ends       [2]*datasets.Samples   // samples at both ends of short latent segments
}

// termCodes is the number of codes drawn for each held-out sample for the bounds of its likelihood.
const termCodes = 10

// The latent segments of the path length: their number, and their length in units of the whole segment [karras2019].
const (
	segments   = 500
	segmentEps = 1e-4
)

// insider is what a session can say about its model besides samples.
type insider interface {
	Density() (zoo.Density, bool)
	LogLikelihood(ctx context.Context, x *datasets.Samples) (nats []float64, exact bool, err error)
	Terms(ctx context.Context, x *datasets.Samples, codes int, seed uint64) (*zoo.Terms, error)
	LatentWidth() int
	Decode(ctx context.Context, z []float32, labels []int) (*datasets.Samples, error)
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
			l := &metrics.LogLikelihood{Discrete: d.Discrete, Sites: d.Sites}
			if l.Nats, l.Exact, err = session.LogLikelihood(ctx, held); err != nil {
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
	if width := session.LatentWidth(); width > 0 && needs(metrics.NeedEnds) {
		a, b := segmentEnds(width, min(c.Samples, segments), c.Seed)
		for k, z := range [][]float32{a, b} {
			if in.ends[k], err = session.Decode(ctx, z, nil); err != nil {
				return in, err
			}
		}
	}
	return in, nil
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

// segmentEnds are latent vectors at t and t + eps of n great-circle segments between pairs of normal vectors, t uniform.
func segmentEnds(width, n int, seed uint64) (a, b []float32) {
	s := rng.Stream(seed, "runners", "path")
	u, v := make([]float64, width), make([]float64, width)
	for range n {
		uu, vv, uv := 0.0, 0.0, 0.0
		for j := range u {
			u[j], v[j] = s.Normal(), s.Normal()
			uu, vv, uv = uu+u[j]*u[j], vv+v[j]*v[j], uv+u[j]*v[j]
		}
		t := s.Float64()
		angle := math.Acos(max(-1, min(1, uv/math.Sqrt(uu*vv))))
		for k, at := range []float64{t, t + segmentEps} {
			p, q := 1-at, at
			if angle > 1e-6 {
				p, q = math.Sin((1-at)*angle)/math.Sin(angle), math.Sin(at*angle)/math.Sin(angle)
			}
			for j := range u {
				z := float32(p*u[j] + q*v[j])
				if k == 0 {
					a = append(a, z)
				} else {
					b = append(b, z)
				}
			}
		}
	}
	return a, b
}

// path brings both ends into a feature space.
func (in inside) path(ctx context.Context, f featurizer.Featurizer) (*metrics.LatentPath, error) {
	if in.ends[0] == nil {
		return nil, nil
	}
	p := &metrics.LatentPath{Eps: segmentEps}
	for k, s := range in.ends {
		out, err := f.Featurize(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("featurizer %s: %w", f.ID(), err)
		}
		if k == 0 {
			p.A = out.Features
		} else {
			p.B = out.Features
		}
	}
	return p, nil
}
