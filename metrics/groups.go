package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-gan/assay/internal/fault"
)

// wholeGroups ends the method of an interval whose parts never divide a group.
const wholeGroups = "of whole groups"

// InGroups is m.Compute with intervals that know which rows belong together: frames of one clip, images of one patient, samples of one prompt. Such rows say the same thing
// more than once, and an interval that counts each of them is too narrow. Where Pair.RealGroups or Pair.FakeGroups put rows together, scores by halves are halved by whole
// groups, and all other intervals become those of a jackknife that leaves out whole groups, each side in turn, in at most 40 lots, with G lots
//
//	variance = sum over sides of (G-1)/G sum_g (theta_g - mean theta)^2, bias likewise
//
// and Student's t at Satterthwaite's degrees of freedom: for a mean and groups of one size the cluster-robust variance, s^2 of the groups' means over their number. Without
// groups, or with groups of one row, it is m.Compute to the bit. Values without an interval stay without. Errors are those of Compute, and those of groups: another number
// of them than of rows (ErrShape), less than two (ErrTooFew).
func InGroups(ctx context.Context, m Metric, p Pair) (Result, error) {
	if err := p.checkGroups(); err != nil {
		return Result{}, fmt.Errorf("%s: %w", m.Info().ID, err)
	}
	if p.RealGroups, p.FakeGroups = together(p.RealGroups), together(p.FakeGroups); p.RealGroups == nil && p.FakeGroups == nil {
		return m.Compute(ctx, p)
	}
	r, err := m.Compute(ctx, p)
	if err != nil {
		return r, err
	}
	r.convention("groups", "%s real, %s fake", countGroups(p.RealGroups), countGroups(p.FakeGroups))
	if !slices.ContainsFunc(r.Values, Value.ungrouped) {
		return r, nil
	}
	if quiet, err := m.With("interval", "none"); err == nil {
		m = quiet
	}
	all := sidesOf(&p)
	var without [2][]Result
	for s, side := range []struct {
		side  side
		of    []int
		role  string
		leave func(rest []int) Pair
	}{
		{all.real, p.RealGroups, "real", func(rest []int) Pair { return p.Take(rest, nil, nil) }},
		{all.fake, p.FakeGroups, "fake", func(rest []int) Pair { return p.Take(nil, rest, nil) }},
	} {
		order := side.side.sorted()
		lots := lotsOf(order, side.of)
		at := dealtWhole(order, side.of, lots, p.Seed, "metrics", "groups", side.role)
		for g := range lots {
			part, err := m.Compute(ctx, side.leave(outside(at, g)))
			if ctx.Err() != nil {
				return r, ctx.Err()
			}
			if err != nil {
				part = Result{} // a score that is not defined without these rows: the value has no interval
			}
			without[s] = append(without[s], part)
		}
	}
	for k, v := range r.Values {
		if v.ungrouped() {
			r.Values[k] = groupedInterval(v, m.Info(), without)
		}
	}
	return r, nil
}

// ungrouped says that a value has an interval that does not know of groups.
func (v Value) ungrouped() bool {
	return v.Interval != nil && !strings.Contains(v.Interval.Method, wholeGroups)
}

// groupedInterval is the jackknife's around v less its bias, from the results without each lot of both sides. It is cut where v's own interval could not go.
func groupedInterval(v Value, info Info, without [2][]Result) Value {
	var bias, variance, tails float64
	for _, side := range without {
		var theta []float64
		for _, part := range side {
			w, ok := part.Get(v.Name)
			if !ok {
				return v.withinOr(nil, "not defined without some group")
			}
			theta = append(theta, w.Value)
		}
		if len(theta) < 2 {
			continue
		}
		b, s, df := jackknife(v.Value, theta)
		bias, variance, tails = bias+b, variance+s, tails+s*s/float64(df)
	}
	if !(variance > 0) || math.IsInf(variance, 0) {
		return v.withinOr(nil, "the score is the same without any group: there is no spread to tell an interval from")
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: variance * variance / tails}
	half, mid := t.Quantile(1-(1-confidence)/2)*math.Sqrt(variance), v.Value-bias
	lo, hi := math.Inf(-1), math.Inf(1)
	if v.Interval.Lo >= 0 && info.Lo >= 0 {
		lo = 0
	}
	if v.Unit == "" && v.Interval.Hi <= info.Hi || v.Unit == "%" {
		hi = map[bool]float64{true: 100, false: info.Hi}[v.Unit == "%"]
	}
	return v.within(&Interval{Lo: min(hi, max(lo, mid-half)), Hi: max(lo, min(hi, mid+half)), Level: confidence, Method: "jackknife " + wholeGroups, Centre: &mid})
}

// mostLots is how many lots of groups are left out one after the other: each group by itself where there are no more of them.
const mostLots = 2 * jackknifeGroups

// lotsOf is how many lots the groups of some rows are dealt into; 0 for no rows.
func lotsOf(order, of []int) int {
	n := len(order)
	if of != nil {
		n = len(distinctGroups(of))
	}
	if n > mostLots {
		return jackknifeGroups
	}
	return n
}

// dealtWhole is dealt, but that rows of one group stay together; of is the group of each row, nil for rows that are their own groups.
func dealtWhole(order, of []int, lots int, seed uint64, names ...string) []int {
	if of == nil {
		return dealt(slices.Clone(order), lots, seed, names...)
	}
	var groups []int // by their first row in order, so that neither numbers nor files decide
	seen := map[int]bool{}
	for _, i := range order {
		if g := of[i]; !seen[g] {
			seen[g] = true
			groups = append(groups, g)
		}
	}
	lot := map[int]int{}
	for r, g := range shuffle(groups, seed, names...) {
		lot[g] = r % lots
	}
	at := make([]int, len(of))
	for i, g := range of {
		at[i] = lot[g]
	}
	return at
}

// together is nil where every group has one row: that is what rows without groups are.
func together(of []int) []int {
	if len(distinctGroups(of)) == len(of) {
		return nil
	}
	return of
}

func distinctGroups(of []int) []int { return slices.Compact(slices.Sorted(slices.Values(of))) }

func countGroups(of []int) string {
	if of == nil {
		return "no"
	}
	return fmt.Sprint(len(distinctGroups(of)))
}

// checkGroups refuses groups that are not those of the rows.
func (p Pair) checkGroups() error {
	all := sidesOf(&p)
	for _, s := range []struct {
		role string
		of   []int
		side side
	}{{"real", p.RealGroups, all.real}, {"fake", p.FakeGroups, all.fake}} {
		if s.of == nil {
			continue
		}
		if _, n := s.side.there(); n != len(s.of) {
			return fault.Of(ErrShape, "%d groups of %d %s rows: give one for each row", len(s.of), max(n, 0), s.role)
		}
		if len(distinctGroups(s.of)) < 2 {
			return fault.Of(ErrTooFew, "all %d %s rows are of one group, from which no spread can be told: give at least 2 groups, or none", len(s.of), s.role)
		}
	}
	return nil
}
