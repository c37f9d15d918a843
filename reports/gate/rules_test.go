package gate

import (
	"strings"
	"testing"

	"github.com/assay-gan/assay/reports"
)

func TestRules(t *testing.T) {
	ten, two := .1, .5
	base := append(values(1, 98, 99, 100, 101, 102), model(values(1, 98, 99, 100, 101, 102), "vae")...)
	cand := append(values(11, 106, 107, 108, 109, 110), model(values(11, 131, 132, 133, 134, 135), "vae")...)
	o := Options{Rules: []Rule{{File: "g.yaml", Line: 2, Model: "va*", Margin: &two}, {File: "g.yaml", Line: 3, Margin: &ten}}}
	v := decide(t, baseline(t, base), cand, o)
	if v.Status == Regression {
		t.Errorf("each within its rule's margin: %+v", v.Checks)
	}
	for _, c := range v.Checks {
		if want := map[string]string{"vae": "g.yaml:2", "wgan": "g.yaml:3"}[c.Model]; c.Family == Values && (c.Rule != want || c.MarginFrom != "rule") {
			t.Errorf("first match wins: %+v", c)
		}
	}
	if v := decide(t, baseline(t, base), cand, Options{Rules: o.Rules[1:]}); v.Checks[0].Model != "vae" || v.Checks[0].Status != Regression {
		t.Errorf("without the first rule: %+v", v.Checks[0])
	}
	least := Options{Rules: []Rule{{File: "g.yaml", Line: 4, MinSeeds: 8}}}
	if k := one(t, decide(t, baseline(t, base), cand, least), "fd"); k.Status != Inconclusive || !strings.Contains(k.Reason, "g.yaml:4 wants 8 seeds") {
		t.Errorf("%+v", k)
	}
}

// A rule can gate a measure that is no headline, and give a direction to one that has none.
func TestRuleGatesAMeasure(t *testing.T) {
	spread := func(first int, v ...float64) []reports.Record { return as(values(first, v...), "modes_spread", "near") }
	base := append(values(1, 98, 99, 100, 101, 102), spread(1, 1.1, 1.2, 1.15, 1.12, 1.18)...)
	cand := append(values(11, 98, 99, 100, 101, 102), spread(11, 3, 3.1, 3.2, 3.3, 3.4)...)
	if v := decide(t, baseline(t, base), cand, Options{}); v.Counts.Checks != 2 {
		t.Errorf("not asked for: %+v", v.Checks)
	}
	v := decide(t, baseline(t, base), cand, Options{Rules: []Rule{{File: "g.yaml", Line: 2, Measure: "modes_spread", Direction: reports.Lower}}})
	if k := one(t, v, "modes_spread"); k.Status != Regression {
		t.Errorf("%+v", k)
	}
}

func TestUnknownNamesInRulesAreRefused(t *testing.T) {
	b := baseline(t, values(1, 98, 99, 100, 101, 102))
	minus := -.1
	for _, c := range []struct {
		rule Rule
		says string
	}{
		{Rule{Measure: "fdd"}, `g.yaml:7: unknown measure "fdd"`},
		{Rule{Model: "vae"}, `unknown model "vae"`},
		{Rule{Dataset: "gr*"}, `unknown data set "gr*"`},
		{Rule{Model: "["}, "is no pattern"},
		{Rule{Margin: &minus}, "want a margin of at least 0"},
		{Rule{Direction: "up"}, "a direction lower or higher"},
	} {
		c.rule.File, c.rule.Line = "g.yaml", 7
		if _, err := Decide(b, values(11, 1, 2), Options{Rules: []Rule{c.rule}}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c.rule, err)
		}
	}
	if _, err := Decide(b, values(11, 98, 99, 100), Options{Rules: []Rule{{Measure: FailureRate, MinSeeds: 2}}}); err != nil {
		t.Error(err)
	}
}
