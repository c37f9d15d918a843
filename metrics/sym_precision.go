package metrics

import (
	"context"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// SymPrecision returns symmetric precision and recall [khayatkhoei2023]. In high dimension precision and recall answer to a difference of supports by its sign alone: a set
// inside the other one has precision 1 or 0 by chance of which is outside. Each is therefore cut by its counterpart from the other side's balls (K neighbours, d < r):
//
//	sym_precision  = min(precision, comp_precision),  comp_precision = share of fakes whose own ball holds a real row
//	sym_recall     = min(recall, coverage)
//
// All are in [0, 1]. Needs more than K rows a side. Intervals: random halves, for the mean at these N. Equals the authors' code (k 5).
type SymPrecision struct{ K int }

var _ Metric = SymPrecision{}

func (m *SymPrecision) settings() settings {
	return settings{intSetting("k", &m.K, 5, 1, "neighbours that make a ball")}
}

// With returns a copy with one option changed.
func (m SymPrecision) With(option, v string) (Metric, error) {
	return with(&m, m.settings(), option, v)
}

// Info describes the metric.
func (m SymPrecision) Info() Info {
	return Info{ID: "sym_precision", Domain: anywhere(0), Title: "symmetric precision and recall", Values: []string{"sym_precision", "sym_recall", "comp_precision"}, Better: Higher, Ideal: 1,
		Lo: 0, Hi: 1, Needs: []Need{NeedFeatures}, Paper: "khayatkhoei2023", Options: m.settings().options()}
}

// Compute implements Metric.
func (m SymPrecision) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	return resampled(ctx, p, "sym_precision", m.K, inUnit, m.pass)
}

func (m SymPrecision) pass(ctx context.Context, p Pair) (Result, error) {
	precision, coverage, err := m.inside(ctx, "real", p.Real, p.Fake)
	if err != nil {
		return Result{}, err
	}
	recall, comp, err := m.inside(ctx, "fake", p.Fake, p.Real)
	if err != nil {
		return Result{}, err
	}
	return newResult(m.settings(), value("sym_precision", min(precision, comp), Higher), value("sym_recall", min(recall, coverage), Higher), value("comp_precision", comp, Higher)), nil
}

// inside is the share of other rows in any ball of x, and of balls of x that hold any other row.
func (m SymPrecision) inside(ctx context.Context, role string, x, other *mat.Dense) (in, holding float64, err error) {
	if err = enoughFor("sym_precision", role, m.K, rows(x)); err != nil {
		return 0, 0, err
	}
	r, err := numeric.Radii(ctx, x, m.K)
	if err != nil {
		return 0, 0, err
	}
	b, err := numeric.BallQuery{Real: x, Fake: other, RealR: r}.Count(ctx)
	for _, c := range b.InReal {
		if c > 0 {
			in += 1 / float64(len(b.InReal))
		}
	}
	return clip01(in), float64(count(b.Covered)) / float64(rows(x)), err
}
