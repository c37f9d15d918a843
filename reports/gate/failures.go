package gate

import (
	"fmt"
	"math"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
)

// newFailures are so many, or this share of the runs, of a model that never failed, that the check is left open though chance cannot be ruled out.
const (
	newFailures     = 2
	newFailureShare = .2
)

// failureFamily tests for each model and data set whether its runs fail more often, by Fisher's exact test at MaxAlpha, Holm over the checks. The
// test is so discrete that it errs far less often than its level says; docs/GATE.md has the measured rate.
func failureFamily(v *Verdict, pairs []*matched, o Options) Family {
	var checks []*Check
	for _, m := range pairs {
		if len(m.cand.recs) == 0 && len(m.samples) > 0 {
			continue // the checks of its values say that there are no runs
		}
		c := failureCheck(m, o)
		checks = append(checks, &c)
	}
	f := judgeFailures(checks, o)
	for _, c := range checks {
		v.Checks = append(v.Checks, *c)
	}
	return f
}

// judgeFailures tests the checks that have no status yet.
func judgeFailures(checks []*Check, o Options) Family {
	f := Family{Name: Failures, Level: o.MaxAlpha, Method: "Holm"}
	var p []float64
	var tested []*Check
	for _, c := range checks {
		if c.Status == "" {
			c.Test = "Fisher"
			c.RawP = stats.Fisher(c.Failed, c.N, c.FailBase, c.NBase, stats.Greater)
			p, tested = append(p, c.RawP), append(tested, c)
		}
	}
	f.Checks = len(tested)
	for i, adjusted := range stats.Holm(p) {
		tested[i].P, tested[i].Level = adjusted, f.Level
		tested[i].settleFailures(f)
	}
	return f
}

func failureCheck(m *matched, o Options) Check {
	base, cand := failures(m.base), failures(m.cand)
	k := Check{Model: m.label, Dataset: m.base.dataset, Family: Failures, Scale: Rate, N: len(cand), NBase: len(base), RawP: 1, P: 1, Level: o.MaxAlpha}
	if m.rule != nil {
		k.Rule = m.rule.String()
	}
	for seed, failed := range base {
		was, paired := cand[seed]
		if paired {
			k.Pairs++
		}
		if paired && was == failed {
			k.Equal++
		}
		if failed {
			k.FailBase++
		}
	}
	for _, failed := range cand {
		if failed {
			k.Failed++
		}
	}
	rate, before := float64(k.Failed)/float64(k.N), float64(k.FailBase)/float64(k.NBase)
	k.Median, k.MedianBase, k.Worse = reports.Float(rate), reports.Float(before), reports.Float(rate-before)
	nan := reports.Float(math.NaN())
	k.WorseLo, k.WorseHi, k.Margin, k.Detectable = nan, nan, nan, nan
	switch {
	case k.N == 0:
		k.Status, k.Reason = Inconclusive, "the run has no cell of it"
	case k.Pairs == k.N && k.Equal == k.N:
		k.Status, k.Reason = Identical, fmt.Sprintf("the same %s as in the baseline", outcomes(k.Failed, k.N))
	default:
		if least := o.failuresFound(k); least <= k.N {
			k.Detectable = reports.Float(float64(least)/float64(k.N) - before)
		} else {
			k.Detectable = reports.Float(math.Inf(1))
		}
	}
	return k
}

func outcomes(failed, n int) string {
	if failed == 0 {
		return fmt.Sprintf("%s ended", plural(n, "run"))
	}
	return fmt.Sprintf("%d of %s failed", failed, plural(n, "run"))
}

// failuresFound is the least number of failed runs that is a regression where this check alone is tested; N+1 if none is.
func (o Options) failuresFound(k Check) int {
	for n := 0; n <= k.N; n++ {
		if stats.Fisher(n, k.N, k.FailBase, k.NBase, stats.Greater) <= o.MaxAlpha {
			return n
		}
	}
	return k.N + 1
}

// failures says for every seed whether its run failed.
func failures(g group) map[uint64]bool {
	out := map[uint64]bool{}
	for _, r := range g.recs {
		out[r.Seed] = out[r.Seed] || r.CellFailed()
	}
	return out
}

func (c *Check) settleFailures(f Family) {
	seen := fmt.Sprintf("%d of %s failed, %d of %d in the baseline", c.Failed, plural(c.N, "run"), c.FailBase, c.NBase)
	switch {
	case c.P <= f.Level:
		c.Status, c.Reason = Regression, seen+fmt.Sprintf(" (Fisher, p %s%s)", reports.PValue(c.P), f.holm())
		return
	case c.FailBase == 0 && (c.Failed >= newFailures || float64(c.Failed) >= newFailureShare*float64(c.N)):
		c.Status, c.Reason = Inconclusive, seen+fmt.Sprintf(": new, but p is %s: run more seeds to tell a fault from bad luck", reports.PValue(c.P))
	default:
		c.Status, c.Reason = Pass, seen
	}
	switch d := float64(c.Detectable); {
	case math.IsInf(d, 1):
		c.Reason += "; no number of failed runs could be a regression"
	case c.Status == Pass:
		c.Reason += fmt.Sprintf("; no rise is shown, %d of %d would be one", int(math.Round((d+float64(c.MedianBase))*float64(c.N))), c.N)
	}
	if c.Status == Pass && c.Failed > 0 {
		c.Notes = append(c.Notes, "runs fail: see their records for the reason")
	}
}

// holm says over how many checks a p-value was adjusted.
func (f Family) holm() string {
	if f.Checks < 2 {
		return ""
	}
	return fmt.Sprintf(" after Holm over %d checks", f.Checks)
}
