package gate

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-gan/assay/reports/stats"
)

const (
	// boundLevel is that of the one-sided bounds of a worsening, and of how far from the truth the baseline may lie by the luck of its runs.
	boundLevel = .95
	// leastMargin is accepted everywhere: rounding of another build or processor must not fail one.
	leastMargin = .01
	// suspicion is the level, Holm over the family, at which a worsening that is not proven to be beyond the margin leaves a check open.
	suspicion = .1
)

// sample is one check of the family of values with its numbers: runs of both sides turned so that greater is worse.
type sample struct {
	Check
	scale      scale
	base, cand []float64 // a failed run is +Inf
	pairs      []pair    // runs of one seed on both sides, as indices of base and cand
	asked      *float64  // margin of a rule or flag, as a worsening
	rule       *Rule
	unjudged   string // why the values cannot be tested; "" if they can

	sameMachine bool    // one kernel set and processor made both sides
	floor       float64 // median of real data scored in the same way; NaN where there is none
	shownPower  float64

	quick   bool       // for simulated nights: no detectable worsening, no bounds
	chosen  comparison // the test that decided
	noneP   float64    // of "not worse at all", Holm over the family
	betterP float64    // of "better by no more than the margin", Holm over the family
}

type pair struct{ base, cand int }

// comparison is one test of a sample, with what it says about the shift.
type comparison struct {
	name      string
	margin    float64 // as a shift
	marginOf  string
	p         float64 // of "worse by no more than the margin"
	none      float64 // of "not worse"
	better    float64 // of "better by no more than the margin"
	shift     stats.Shift
	factor    float64 // the p-values were multiplied by it: two tests were made
	paired    bool
	diffs     []float64
	unlimited bool // no shift can reach the level
}

// judge tests all samples of the family of values and gives each its status. The level is Alpha, raised where the seeds cannot reach it, at most to MaxAlpha;
// samples that cannot reach that are left open. Those equal to the bit and those without runs take no part.
func judge(samples []*sample, o Options) Family {
	f := Family{Name: Values, Level: o.Alpha, Method: "Holm"}
	var tested []*sample
	for _, s := range samples {
		switch {
		case s.unjudged != "":
			s.Status = Inconclusive
		case len(s.pairs) == len(s.cand) && s.Equal == len(s.pairs):
			s.Status = Identical
		default:
			tested = append(tested, s)
		}
	}
	f.asked = len(tested)
	for n := len(tested); ; n = len(tested) { // leaving one open makes it easier for the others
		tested = slices.DeleteFunc(tested, func(s *sample) bool {
			if s.smallestP()*float64(n) > o.MaxAlpha {
				s.Status, s.chosen.unlimited = Inconclusive, true
				return true
			}
			return false
		})
		if len(tested) == n {
			break
		}
	}
	f.Checks = len(tested)
	for _, s := range tested {
		f.Level = max(f.Level, s.smallestP()*float64(len(tested))) // at most MaxAlpha
	}
	for _, s := range tested {
		s.test(f.Level / float64(len(tested)))
	}
	settle(tested, f.Level)
	return f
}

// smallestP is what the seeds can reach at best, by the test that all samples get.
func (s *sample) smallestP() float64 { return stats.SmallestP(len(s.cand), len(s.base)) }

// settle adjusts the p-values over the family and gives each sample its status.
func settle(tested []*sample, level float64) {
	worse, none, better := make([]float64, len(tested)), make([]float64, len(tested)), make([]float64, len(tested))
	for i, s := range tested {
		worse[i], none[i], better[i] = s.chosen.p, s.chosen.none, s.chosen.better
	}
	worse, none, better = stats.Holm(worse), stats.Holm(none), stats.Holm(better)
	for i, s := range tested {
		c := s.chosen
		s.RawP, s.P, s.Level, s.noneP, s.betterP = c.p, worse[i], level, none[i], better[i]
		switch {
		case s.P <= level*(1+1e-12) && c.shift.Estimate > c.margin:
			s.Status = Regression
		case s.noneP <= suspicion && c.shift.Estimate > c.margin:
			s.Status = Inconclusive
		case s.betterP <= level && c.shift.Estimate < -c.margin:
			s.Status = TooGood
		default:
			s.Status = Pass
		}
	}
}

// test chooses the comparison: Mann-Whitney, and where every candidate run has its seed in the baseline and pairs can reach the level, the signed-rank test of
// their differences too, each at half the level. Which tests are made depends on the seeds alone, not on the values.
func (s *sample) test(level float64) {
	u := s.unpaired()
	s.chosen = u
	if len(s.pairs) < len(s.cand) || 2*stats.SmallestSignedP(len(s.pairs)) > level {
		return
	}
	p := s.signedRank()
	for _, c := range []*comparison{&u, &p} {
		c.factor = 2
		c.p, c.none, c.better = min(1, 2*c.p), min(1, 2*c.none), min(1, 2*c.better)
	}
	if s.chosen = p; u.p < p.p || u.p == p.p && u.none < p.none {
		s.chosen = u
	}
}

func (s *sample) unpaired() comparison {
	c := comparison{name: "Mann-Whitney", factor: 1}
	c.margin, c.marginOf = s.margin(s.luck(), "noise of the runs")
	c.p = mannWhitney(moved(s.cand, -c.margin), s.base, s.quick)
	c.none = mannWhitney(s.cand, s.base, s.quick)
	c.shift = stats.HodgesLehmann(s.cand, s.base, boundLevel)
	if c.better = 1; !s.quick {
		c.better = mannWhitney(s.base, moved(s.cand, c.margin), false)
	}
	return c
}

func (s *sample) signedRank() comparison {
	c := comparison{name: "signed-rank", factor: 1, paired: true, diffs: s.differences()}
	noise, of := spread(c.diffs)
	c.margin, c.marginOf = s.margin(min(s.luck(), luck(noise/math.Sqrt2, len(c.diffs), of)), "noise of the differences")
	c.p = stats.SignedRank(moved(c.diffs, -c.margin), stats.Greater).P
	c.none = stats.SignedRank(c.diffs, stats.Greater).P
	c.better = stats.SignedRank(moved(c.diffs, c.margin), stats.Less).P
	c.shift = stats.PairedShift(c.diffs, boundLevel)
	return c
}

func (s *sample) differences() []float64 {
	d := make([]float64, len(s.pairs))
	for i, p := range s.pairs {
		if a, b := s.cand[p.cand], s.base[p.base]; a != b { // two failures differ by nothing
			d[i] = a - b
		}
	}
	return d
}

// margin is the worsening that is accepted, as a shift: the one asked for, but never less than the luck of the stored runs, which would alarm for as long as
// they are kept. A share has no meaning for values around 0.
func (s *sample) margin(luck float64, of string) (margin float64, from string) {
	switch {
	case s.scale.name == Spread || s.asked == nil && luck >= s.scale.shift(leastMargin):
		return luck, of
	case s.asked == nil:
		return s.scale.shift(leastMargin), "floor"
	}
	asked := s.scale.shift(*s.asked)
	switch {
	case luck > asked:
		return luck, of
	case s.rule != nil && s.rule.Margin != nil:
		return asked, "rule"
	}
	return asked, "flag"
}

// luck is how far above the truth the location of the stored runs may lie. The noise is that of both sides together: few runs that happen to lie close would
// else hide how lucky they were.
func (s *sample) luck() float64 {
	sd, of := spread(s.base, s.cand)
	return luck(sd, len(s.base), of)
}

// luck is how far above the truth the location of n runs may lie, one-sided at 95 %: t sd / sqrt(n), t with the degrees of freedom of sd. Greater is worse, so
// this is how much worse than a lucky baseline its own model may look.
func luck(sd float64, n, freedom int) float64 {
	if n < 1 || freedom < 1 || !(sd > 0) {
		return 0
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(freedom)}.Quantile(boundLevel) * sd / math.Sqrt(float64(n))
}

// spread is the standard deviation of the values that are finite, pooled over the sides, and its degrees of freedom.
func spread(sides ...[]float64) (sd float64, freedom int) {
	squares := 0.0
	for _, v := range sides {
		v = slices.DeleteFunc(slices.Clone(v), func(x float64) bool { return math.IsInf(x, 0) })
		if len(v) > 1 {
			d := stats.StdDev(v)
			squares, freedom = squares+d*d*float64(len(v)-1), freedom+len(v)-1
		}
	}
	if freedom == 0 {
		return 0, 0
	}
	return math.Sqrt(squares / float64(freedom)), freedom
}

func moved(v []float64, by float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = x + by
	}
	return out
}

// mannWhitney is the exact p-value that x is greater. A simulated night does not ask for one that is certainly above every level.
func mannWhitney(x, y []float64, quick bool) float64 {
	if quick && stats.ProbGreater(x, y) <= .55 {
		return 1
	}
	return stats.MannWhitney(x, y, stats.Greater).P
}
