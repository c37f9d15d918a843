package gate

import (
	"math"
	"slices"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
)

// shares are the measures whose ideal is 1 and which cannot pass it: their worsening is that of the distance from 1, so that a fall from 0.999 to 0.96 is
// forty times as far and not 4 % worse.
var shares = []string{"hq", "precision", "recall", "coverage", "f_score", "correspondence", "correspondence_hq", "joint_validity", "gan_train", "gan_test", "auth_pct"}

// scale turns values so that greater is worse and a worsening is a shift, and says how that shift reads.
type scale struct {
	name       string
	higher     bool    // greater values are better
	resolution float64 // of scale Ideal: added to a distance, so that one from 0 to one sample in N is a doubling and not infinite
	unit       float64 // of scale Spread: a standard deviation of the baseline
}

// scaleOf chooses the scale for values of a measure, of both sides: Ideal for shares and for measures whose best is 0 and which reached it, Ratio for positive
// values, Spread for what may be negative.
func scaleOf(m reports.Measure, better string, base, cand []float64) scale {
	s := scale{name: Ratio, higher: better == reports.Higher, resolution: 1 / float64(max(m.N, 1))}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range slices.Concat(base, cand) {
		lo, hi = min(lo, v), max(hi, v)
	}
	switch {
	case s.higher && slices.Contains(shares, m.Metric) && lo >= 0 && hi <= 1:
		s.name = Ideal
	case lo < 0:
		s.name, s.unit = Spread, spreadUnit(base)
	case lo == 0 && !s.higher:
		s.name = Ideal
	}
	return s
}

// spreadUnit is the standard deviation of the runs that ended; where they do not vary, the size of their median, or 1.
func spreadUnit(base []float64) float64 {
	sd := stats.StdDev(base)
	if sd > 0 {
		return sd
	}
	if m := math.Abs(stats.Median(base)); m > 0 {
		return m
	}
	return 1
}

func (s scale) of(v float64) float64 {
	switch {
	case s.name == Ideal && s.higher:
		return math.Log(1 - v + s.resolution)
	case s.name == Ideal:
		return math.Log(v + s.resolution)
	case s.name == Ratio && s.higher:
		return -math.Log(v) // none of eight modes: +Inf, as bad as a failure
	case s.name == Ratio:
		return math.Log(v)
	case s.higher:
		return -v / s.unit
	}
	return v / s.unit
}

// worse reads a shift as a worsening: 0.1 for 10 %, or standard deviations.
func (s scale) worse(shift float64) float64 {
	switch {
	case s.name == Spread:
		return shift
	case s.name == Ratio && s.higher:
		return -math.Expm1(-shift)
	}
	return math.Expm1(shift)
}

// shift is the shift of a worsening, the inverse of worse.
func (s scale) shift(worse float64) float64 {
	switch {
	case s.name == Spread:
		return worse
	case s.name == Ratio && s.higher:
		return -math.Log1p(-worse)
	}
	return math.Log1p(worse)
}
