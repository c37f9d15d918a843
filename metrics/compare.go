package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-gan/assay/internal/fault"
)

// Comparison is what two models scored against one reference differ by.
type Comparison struct {
	A, B       Result
	Difference Value   // value of A minus value of B, with a paired interval
	P          float64 // two-sided, of no difference
	Better     string  // "a" or "b" if the interval excludes 0 and the metric has a direction, else ""
}

// Compare scores two models with one metric against the same real rows and says whether they differ. a and b must agree in everything but the fakes.
//
// The difference of the headline values is jackknifed over groups of rows: a group of reals leaves both scores at once, so that what the two share
// (the reference's own noise and most of the bias) cancels, as it does not when two separate intervals are compared. groups 0 means 20; every side
// needs 2 rows a group and a metric is computed 4*groups+2 times. Rows that belong together (Pair.RealGroups, FakeGroups) leave together; where there are fewer such groups
// than groups of the jackknife, these are as many. Sides that are given by their statistics have no rows to leave out, and the difference no interval.
//
//	variance = sum over sides of (G-1)/G sum_g (d_g - mean d)^2,  bias likewise; Student's t at 3(G-1) degrees of freedom
func Compare(ctx context.Context, m Metric, a, b Pair, groups int) (Comparison, error) {
	id := m.Info().ID
	if groups == 0 {
		groups = jackknifeGroups
	}
	if groups < 2 {
		return Comparison{}, fault.Of(ErrValue, "%s: compare with %d groups, want at least 2", id, groups)
	}
	var c Comparison
	for _, p := range []Pair{a, b} {
		if err := p.checkGroups(); err != nil {
			return c, fmt.Errorf("%s: %w", id, err)
		}
	}
	for _, of := range [][]int{together(a.RealGroups), together(a.FakeGroups), together(b.FakeGroups)} {
		if of != nil {
			groups = min(groups, len(distinctGroups(of)))
		}
	}
	var err error
	if c.A, err = InGroups(ctx, m, a); err != nil {
		return c, fmt.Errorf("first model: %w", err)
	}
	if c.B, err = InGroups(ctx, m, b); err != nil {
		return c, fmt.Errorf("second model: %w", err)
	}
	if len(c.A.Values) == 0 || len(c.B.Values) == 0 {
		return c, fault.Of(ErrValue, "%s has no value for one of the models: nothing to compare", id)
	}
	full := c.A.Values[0].Value - c.B.Values[0].Value
	c.Difference = value(id+"_difference", full, None)
	if withoutRows(a) || withoutRows(b) {
		c.Difference.NoInterval = "statistics hold no single rows: how much of the difference is noise cannot be told; give the samples"
		return c, nil
	}
	sides, err := pairedJackknife(ctx, m, a, b, c, groups)
	if err != nil {
		return c, err
	}
	bias, variance, df := jackknife(full, sides[:]...)
	if !(variance > 0) {
		return c, nil
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(df)}
	mid, se := full-bias, math.Sqrt(variance)
	half := t.Quantile(1-(1-confidence)/2) * se
	c.Difference.Interval = &Interval{Lo: mid - half, Hi: mid + half, Level: confidence, Method: "paired group jackknife"}
	c.P = 2 * t.CDF(-math.Abs(mid)/se)
	if math.Abs(mid) > half {
		c.Better = betterOf(m.Info(), c.A.Values[0].Value, c.B.Values[0].Value)
	}
	return c, nil
}

func betterOf(i Info, a, b float64) string {
	gain := 0.0 // of a over b
	switch i.Better {
	case Lower:
		gain = b - a
	case Higher:
		gain = a - b
	case Near:
		gain = math.Abs(b-i.Ideal) - math.Abs(a-i.Ideal)
	case None:
	}
	switch {
	case gain > 0:
		return "a"
	case gain < 0:
		return "b"
	}
	return ""
}

// differences holds the differences without group g of the reals, of the first model's fakes, of the second's.
type differences [3][]float64

// withoutRows says whether a side is known by its statistics alone, so that no rows of it can be left out.
func withoutRows(p Pair) bool {
	return p.Real == nil && p.RealStats.Cov != nil || p.Fake == nil && p.FakeStats.Cov != nil
}

// pairedJackknife takes the scores of all rows from full: a slow metric is not computed again for what is known.
func pairedJackknife(ctx context.Context, m Metric, a, b Pair, full Comparison, groups int) (d differences, err error) {
	real, err := deal(sidesOf(&a).real, a.RealGroups, groups, a.Seed, "real")
	if err != nil {
		return d, fmt.Errorf("%s: %w", m.Info().ID, err)
	}
	first, err := deal(sidesOf(&a).fake, a.FakeGroups, groups, a.Seed, "a")
	if err != nil {
		return d, fmt.Errorf("%s: %w", m.Info().ID, err)
	}
	second, err := deal(sidesOf(&b).fake, b.FakeGroups, groups, a.Seed, "b")
	if err != nil {
		return d, fmt.Errorf("%s: %w", m.Info().ID, err)
	}
	score := func(p Pair) float64 {
		if err != nil {
			return 0
		}
		var r Result
		if r, err = m.Compute(ctx, p); err == nil && len(r.Values) == 0 {
			err = fault.Of(ErrTooFew, "%s has no value without one group", m.Info().ID)
		}
		if err != nil {
			return 0
		}
		return r.Values[0].Value
	}
	fullA, fullB := full.A.Values[0].Value, full.B.Values[0].Value
	for g := range groups {
		if real != nil {
			rest := outside(real, g)
			d[0] = append(d[0], score(a.Take(rest, nil, nil))-score(b.Take(rest, nil, nil)))
		}
		d[1] = append(d[1], score(a.Take(nil, outside(first, g), nil))-fullB)
		d[2] = append(d[2], fullA-score(b.Take(nil, outside(second, g), nil)))
	}
	return d, err
}

// deal gives every row of a side one of so many lots, at random by contents, where rows of one group stay together; nil if the side is empty.
func deal(s side, of []int, groups int, seed uint64, role string) ([]int, error) {
	order := s.sorted()
	if order == nil {
		return nil, nil
	}
	if len(order) < 2*groups {
		return nil, fault.Of(ErrTooFew, "%d rows for a comparison in %d groups, want at least %d", len(order), groups, 2*groups)
	}
	return dealtWhole(order, together(of), groups, seed, "metrics", "compare", role), nil
}

// Floor is the metric's value for real against real: the real rows are dealt at random into two halves that take the two roles. It is what a perfect
// generator with that many rows would score, and belongs beside every score. The convention "rows" names the size of the halves; halve the fakes too
// before comparing a metric that depends on N.
func Floor(ctx context.Context, m Metric, p Pair) (Result, error) {
	if err := p.checkGroups(); err != nil {
		return Result{}, fmt.Errorf("%s: %w", m.Info().ID, err)
	}
	at, err := deal(sidesOf(&p).real, p.RealGroups, 2, p.Seed, "floor")
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", m.Info().ID, err)
	}
	if at == nil {
		return Result{}, fault.Of(ErrMissing, "%s: no real rows given", m.Info().ID)
	}
	q := p
	q.Fake, q.FakeProbs, q.FakeLabels, q.FakeImages, q.FakeSentences, q.FakeGroups = p.Real, p.RealProbs, p.RealLabels, p.RealImages, p.RealSentences, p.RealGroups
	q.FakeLogits, q.FakeStats, q.RealStats = nil, Stats{}, Stats{}
	q = q.Take(outside(at, 1), outside(at, 0), nil)
	r, err := InGroups(ctx, m, q)
	if err == nil {
		r.convention("rows", "%d and %d", len(outside(at, 1)), len(outside(at, 0)))
	}
	return r, err
}
