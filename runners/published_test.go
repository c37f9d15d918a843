package runners

import (
	"strings"
	"testing"
)

const beside = "name: p\nseeds: [1]\nsamples: 10\nfeaturizers: [none]\nmetrics: [fd, modes]\ndatasets: [ring]\nmodels: [gan-ns]\nreference:\n"

func TestPublishedFiguresNameKeyAndLine(t *testing.T) {
	plan := func(text string) (*Plan, error) {
		c, err := ParseConfig("p.yaml", []byte(beside+text))
		if err != nil {
			return nil, err
		}
		return NewPlan(DefaultKit(), c)
	}
	p, err := plan("  - {model: other, dataset: ring, metric: modes, value: 7.9, source: lin2018}\n")
	if err != nil || len(p.Published) != 1 || p.Published[0].Value != 7.9 {
		t.Fatalf("%v, %v", p, err)
	}
	without, err := plan("  - {model: gan-ns, dataset: ring, metric: fd, value: 1, source: lin2018}\n")
	if err != nil || without.Hash != p.Hash || without.Cells[0].Hash != p.Cells[0].Hash {
		t.Errorf("a figure of others changes what is run: %v", err)
	}
	for text, want := range map[string]string{
		"{model: a, dataset: ring, metric: fd, source: lin2018}":              `line 9: reference: key "value" is missing`,
		"{model: a, dataset: ring, metric: fd, value: x, source: lin2018}":    "line 9: value",
		"{model: a, dataset: rong, metric: fd, value: 1, source: lin2018}":    "line 9: reference: dataset: unknown data set \"rong\"",
		"{model: a, dataset: ring, metric: fid, value: 1, source: lin2018}":   "line 9: reference: metric: data set ring: unknown metric \"fid\"",
		"{model: a, dataset: ring, metric: fd, value: 1, source: lin2017}":    "line 9: reference: source:",
		"{model: a, dataset: ring, metric: fd, value: 1}":                     `line 9: reference: key "source" is missing`,
		"{model: real, dataset: ring, metric: fd, value: 1, source: lin2018}": "line 9: reference:",
		"{modell: a}": "line 9",
		"{model: a, dataset: ring, metric: fd, value: 1, source: lin2018, featurizer: pixels}": "line 9: reference: featurizer: data set ring: unknown featurizer \"pixels\"",
	} {
		if _, err := plan("  - " + text + "\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
