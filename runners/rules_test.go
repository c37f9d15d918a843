package runners

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/reports/gate"
)

func TestParseRules(t *testing.T) {
	text := "rules:\n  - {measure: fd, model: \"va*\", dataset: ring, margin: 0.1}\n  - {measure: modes_spread, direction: lower, min_seeds: 10, equal: true}\n"
	ten := .1
	want := []gate.Rule{{File: "g.yaml", Line: 2, Measure: "fd", Model: "va*", Dataset: "ring", Margin: &ten}, {File: "g.yaml", Line: 3, Measure: "modes_spread", Direction: "lower", MinSeeds: 10, Equal: true}}
	got, err := ParseRules("g.yaml", []byte(text))
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Error(err, d)
	}
	for _, c := range []struct{ text, want string }{
		{"", "g.yaml: the file is empty; it needs a list \"rules\""},
		{"rules: []\n", "g.yaml: line 1: rules: the list is empty"},
		{"rules:\n  - {metric: fd}\n", `g.yaml: line 2: rule: unknown key "metric"`},
		{"rules:\n  - {measure: fd, margin: -0.1}\n", "g.yaml: line 2: margin: -0.1 is not allowed"},
		{"rules:\n  - {measure: fd, margin: much}\n", "want a number"},
		{"rules:\n  - {measure: fd, direction: up}\n", `want lower or higher, found "up"`},
		{"rules:\n  - {measure: fd, measure: kid}\n", "is there twice"},
		{"rules:\n  - {measure: fd, min_seeds: 0}\n", "want at least 1"},
		{"rules:\n  - {measure: fd, equal: 1}\n", "want true or false"},
		{"rule:\n  - {measure: fd}\n", `unknown key "rule"`},
	} {
		if _, err := ParseRules("g.yaml", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

// No text makes the reader panic, and what it takes has a line.
func FuzzParseRules(f *testing.F) {
	f.Add("rules:\n  - {measure: fd, margin: 0.1}\n")
	f.Add("rules: [{equal: true}]")
	f.Add("- a")
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := ParseRules("g.yaml", []byte(text))
		if err == nil && (len(rules) == 0 || rules[0].Line == 0) {
			t.Errorf("%q: %+v", text, rules)
		}
	})
}
