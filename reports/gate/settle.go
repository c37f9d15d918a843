package gate

import (
	"fmt"
	"math"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
)

// settle adjusts the p-values over all checks and gives each its outcome.
func (r *Verdict) settle(o Options) {
	p := make([]float64, len(r.Checks))
	for i, c := range r.Checks {
		p[i] = c.P
	}
	for i, adjusted := range stats.Holm(p) {
		c := &r.Checks[i]
		c.P = adjusted
		switch {
		case c.Status != "": // settled before: nothing to compare
		case c.Measure.Metric == "":
			c.settleFailures(o)
		default:
			c.settleValue(o, len(r.Checks))
		}
	}
	r.Count()
}

func (c *Check) settleValue(o Options, checks int) {
	worse, upper := float64(c.Worse), float64(c.WorseHi)
	change := fmt.Sprintf("%s, at most %s at %g %%", signed(worse), signed(upper), 100*(1-o.Alpha))
	switch {
	case upper <= o.Margin:
		c.Status, c.Reason = Pass, change+fmt.Sprintf(", within the margin of %s", percent(o.Margin))
	case c.P <= o.Alpha && worse > o.Margin:
		c.Status, c.Reason = Regression, fmt.Sprintf("%s, beyond the margin of %s (p %s)", signed(worse), percent(o.Margin), reports.PValue(c.P))
	case stats.SmallestP(c.N, c.NBase) > o.Alpha:
		c.Status, c.Reason = Inconclusive, fmt.Sprintf("%d runs against %d can never be significant at %g: add runs", c.N, c.NBase, o.Alpha)
	default:
		c.Status = Inconclusive
		c.Reason = fmt.Sprintf("%s: neither within the margin of %s nor worse beyond chance (p %s); %d runs against %d find %s or more", change, percent(o.Margin), reports.PValue(c.P), c.N, c.NBase, percent(float64(c.Detectable)))
		if d := float64(c.Detectable); d > o.Margin && !math.IsInf(d, 0) {
			c.Reason += fmt.Sprintf("; the margin needs about %d runs on each side", c.runsNeeded(o))
		}
	}
	if c.Status != Regression && c.Failed > 0 {
		c.Reason += fmt.Sprintf("; %d of %d runs failed and rank last", c.Failed, c.N)
	}
}

// runsNeeded scales the detectable shift by the square root of the harmonic number of runs: a guide, not a promise.
func (c *Check) runsNeeded(o Options) int {
	harmonic := 2 / (1/float64(c.N) + 1/float64(c.NBase))
	ratio := math.Log1p(float64(c.Detectable)) / math.Log1p(o.Margin)
	return int(math.Ceil(harmonic * ratio * ratio))
}

func (c *Check) settleFailures(o Options) {
	seen := fmt.Sprintf("%d of %d runs failed, %d of %d in the baseline", c.Failed, c.N, c.FailBase, c.NBase)
	if c.P <= o.Alpha {
		c.Status, c.Reason = Regression, seen+fmt.Sprintf(" (Fisher, p %s)", reports.PValue(c.P))
		return
	}
	c.Status = Pass
	c.Reason = seen + fmt.Sprintf("; the rate is below %s at %g %%", percent(stats.RateBound(c.Failed, c.N, 1-o.Alpha)), 100*(1-o.Alpha))
}

func percent(v float64) string {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return "nothing"
	}
	return fmt.Sprintf("%.3g %%", 100*v)
}

func signed(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "worse without bound"
	case math.IsInf(v, -1):
		return "better without bound"
	case math.Abs(v) < 5e-5:
		return "unchanged"
	case v < 0:
		return fmt.Sprintf("%.3g %% better", -100*v)
	default:
		return fmt.Sprintf("%.3g %% worse", 100*v)
	}
}
