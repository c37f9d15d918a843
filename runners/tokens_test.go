package runners

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/metrics"
)

func TestSpoken(t *testing.T) {
	s := &datasets.Samples{Shape: []int{3}, Data: []float32{2, 0, 0, 0, 0, 0, 1, 2, 3}}
	if d := cmp.Diff(metrics.Sentences{{2}, {1, 2, 3}}, spoken(&datasets.Vocabulary{Size: 4, End: 0}, s)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(metrics.Sentences{{2, 0, 0}, {0, 0, 0}, {1, 2, 3}}, spoken(&datasets.Vocabulary{Size: 4, End: -1}, s)); d != "" {
		t.Error(d)
	}
	if spoken(nil, s) != nil {
		t.Error("points became sentences")
	}
}

// On sequences the metrics of sentences are measured, and distances of token numbers are left out with a reason.
func TestSequencesAreNotPoints(t *testing.T) {
	c, err := ParseConfig("own.yaml", []byte("name: own\nsamples: 60\nfloor: false\nfeaturizers: [none]\nmetrics: [fd, distinct, self_bleu]\n"+
		"datasets: [{name: verses, train: 100, test: 60, hold: 1}]\nmodels: [{name: sentence-vae, settings: {steps: 2, width: 4, latent: 2}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(DefaultKit(), c)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(p.Skips, func(s Skip) bool { return s.Metric == "fd" && strings.Contains(s.Reason, "names") }) {
		t.Errorf("%+v", p.Skips)
	}
	sum, err := Run(context.Background(), DefaultKit(), p, Options{Dir: t.TempDir(), Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, r := range sum.Records {
		if r.Error != "" {
			t.Errorf("%s: %s", r.Metric, r.Error)
		}
		got[r.Metric] = true
	}
	for _, want := range []string{"distinct", "self_bleu", "self_bleu_real"} {
		if !got[want] {
			t.Errorf("no %s among %v", want, got)
		}
	}
}
