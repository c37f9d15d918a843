package gate

import (
	"fmt"
	"slices"

	"github.com/assay-gan/assay/reports"
)

// derived lists measures that are read off one computation: the first says most, and the others would test the same runs twice.
var derived = [][]string{
	{"fd", "fd_mean", "fd_bias"},
	{"modes", "modes_share", "modes_kl", "modes_jsd"},
	{"precision", "f_score"},
	{"nll", "bits_per_site"},
	{"correspondence", "correspondence_hq"},
}

// derivedFrom returns the listed measure that the metric is derived from, "" if there is none.
func derivedFrom(metric string, listed []string) string {
	for _, family := range derived {
		if slices.Contains(family, metric) {
			for _, other := range family {
				if other != metric && slices.Contains(listed, other) {
					return other
				}
			}
		}
	}
	return ""
}

// checkDerived refuses a list that gates one computation twice.
func checkDerived(metrics []string) error {
	for i, m := range metrics {
		if other := derivedFrom(m, metrics[:i]); other != "" {
			return fmt.Errorf("baseline: %s and %s come from one computation: gate one of them", other, m)
		}
	}
	return nil
}

// gated returns what is checked of a group, one measure a check: those that the baseline names; else its headline, in the order fd, fid, kid, hq, is, nll and
// then as in tables, with the modes where they are known. A measure that a rule names is added. Values without a better side are left out, unless a rule gives
// them one.
func (b *Baseline) gated(g group, rules []Rule) []reports.Measure {
	var have []reports.Measure
	for _, s := range reports.Summarise(withoutSettings(g.recs), 0) {
		rule := find(rules, s.Measure.Metric, g.model, g.dataset)
		if s.Better == reports.Lower || s.Better == reports.Higher || rule != nil && rule.Direction != "" {
			have = append(have, s.Measure)
		}
	}
	wanted := b.Metrics
	if len(wanted) == 0 {
		wanted, have = reports.HeadlineMetrics(have), reports.OneWay(have)
	}
	return slices.DeleteFunc(have, func(m reports.Measure) bool {
		return !slices.Contains(wanted, m.Metric) && !slices.ContainsFunc(rules, func(r Rule) bool { return r.Measure == m.Metric && r.matches(m.Metric, g.model, g.dataset) })
	})
}

// withoutSettings makes one row of the group's runs.
func withoutSettings(recs []reports.Record) []reports.Record {
	out := slices.Clone(recs)
	for i := range out {
		out[i].Settings, out[i].SettingsID = nil, ""
	}
	return out
}
