package metrics

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// Interpolation returns how far the generator stays on the data along segments of its latent space. A point is valid if it lies in the ball of any real
// row, whose radius is the distance to its K-th nearest other real row [kynkaanniemi2019].
//
//	interpolation       share of inner points that are valid
//	interpolation_ends  the same of the segments' ends: what validity can be had
//	interpolation_jump  mean over segments of the largest over the mean step; 1 is even, the number of steps a single leap
//
// Between far modes a continuous generator must leave the data: read it beside interpolation_ends. Wilson's intervals treat points as independent.
type Interpolation struct{ K int }

func (m *Interpolation) settings() settings {
	return settings{intSetting("k", &m.K, 3, 1, "neighbours that make a ball")}
}

var _ Metric = Interpolation{}

// With returns a copy with one option changed.
func (m Interpolation) With(option, v string) (Metric, error) {
	return with(&m, m.settings(), option, v)
}

// Info describes the metric.
func (m Interpolation) Info() Info {
	return Info{ID: "interpolation", Domain: anywhere(0), Title: "validity of latent interpolation", Values: []string{"interpolation", "interpolation_ends", "interpolation_jump"},
		Better: Higher, Ideal: 1, Lo: 0, Hi: 1, Needs: []Need{NeedPath}, Paper: "kynkaanniemi2019", Options: m.settings().options()}
}

// Compute implements Metric.
func (m Interpolation) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	if err := enoughFor("interpolation", "real", m.K, rows(p.Real)); err != nil {
		return Result{}, err
	}
	radii, err := p.Shared.radii(ctx, p.Real, m.K)
	if err != nil {
		return Result{}, err
	}
	b, err := numeric.BallQuery{Real: p.Real, Fake: p.Path.Points, RealR: radii}.Count(ctx)
	if err != nil {
		return Result{}, err
	}
	steps := p.Path.Steps
	inner, ends, n := 0, 0, len(b.InReal)
	for i, c := range b.InReal {
		if c == 0 {
			continue
		}
		if s := i % steps; s == 0 || s == steps-1 {
			ends++
		} else {
			inner++
		}
	}
	segments := n / steps
	r := newResult(m.settings(), share("interpolation", inner, n-2*segments, Higher), share("interpolation_ends", ends, 2*segments, None))
	jumps := stepRatios(p.Path.Points, steps)
	if len(jumps) < segments {
		r.warn("%d of %d segments do not move: the generator ignores its latent code there", segments-len(jumps), segments)
	}
	if len(jumps) > 0 {
		mean, se := meanSE(jumps)
		r.Values = append(r.Values, value("interpolation_jump", mean, Near).within(around(mean, se, 1, math.Inf(1), "normal")))
	}
	return r, nil
}

// stepRatios is the largest over the mean step of every segment that moves.
func stepRatios(x *mat.Dense, steps int) []float64 {
	var out []float64
	for s := 0; s+steps <= rows(x); s += steps {
		top, sum := 0.0, 0.0
		for t := 1; t < steps; t++ {
			d := math.Sqrt(numeric.SqDist(x.RawRowView(s+t-1), x.RawRowView(s+t)))
			top, sum = max(top, d), sum+d
		}
		if sum > 0 {
			out = append(out, top*float64(steps-1)/sum)
		}
	}
	return out
}
