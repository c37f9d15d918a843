package metrics

import (
	"context"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// CoverPrecision returns precision and recall cover [cheema2023]: a row is covered if the ball around it that holds C K rows of its own set holds at least K rows of the
// other one (d <= r):
//
//	cover_precision = share of fakes that real rows cover,  cover_recall = share of real rows that fakes cover
//
// so that a mode counts by a part 1/C of its mass, not by one row that strayed there. Both are in [0, 1] and near 1 for equal distributions once C K is some tens. Needs more
// than C K rows a side. Intervals: random halves, for the mean at these N. From the paper's definition; the authors' code was not read.
type CoverPrecision struct{ K, C int }

var _ Metric = CoverPrecision{}

func (m *CoverPrecision) settings() settings {
	return settings{
		intSetting("k", &m.K, 3, 1, "rows of the other set that a ball must hold"),
		intSetting("c", &m.C, 3, 1, "a ball holds c k rows of its own set"),
	}
}

// With returns a copy with one option changed.
func (m CoverPrecision) With(option, v string) (Metric, error) {
	return with(&m, m.settings(), option, v)
}

// Info describes the metric.
func (m CoverPrecision) Info() Info {
	return Info{ID: "cover_precision", Domain: anywhere(0), Title: "precision and recall cover", Values: []string{"cover_precision", "cover_recall"}, Better: Higher, Ideal: 1, Lo: 0, Hi: 1,
		Needs: []Need{NeedFeatures}, Paper: "cheema2023", Options: m.settings().options()}
}

// Compute implements Metric.
func (m CoverPrecision) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	return resampled(ctx, p, "cover_precision", m.C*m.K, inUnit, m.pass)
}

func (m CoverPrecision) pass(ctx context.Context, p Pair) (Result, error) {
	precision, err := m.covered(ctx, "fake", p.Fake, p.Real)
	if err != nil {
		return Result{}, err
	}
	recall, err := m.covered(ctx, "real", p.Real, p.Fake)
	return newResult(m.settings(), value("cover_precision", precision, Higher), value("cover_recall", recall, Higher)), err
}

// covered is the share of rows of x whose K-th nearest row of the other set is no farther than the C K-th nearest of their own.
func (m CoverPrecision) covered(ctx context.Context, role string, x, other *mat.Dense) (float64, error) {
	if err := enoughFor("cover_precision", role, m.C*m.K, rows(x)); err != nil {
		return 0, err
	}
	r, err := numeric.Radii(ctx, x, m.C*m.K)
	if err != nil {
		return 0, err
	}
	near, err := numeric.KNN(ctx, x, apart(other, x), m.K)
	if err != nil {
		return 0, err
	}
	in := 0
	for i, v := range lastOf(near) {
		if v <= r[i] {
			in++
		}
	}
	return float64(in) / float64(rows(x)), nil
}
