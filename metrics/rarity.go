package metrics

import (
	"context"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/numeric"
)

// Rarity returns the rarity score [han2023]: the least radius among the balls of K neighbours around real rows that hold a fake (d < r), large where real rows are sparse.
//
//	rarity      = mean over the fakes that lie in a ball, in the unit of the features
//	rarity_real = the same for the real rows among the other real rows' balls, what an honest generator reads like
//	rarity_in   = share of the fakes that lie in a ball (precision with K)
//
// A generator of typical samples alone reads below rarity_real. Samples gives it for each fake: the rarest samples that are still real, an order to look at them in. Needs more
// than K rows on the real side. Interval of rarity_in: random halves, for the mean at these N. Samples equal the authors' code (k 3).
type Rarity struct{ K int }

var _ Metric = Rarity{}

func (m *Rarity) settings() settings {
	return settings{intSetting("k", &m.K, 3, 1, "neighbours that make a ball")}
}

// With returns a copy with one option changed.
func (m Rarity) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m Rarity) Info() Info {
	return Info{ID: "rarity", Domain: anywhere(1), Title: "rarity of samples", Values: []string{"rarity", "rarity_real", "rarity_in"}, Better: None, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedFeatures}, Paper: "han2023", Options: m.settings().options()}
}

// Compute implements Metric.
func (m Rarity) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	return resampled(ctx, p, "rarity", m.K, func(string) (lo, hi float64) { return 0, math.Inf(1) }, m.pass)
}

func (m Rarity) pass(ctx context.Context, p Pair) (Result, error) {
	fakes, err := m.samples(ctx, p)
	if err != nil {
		return Result{}, err
	}
	r2, err := p.Shared.radii(ctx, p.Real, m.K)
	if err != nil {
		return Result{}, err
	}
	yardstick, err := numeric.LeastBall(ctx, p.Real, p.Real, r2)
	if err != nil {
		return Result{}, err
	}
	in, mean := inBall(fakes)
	r := newResult(m.settings(), value("rarity", mean, None))
	if k, own := inBall(roots(yardstick)); k > 0 {
		r.Values = append(r.Values, value("rarity_real", own, None))
	}
	r.Values = append(r.Values, value("rarity_in", float64(in)/float64(len(fakes)), Higher))
	if in == 0 {
		r.degenerate("no fake lies in a ball of %d neighbours around a real row: there is nothing to rank; see precision", m.K)
	}
	return r, nil
}

// inBall counts the samples that lie in a ball, with the mean of their scores.
func inBall(scores []float64) (n int, mean float64) {
	for _, v := range scores {
		if v > 0 {
			n++
			mean += v
		}
	}
	return n, mean / float64(max(1, n))
}

// Samples returns the score of every fake, 0 for one that lies in no ball and is left out of a ranking.
func (m Rarity) Samples(ctx context.Context, p Pair) ([]float64, error) {
	if err := ready(&m, p); err != nil {
		return nil, err
	}
	return m.samples(ctx, p)
}

func (m Rarity) samples(ctx context.Context, p Pair) ([]float64, error) {
	if err := enoughFor("rarity", "real", m.K, rows(p.Real)); err != nil {
		return nil, err
	}
	r2, err := p.Shared.radii(ctx, p.Real, m.K)
	if err != nil {
		return nil, err
	}
	least, err := numeric.LeastBall(ctx, p.Real, apart(p.Fake, p.Real), r2)
	return roots(least), err
}

// roots are those of finite squares; what is infinite becomes 0.
func roots(x []float64) []float64 {
	out := slices.Clone(x)
	for i, v := range x {
		if out[i] = math.Sqrt(v); math.IsInf(v, 1) {
			out[i] = 0
		}
	}
	return out
}
