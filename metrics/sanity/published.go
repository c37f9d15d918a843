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
	Metric   string // here
	Value    string
	Settings map[string]string // that make it the published one
	Face     Face              // that the authors judge it by
	Differs  string            // what is not the same all the same
}

// What differs between some published values and the ones here.
const (
	naiveForm   = "the authors embed the rows by a trained one-class network first, and seed it by the process; here the rows are taken as they are"
	otherCovers = "the authors' precision cover is the share of real rows, here it is the share of fakes, so that their precision is our recall; their k grows from 4 to 6 with the rows, here it is 5"
)

// TriedMetrics lists what the authors tried, in the order of their tables.
func TriedMetrics() []Tried {
	k3, k5, covers := map[string]string{"k": "3", "compare": "le"}, map[string]string{"k": "5", "compare": "le"}, map[string]string{"k": "5", "c": "3"}
	return []Tried{
		{"precision", "I-Prec", "prdc", "precision", k3, Fidelity, ""}, {"recall", "I-Rec", "prdc", "recall", k3, Diversity, ""},
		{"density", "Density", "prdc", "density", k5, Fidelity, ""}, {"coverage", "Coverage", "prdc", "coverage", k5, Diversity, ""},
		{"integrated_alpha_precision", "IAP", "alpha_precision", "alpha_precision", nil, Fidelity, naiveForm},
		{"integrated_beta_recall", "IBR", "alpha_precision", "beta_recall", nil, Diversity, naiveForm},
		{"precision_cover", "C-Prec", "cover_precision", "cover_recall", covers, Fidelity, otherCovers},
		{"recall_cover", "C-Rec", "cover_precision", "cover_precision", covers, Diversity, otherCovers},
		{"sym_precision", "symPrec", "sym_precision", "sym_precision", nil, Fidelity, ""}, {"sym_recall", "symRec", "sym_precision", "sym_recall", nil, Diversity, ""},
		{"probabilistic_precision", "P-Prec", "p_precision", "p_precision", nil, Fidelity, ""}, {"probabilistic_recall", "P-Rec", "p_precision", "p_recall", nil, Diversity, ""},
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
