package metrics

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// PPrecision returns probabilistic precision and recall [park2023]: membership of a set is a probability that falls from 1 at one of its rows to 0 at the radius A r, with r
// the mean distance of the set's rows to their K-th nearest other one:
//
//	p_precision = mean over fakes of 1 - prod_i (1 - max(0, 1 - d(x, real_i)/(A r_real)))
//	p_recall    = mean over real rows of the same with the fakes' rows and radius
//
// One radius for all rows keeps outliers from making large balls. Both are in [0, 1]; those of two samples of one distribution are not 1: read them beside a
// real-versus-real row. Needs more than K rows a side. Intervals: random halves, for the mean at these N. Equals the authors' code (a 1.2, k 4).
type PPrecision struct {
	A float64
	K int
}

var _ Metric = PPrecision{}

func (m *PPrecision) settings() settings {
	return settings{
		floatSetting("a", &m.A, 1.2, math.SmallestNonzeroFloat64, 1e6, "radius in mean distances to the k-th neighbour"),
		intSetting("k", &m.K, 4, 1, "the neighbour whose mean distance is the radius"),
	}
}

// With returns a copy with one option changed.
func (m PPrecision) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m PPrecision) Info() Info {
	return Info{ID: "p_precision", Domain: anywhere(0), Title: "probabilistic precision and recall", Values: []string{"p_precision", "p_recall"}, Better: Higher, Ideal: 1, Lo: 0, Hi: 1,
		Needs: []Need{NeedFeatures}, Paper: "park2023", Options: m.settings().options()}
}

// Compute implements Metric.
func (m PPrecision) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	return resampled(ctx, p, "p_precision", m.K, inUnit, m.pass)
}

func (m PPrecision) pass(ctx context.Context, p Pair) (Result, error) {
	real, err := m.radius(ctx, "real", p.Real)
	if err != nil {
		return Result{}, err
	}
	fake, err := m.radius(ctx, "fake", p.Fake)
	if err != nil {
		return Result{}, err
	}
	precision, err := membership(ctx, p.Fake, p.Real, real)
	if err != nil {
		return Result{}, err
	}
	recall, err := membership(ctx, p.Real, p.Fake, fake)
	if err != nil {
		return Result{}, err
	}
	r := newResult(m.settings(), value("p_precision", precision, Higher), value("p_recall", recall, Higher))
	if real == 0 || fake == 0 {
		r.degenerate("every row of a side is there more than k = %d times: its radius is 0 and nothing lies within it; drop the copies or raise k", m.K)
	}
	return r, nil
}

// radius is A times the mean distance to the K-th nearest other row.
func (m PPrecision) radius(ctx context.Context, role string, x *mat.Dense) (float64, error) {
	if err := enoughFor("p_precision", role, m.K, rows(x)); err != nil {
		return 0, err
	}
	r, err := numeric.Radii(ctx, x, m.K)
	sum := 0.0
	for _, v := range r {
		sum += math.Sqrt(v)
	}
	return m.A * sum / float64(rows(x)), err
}

// membership is the mean over rows of x of 1 - prod_j min(1, d(x, of_j)/radius).
func membership(ctx context.Context, x, of *mat.Dense, radius float64) (float64, error) {
	const block = 1024
	if radius == 0 {
		return 0, ctx.Err()
	}
	n, d := x.Dims()
	sum := 0.0
	for lo := 0; lo < n; lo += block {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		d2 := numeric.SqDists(x.Slice(lo, min(lo+block, n), 0, d).(*mat.Dense), of)
		for i := range rows(d2) {
			outside := 1.0
			for _, v := range d2.RawRowView(i) {
				if v < radius*radius {
					outside *= math.Sqrt(v) / radius
				}
			}
			sum += 1 - outside
		}
	}
	return clip01(sum / float64(n)), nil
}
