package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/metrics"
)

const root = "../.."

// The page is what the committed record says; UPDATE_GOLDEN=1 writes it again.
func TestGeneratedPage(t *testing.T) {
	all, err := readTrials(filepath.Join(root, "docs/results/verdicts.jsonl"))
	if err != nil || len(all) == 0 {
		t.Fatalf("%d trials, %v", len(all), err)
	}
	file, want := filepath.Join(root, "docs/VERDICTS.md"), page(all)
	got, err := os.ReadFile(file)
	if err == nil && bytes.Equal(got, want) {
		return
	}
	if !testutil.UpdateGolden() {
		t.Fatal("docs/VERDICTS.md is stale: run make docs")
	}
	if err := os.WriteFile(file, want, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Of 60 perfect generators one gets a false word: with 95 % confidence the rate is at most 7.7 % (beta.ppf(.95, 2, 59) of scipy), which the page must not call 5 %.
func TestPageCounts(t *testing.T) {
	var all []trial
	for seed := range uint64(60) {
		all = append(all, trial{World: "ring", Fault: perfect, N: 250, Seed: seed, Word: metrics.Healthy})
	}
	all[7].Word, all[8].Word = metrics.Dropped, metrics.Unclear
	for seed, w := range []metrics.Word{metrics.Memorised, metrics.Healthy, metrics.Healthy, metrics.Memorised, metrics.Shrunk} {
		all = append(all, trial{World: "ring", Fault: "copies of training rows", Strength: .1, N: 1000, Seed: uint64(seed), Word: w})
	}
	text := string(page(all))
	for _, want := range []string{
		"| Ring of eight modes in the plane, which are known | 250 | 60 | 58 | 1 | 1 dropped | 7.7 % |",
		"1 of 60 perfect generators got a false word. Not shown to be at most 5 % over all sizes: ring (7.7 % in 60 trials).",
		"| copies of training rows | 0.1 of the fakes | not run | 2/5 (2 healthy, 1 shrunk) | not run |",
		"Not run: mixture,",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
