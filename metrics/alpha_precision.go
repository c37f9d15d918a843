package metrics

import (
	"context"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/numeric"
)

// AlphaPrecision returns integrated alpha-precision and beta-recall [alaa2022] in the naive form: balls around the mean of the features as they are, which
// later code calls naive beside the paper's one-class embedding; numbers of the two are not comparable. The ball around the real centre that holds a share alpha of the real
// rows should hold the same share of the fakes; the ball around the fake centre that holds a share beta of the fakes nearest to real rows should
// recall the same share of real rows, a real row being recalled by its nearest fake if that is no farther than its nearest other real row:
//
//	alpha_precision = 1 - sum_a |P(a) - a| / sum_a a,   over Levels equally spaced levels a from 0 to 1
//
// The paper has the integral 1 - 2 int |P(a) - a| da. The sum above is that of later published code (synthcity): since sum_a a = Levels/2 it is the
// integral by rectangles of width 1/Levels with both ends at full weight, which differs from it in order 1/Levels. The radius of a level interpolates
// between order statistics. The paper's mapping to a hypersphere and its training are not done: give features.
//
// Both are in [0, 1] for sensible data, 1 at best; typicality is taken around the mean, so classes far apart need class-wise features.
// Intervals: resampled, for the mean at these N.
type AlphaPrecision struct{ Levels int }

func (m *AlphaPrecision) settings() settings {
	return settings{intSetting("levels", &m.Levels, 30, 3, "levels of alpha and beta from 0 to 1")}
}

var _ Metric = AlphaPrecision{}

// With returns a copy with one option changed.
func (m AlphaPrecision) With(option, v string) (Metric, error) {
	return with(&m, m.settings(), option, v)
}

// Info describes the metric.
func (m AlphaPrecision) Info() Info {
	return Info{ID: "alpha_precision", Domain: anywhere(0), Title: "naive alpha-precision and beta-recall", Values: []string{"alpha_precision", "beta_recall"}, Better: Higher, Ideal: 1,
		Lo: 0, Hi: 1, Needs: []Need{NeedFeatures}, Paper: "alaa2022", Options: m.settings().options()}
}

// Compute implements Metric.
func (m AlphaPrecision) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	p = inOrder(p) // of rows equally near the first by contents counts, and the centres are sums in that order
	r, err := m.pair(ctx, p)
	if err != nil {
		return Result{}, err
	}
	n, d := p.Real.Dims()
	if err = r.resample(ctx, p, resampling{id: "alpha_precision", work: float64(n) * float64(n+rows(p.Fake)) * float64(d), bounds: inUnit, score: m.pair}); err != nil {
		return r, err
	}
	r.Values[0] = r.Values[0].withinOr(nil, kinks)
	return r, nil
}

// kinks is why alpha_precision has no interval: that of random halves, which serves beta_recall, covered 82 % in simulation where modes were missing.
const kinks = "it sums magnitudes whose kinks resampling does not see: intervals by halves are too narrow where modes are missing"

// inUnit is the range of shares.
func inUnit(string) (lo, hi float64) { return 0, 1 }

// pair is both values.
func (m AlphaPrecision) pair(ctx context.Context, p Pair) (Result, error) {
	reals, fakes := p.Real, p.Fake
	real := toCentre(reals, reals)
	fake := toCentre(fakes, reals)
	own, err := p.Shared.radii(ctx, reals, 1)
	if err != nil {
		return Result{}, err
	}
	near, err := numeric.KNN(ctx, reals, fakes, 1)
	if err != nil {
		return Result{}, err
	}
	fakeTypical := toCentre(fakes, fakes)
	reach := make([]float64, near.N)
	for i := range reach {
		reach[i] = fakeTypical[near.Index[i]]
	}
	var offP, offR, sum float64
	sortedReal, sortedReach := slices.Sorted(slices.Values(real)), slices.Sorted(slices.Values(reach))
	for l := range m.Levels {
		a := float64(l) / float64(m.Levels-1)
		ra, rb := quantile(sortedReal, a), quantile(sortedReach, a)
		in, hit := 0, 0
		for _, v := range fake {
			if v <= ra {
				in++
			}
		}
		for i, v := range reach {
			if v <= rb && near.D2[i] <= own[i] {
				hit++
			}
		}
		offP += math.Abs(float64(in)/float64(len(fake)) - a)
		offR += math.Abs(float64(hit)/float64(len(real)) - a)
		sum += a
	}
	r := newResult(m.settings(), value("alpha_precision", clip01(1-offP/sum), Higher), value("beta_recall", clip01(1-offR/sum), Higher))
	if sortedReal[len(sortedReal)-1] == 0 {
		r.degenerate("all real rows are equal: every ball is one point; check the featurizer")
	}
	return r, nil
}
