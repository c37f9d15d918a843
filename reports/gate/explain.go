package gate

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
	"github.com/assay-gan/assay/rng"
)

// explain fills in what the sample's check says, from the comparison that decided it.
func (s *sample) explain(o Options, f Family) {
	c := s.chosen
	switch {
	case s.unjudged != "":
		s.Reason = s.unjudged
		return
	case s.Status == Identical:
		s.Reason = fmt.Sprintf("%s identical to the bit", plural(s.N, "value"))
		s.Worse = 0
		return
	case c.unlimited:
		s.tooFew(o, f)
		return
	}
	s.Test = c.name
	if c.factor > 1 {
		s.Test = "signed-rank and Mann-Whitney"
	}
	s.Worse, s.WorseLo, s.WorseHi = s.read(c.shift.Estimate), s.read(c.shift.Lo), s.read(c.shift.Hi)
	s.Margin, s.MarginFrom = s.read(c.margin), c.marginOf
	s.Detectable = s.read(s.detectable(o, f))
	s.notes(c)
	s.Reason = s.reason(f)
	s.deterministic()
	s.tooGood()
}

func (s *sample) read(shift float64) reports.Float { return reports.Float(s.scale.worse(shift)) }

// detectable is the smallest shift that the decision finds with the power asked for if every test of the family counts: beyond the margin, at the level over
// the number of checks, by resampling this baseline, and for pairs these differences.
func (s *sample) detectable(o Options, f Family) float64 {
	level := f.Level / float64(max(f.Checks, 1)) / s.chosen.factor * (1 + 1e-12)
	stream := rng.Stream(o.Seed, "gate", "detectable", s.Model, s.Dataset, s.Measure.Metric)
	least := stats.DetectableBeyond(stream, s.base, len(s.cand), level, o.Power, func(drawn []float64) float64 {
		night := *s
		night.cand = drawn
		margin, _ := night.margin(night.luck(), "")
		return margin
	})
	if s.chosen.factor > 1 {
		p := s.signedRank()
		least = min(least, p.margin+stats.DetectablePaired(stream, p.diffs, level, o.Power))
	}
	return least
}

// tooFew says how many seeds would do, on each side.
func (s *sample) tooFew(o Options, f Family) {
	checks := f.asked
	s.Needed = seedsNeeded(checks, len(s.base), o.MaxAlpha)
	s.Reason = fmt.Sprintf("%s against %d can show nothing over %s at %g: run %d seeds", plural(len(s.cand), "run"), len(s.base), plural(checks, "check"), o.MaxAlpha, s.Needed)
	if s.Needed > maxSeeds {
		s.Needed = seedsFor(checks, o.MaxAlpha)
		s.Reason = fmt.Sprintf("%s against %d can show nothing over %s at %g, nor could any number of runs against %d: make the baseline with %d seeds", plural(len(s.cand), "run"), len(s.base), plural(checks, "check"), o.MaxAlpha, len(s.base), s.Needed)
	}
}

// maxSeeds is where the search for a number of seeds ends.
const maxSeeds = 1000

// seedsNeeded is the least number of runs that reach the level against so many of the baseline; above maxSeeds if none does.
func seedsNeeded(checks, base int, alpha float64) int {
	n := 1
	for n <= maxSeeds && stats.SmallestP(n, base)*float64(checks) > alpha {
		n++
	}
	return n
}

// seedsFor is the least number of runs on each side that reach the level.
func seedsFor(checks int, alpha float64) int {
	n := 2
	for stats.SmallestP(n, n)*float64(checks) > alpha {
		n++
	}
	return n
}

// notes are doubts that do not change the status.
func (s *sample) notes(c comparison) {
	if s.Failed > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("%d of %s failed and rank last", s.Failed, plural(s.N, "run")))
	}
	if s.asked != nil {
		switch asked := s.scale.shift(*s.asked); {
		case s.scale.name == Spread:
			s.Notes = append(s.Notes, "a margin in percent means nothing for values around 0: the noise's is used, in standard deviations")
		case c.margin > asked:
			s.Notes = append(s.Notes, fmt.Sprintf("the margin of %s is raised to %s, which the luck of the stored runs can explain; more seeds in the baseline lower it", s.amount(asked), s.amount(c.margin)))
		}
	}
	if s.Equal > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("%d of %s equal to the bit", s.Equal, plural(s.Pairs, "pair")))
	}
}

// amount writes a shift without a sign: "5 %", "0.4 sd".
func (s *sample) amount(shift float64) string {
	text := strings.TrimPrefix(s.worsening(s.scale.worse(shift)), "+")
	if s.scale.name == Ideal && s.scale.higher {
		text += " of the distance from 1"
	}
	return text
}

func (s *sample) reason(f Family) string {
	shift, margin := s.chosen.shift, s.amount(s.chosen.margin)
	found := s.amount(s.scale.shift(float64(s.Detectable)))
	switch {
	case s.Status == Regression:
		return fmt.Sprintf("%s, beyond the margin of %s (p %s%s)", s.words(shift.Estimate), margin, reports.PValue(s.P), f.holm())
	case s.Status == TooGood:
		return fmt.Sprintf("%s, more than the margin of %s explains (p %s%s): update the baseline, or look for what leaks", s.words(shift.Estimate), margin, reports.PValue(s.betterP), f.holm())
	case s.Status == Inconclusive:
		return fmt.Sprintf("%s beyond chance (p %s%s), but not by more than the margin of %s beyond chance: run more seeds", s.words(shift.Estimate), reports.PValue(s.noneP), f.holm(), margin)
	case math.IsInf(float64(s.Detectable), 1):
		s.Status = Inconclusive
		return fmt.Sprintf("%s; the baseline's failures hide a worsening of any size", s.words(shift.Estimate))
	case shift.Hi <= s.chosen.margin:
		return fmt.Sprintf("%s, at most %s at %g %%: within the margin of %s", s.words(shift.Estimate), s.bound(shift.Hi), 100*boundLevel, margin)
	}
	return fmt.Sprintf("%s: no worsening beyond the margin of %s is shown; one of %s would be, %g times in ten", s.words(shift.Estimate), margin, found, 10*s.power())
}

func (s *sample) power() float64 { return s.shownPower }

// words writes an estimated shift: "12 % worse", "unchanged".
func (s *sample) words(shift float64) string {
	v := s.scale.worse(shift)
	switch {
	case math.IsInf(v, 1):
		return "worse without bound"
	case math.IsInf(v, -1):
		return "better without bound"
	case math.Abs(v) < 5e-5:
		return "unchanged"
	}
	side := "worse"
	if v < 0 {
		side = "better"
	}
	text := s.amount(s.scale.shift(math.Abs(v)))
	if v < 0 { // a share of the value, not the factor back
		c := s.Check
		text = strings.TrimPrefix(c.worsening(min(-v, 8.999)), "+")
	}
	if s.scale.name == Ideal && s.scale.higher {
		side = map[string]string{"worse": "further from 1", "better": "nearer to 1"}[side]
		text = strings.TrimSuffix(text, " of the distance from 1")
	}
	return text + " " + side
}

// bound writes the upper bound of a shift.
func (s *sample) bound(shift float64) string {
	if s.scale.worse(shift) <= 0 {
		return "as before"
	}
	return s.words(shift)
}

// deterministic applies a rule that wants the values equal to the bit.
func (s *sample) deterministic() {
	if s.rule == nil || !s.rule.Equal {
		return
	}
	switch {
	case s.Pairs < s.N:
		s.Notes = append(s.Notes, fmt.Sprintf("%s wants equal values, but only %d of %s have their seed in the baseline", s.Rule, s.Pairs, plural(s.N, "run")))
	case !s.sameMachine:
		s.Notes = append(s.Notes, fmt.Sprintf("%s wants equal values, which holds on one kernel set and processor only: these differ", s.Rule))
	case s.Status != Regression:
		s.Status = Changed
		s.Reason = fmt.Sprintf("%d of %s are not equal to the bit, as %s wants (%s)", s.Pairs-s.Equal, plural(s.Pairs, "value"), s.Rule, s.words(s.chosen.shift.Estimate))
	}
}

// tooGood marks a median beyond that of real data, where the baseline's was not.
func (s *sample) tooGood() {
	if s.Status != Pass || math.IsNaN(s.floor) || s.Measure.Metric == "" {
		return
	}
	beyond := func(v reports.Float) bool {
		if s.Better == reports.Higher {
			return float64(v) > s.floor
		}
		return float64(v) < s.floor
	}
	if beyond(s.Median) && !beyond(s.MedianBase) {
		s.Status = TooGood
		s.Reason = fmt.Sprintf("the median, %s, is better than real data's, %s: look for memorisation or for samples of the test set in training; %s", reports.Number(float64(s.Median)), reports.Number(s.floor), s.Reason)
	}
}

// Seeds writes a list of seeds with runs of them drawn together: "1 to 5, 9".
func Seeds(seeds []uint64) string {
	seeds = slices.Compact(slices.Sorted(slices.Values(seeds)))
	var words []string
	for i := 0; i < len(seeds); {
		j := i
		for j+1 < len(seeds) && seeds[j+1] == seeds[j]+1 {
			j++
		}
		switch from := strconv.FormatUint(seeds[i], 10); {
		case j > i+1:
			words = append(words, from+" to "+strconv.FormatUint(seeds[j], 10))
		case j == i+1:
			words = append(words, from, strconv.FormatUint(seeds[j], 10))
		default:
			words = append(words, from)
		}
		i = j + 1
	}
	return strings.Join(words, ", ")
}
