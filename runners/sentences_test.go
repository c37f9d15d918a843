package runners

import (
	"context"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/assay-gan/assay/reports"
)

// An untrained language model says words at random: on a language of V words a sentence's words cost about log V nats each or more. The training split, the language's own
// sentences, costs less.
func TestOracleJudgesSentences(t *testing.T) {
	dir := t.TempDir()
	c, err := ParseConfig("own.yaml", []byte("name: own\nsamples: 100\nfeaturizers: [none]\nmetrics: [duplicates]\ndatasets: [{name: oracle, train: 300, test: 100, hold: 1}]\n"+
		"models: [{name: seqgan, settings: {steps: 2, pretrain: 1, d_pretrain: 1, width: 4}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(DefaultKit(), c)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := Run(context.Background(), DefaultKit(), p, Options{Dir: dir, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	nll := map[string]float64{}
	cell := ""
	for _, r := range sum.Records {
		if r.Metric == "nll_oracle" {
			nll[r.Model] = r.Value
		}
		if r.Model == "seqgan" {
			cell = r.Cell
		}
	}
	set, err := DefaultKit().Dataset("oracle")
	if err != nil {
		t.Fatal(err)
	}
	v := 0.0
	for _, q := range set.Info().Params {
		if q.Name == "vocabulary" {
			v = q.Default
		}
	}
	if v > 0 && !(nll["noise"] > 0.9*math.Log(v)) || !(nll[reports.Real] > 0 && nll[reports.Real] < nll[reports.Noise]-0.1) {
		t.Errorf("nats a token %v, vocabulary %v", nll, v)
	}
	b, err := os.ReadFile(reports.TextPath(dir, cell))
	if err != nil || strings.Count(string(b), "\n") != shownSentences {
		t.Errorf("%q, %v", b, err)
	}
}
