package gate

import (
	"fmt"
	"path"
	"slices"

	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/reports"
)

// Rule changes the defaults for the checks that it matches. Of several the first that matches wins.
type Rule struct {
	File string // where it was read, for messages
	Line int

	Measure, Model, Dataset string // a name or a pattern with * and ?; empty matches all. Naming a measure gates it

	Margin    *float64 // accepted worsening as a share; nil: from the noise
	Direction string   // lower or higher: which side is better, for a measure that does not say
	MinSeeds  int      // fewer candidate runs leave the check open
	Equal     bool     // every value must be equal to the bit, on one kernel set and processor
}

// String says where the rule stands: "gate.yaml:3".
func (r *Rule) String() string { return fmt.Sprintf("%s:%d", r.File, r.Line) }

// FailureRate is the measure by which a rule names the rate of failed runs.
const FailureRate = "failures"

func (r *Rule) matches(measure, model, dataset string) bool {
	if measure == "" {
		measure = FailureRate
	}
	return glob(r.Measure, measure) && glob(r.Model, model) && glob(r.Dataset, dataset)
}

func glob(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return pattern == "" || err == nil && ok
}

// find returns the first rule that matches, nil if there is none.
func find(rules []Rule, measure, model, dataset string) *Rule {
	for i := range rules {
		if rules[i].matches(measure, model, dataset) {
			return &rules[i]
		}
	}
	return nil
}

// checkRules refuses a rule that names what the baseline does not hold: it would be a gate that nobody keeps.
func checkRules(rules []Rule, b *Baseline) error {
	measures, models, datasets := []string{FailureRate}, []string(nil), []string(nil)
	add := func(to *[]string, name string) {
		if name != "" && !slices.Contains(*to, name) {
			*to = append(*to, name)
		}
	}
	for _, r := range b.Records {
		if !reports.IsReference(r.Model) {
			add(&measures, r.Metric)
			add(&models, r.Model)
			add(&datasets, r.Dataset)
		}
	}
	for i := range rules {
		r := &rules[i]
		for _, n := range []struct {
			kind, pattern string
			have          []string
		}{{"measure", r.Measure, measures}, {"model", r.Model, models}, {"data set", r.Dataset, datasets}} {
			if _, err := path.Match(n.pattern, ""); err != nil {
				return fmt.Errorf("%s: %s %q is no pattern: %w", r, n.kind, n.pattern, err)
			}
			if n.pattern != "" && !slices.ContainsFunc(n.have, func(name string) bool { return glob(n.pattern, name) }) {
				return fmt.Errorf("%s: %w (in the baseline)", r, suggest.Unknown(n.kind, n.pattern, n.have))
			}
		}
		if r.Margin != nil && !(*r.Margin >= 0) || r.Direction != "" && r.Direction != reports.Lower && r.Direction != reports.Higher || r.MinSeeds < 0 {
			return fmt.Errorf("%s: want a margin of at least 0, a direction lower or higher, and at least 0 seeds", r)
		}
	}
	return nil
}
