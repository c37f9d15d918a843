package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
)

// PQMass returns a two-sample test by random cells [lemos2025]. Cells rows, drawn from both sides in proportion to their numbers and taken out of them, divide the space into
// Voronoi cells; the counts of both sides in the cells make a 2 x cells table with Pearson's
//
//	chi^2 = sum (count - expected)^2 / expected over the cells that hold any row, of law chi^2 with (cells that hold a row) - 1 degrees of freedom
//
//	pqmass   = mean over Repeats choices of cells of chi^2 over its degrees of freedom: 1 for equal distributions, above for different ones, and clearly below
//	           for sets that are more alike than two samples can be: copies
//	pqmass_p = the upper tail of the first choice alone, a p-value as it stands; small: different
//	pqmass_low = its lower tail; small: copies of each other
//
// p-values of several choices of cells depend on each other and are not combined. Needs more than Cells + 2 rows a side. No interval: it is a test, whose p-value says it.
// Equals the authors' code given the cells (scipy's chi2_contingency without correction).
type PQMass struct{ Cells, Repeats int }

var _ Metric = PQMass{}

func (m *PQMass) settings() settings {
	return settings{
		intSetting("cells", &m.Cells, 100, 2, "rows that make cells"),
		intSetting("repeats", &m.Repeats, 20, 1, "choices of cells averaged"),
	}
}

// With returns a copy with one option changed.
func (m PQMass) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m PQMass) Info() Info {
	return Info{ID: "pqmass", Domain: anywhere(0), Title: "chi-square over random cells", Values: []string{"pqmass", "pqmass_p", "pqmass_low"}, Better: Near, Ideal: 1, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedFeatures}, Paper: "lemos2025", Options: m.settings().options()}
}

// Compute implements Metric.
func (m PQMass) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	p = inOrder(p) // what is drawn must not depend on the order of files
	n, f := rows(p.Real), rows(p.Fake)
	cells := min(m.Cells, (min(n, f)-2)/2)
	if cells < 2 {
		return Result{}, fault.Of(ErrTooFew, "pqmass: %d real and %d fake rows make no two cells with rows left over: give at least 6 a side", n, f)
	}
	r := newResult(m.settings())
	if cells < m.Cells {
		r.note("%d cells, as %d rows a side allow no more with as many left over; draw more rows", cells, min(n, f))
		r.convention("cells", "%d", cells)
	}
	sum, used := 0.0, 0
	var first CellTest
	for rep := range m.Repeats {
		t, err := m.choice(ctx, p, cells, fmt.Sprint(rep))
		if err != nil {
			return Result{}, err
		}
		if rep == 0 {
			first = t
		}
		if t.DF > 0 {
			sum += t.Chi2 / float64(t.DF)
			used++
		}
	}
	if used == 0 || first.DF == 0 {
		r.Values = []Value{value("pqmass", 0, Near)}
		r.degenerate("all rows lie in one cell: they are equal; check the featurizer")
		return r, nil
	}
	r.Values = []Value{value("pqmass", sum/float64(used), Near).withinOr(nil, "a test: pqmass_p and pqmass_low say how far from 1 it can be by chance"),
		value("pqmass_p", first.Upper(), None), value("pqmass_low", first.Lower(), None)}
	if same(p) {
		r.degenerate("real and fake are the same rows: nothing is left to test; compare with another sample")
	} else if first.Lower() < 1e-3 {
		r.note("the counts are more alike than those of two independent samples (p = %.2g): look for copies (duplicates, auth_pct)", first.Lower())
	}
	return r, nil
}

// choice draws the cells and tests what is left.
func (m PQMass) choice(ctx context.Context, p Pair, cells int, rep string) (CellTest, error) {
	n, f := rows(p.Real), rows(p.Fake)
	at := subset(p.Seed, n+f, cells, "metrics", "pqmass", rep)
	real, fake := make([]bool, n), make([]bool, f)
	_, d := p.Real.Dims()
	refs := mat.NewDense(cells, d, nil)
	for c, i := range at {
		if i < n {
			real[i] = true
			refs.SetRow(c, p.Real.RawRowView(i))
		} else {
			fake[i-n] = true
			refs.SetRow(c, p.Fake.RawRowView(i-n))
		}
	}
	return TestCells(ctx, unmarked(p.Real, real), unmarked(p.Fake, fake), refs)
}

// unmarked copies the rows without a mark.
func unmarked(x *mat.Dense, marked []bool) *mat.Dense {
	var at []int
	for i, taken := range marked {
		if !taken {
			at = append(at, i)
		}
	}
	return pick(x, at)
}

// CellTest is Pearson's test of two sets of counts.
type CellTest struct {
	Chi2 float64
	DF   int // cells that hold a row, less 1
}

// Upper is the p-value against sets that differ, 1 without degrees of freedom.
func (t CellTest) Upper() float64 {
	if t.DF == 0 {
		return 1
	}
	return distuv.ChiSquared{K: float64(t.DF)}.Survival(t.Chi2)
}

// Lower is the p-value against sets that are too much alike.
func (t CellTest) Lower() float64 {
	if t.DF == 0 {
		return 1
	}
	return distuv.ChiSquared{K: float64(t.DF)}.CDF(t.Chi2)
}

// TestCells tests the counts of rows of either side in the Voronoi cells of refs, rows = cells [lemos2025]. Of cells equally near the first counts.
func TestCells(ctx context.Context, real, fake, refs *mat.Dense) (CellTest, error) {
	var counts [2][]float64
	for s, x := range []*mat.Dense{real, fake} {
		if x == nil {
			return CellTest{}, fault.Of(ErrTooFew, "pqmass: no rows are left beside the cells")
		}
		nb, err := numeric.KNN(ctx, x, refs, 1)
		if err != nil {
			return CellTest{}, fmt.Errorf("pqmass: %w", err)
		}
		counts[s] = make([]float64, rows(refs))
		for _, c := range nb.Index {
			counts[s][c]++
		}
	}
	t := CellTest{DF: -1}
	a, b := numeric.Sum(counts[0]), numeric.Sum(counts[1])
	for c, v := range counts[0] {
		both := v + counts[1][c]
		if both == 0 {
			continue
		}
		t.DF++
		off := v - both*a/(a+b)
		t.Chi2 += off * off * (a + b) / both * (1/a + 1/b) // of both rows of the table: off is the same but for its sign
	}
	return t, nil
}
