package sanity

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strings"

	"github.com/assay-gan/assay/metrics"
)

// published holds the outcomes that the authors print with their code, criterion by criterion, as facts: github.com/DPBayes/position-fidelity-diversity-metrics-flawed at
// f091234, plotting/print_pass_fail_tables.ipynb.
//
//go:embed published.csv
var published string

// Tried is one value of a metric that the authors tried, and how it is computed here.
type Tried struct {
	Name     string // in the published tables
	Title    string
	Metric   string // here; empty where there is none
	Value    string
	Settings map[string]string // that make it the published one
	Differs  string            // what is not the same all the same
}

// naiveForm is what differs between the published integrated measures and the ones here.
const naiveForm = "the authors embed the rows by a trained one-class network first, and seed it by the process; here the rows are taken as they are"

// TriedMetrics lists what the authors tried, in the order of their tables.
func TriedMetrics() []Tried {
	k3, k5, sym := map[string]string{"k": "3", "compare": "le"}, map[string]string{"k": "5", "compare": "le"}, map[string]string{}
	return []Tried{
		{"precision", "I-Prec", "prdc", "precision", k3, ""}, {"recall", "I-Rec", "prdc", "recall", k3, ""},
		{"density", "Density", "prdc", "density", k5, ""}, {"coverage", "Coverage", "prdc", "coverage", k5, ""},
		{"integrated_alpha_precision", "IAP", "alpha_precision", "alpha_precision", nil, naiveForm}, {"integrated_beta_recall", "IBR", "alpha_precision", "beta_recall", nil, naiveForm},
		{"precision_cover", "C-Prec", "cover_pr", "cover_precision", sym, ""}, {"recall_cover", "C-Rec", "cover_pr", "cover_recall", sym, ""},
		{"sym_precision", "symPrec", "sym_pr", "sym_precision", sym, ""}, {"sym_recall", "symRec", "sym_pr", "sym_recall", sym, ""},
		{"probabilistic_precision", "P-Prec", "p_pr", "p_precision", sym, ""}, {"probabilistic_recall", "P-Rec", "p_pr", "p_recall", sym, ""},
	}
}

// In says whether a catalog holds the metric and its value.
func (t Tried) In(catalog []metrics.Metric) bool {
	return slices.ContainsFunc(catalog, func(m metrics.Metric) bool {
		i := m.Info()
		return i.ID == t.Metric && slices.Contains(i.Values, t.Value)
	})
}

// Published is the authors' outcome of every criterion for a metric that they tried, by its name in their tables; nil for any other.
func Published(name string) []Finding {
	lines, err := csv.NewReader(strings.NewReader(published)).ReadAll()
	if err != nil || len(lines) == 0 {
		return nil
	}
	at := slices.Index(lines[0], name)
	if at < 4 { // the first four columns are keys
		return nil
	}
	var out []Finding
	for _, l := range lines[1:] {
		if o := Outcome(l[at]); o != NotAsked {
			out = append(out, Finding{l[0], l[1], l[2], l[3], o})
		}
	}
	return out
}

// Agreement is a criterion's outcome here beside the published one.
type Agreement struct {
	Finding
	Published Outcome `json:"published"`
}

// Against puts the findings of a value beside the published ones of the same criteria.
func Against(findings []Finding, name string) []Agreement {
	var out []Agreement
	for _, p := range Published(name) {
		for _, f := range findings {
			if f.Check == p.Check && f.Scenario == p.Scenario && f.Group == p.Group && f.Criterion == p.Criterion {
				out = append(out, Agreement{f, p.Outcome})
			}
		}
	}
	return out
}

// Same says whether both agree to the word.
func (a Agreement) Same() bool { return a.Outcome == a.Published }
