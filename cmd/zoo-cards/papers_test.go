package main

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// Verdicts by hand. Five values of mean 10 and standard deviation 1, t(4) = 2.7764451: the mean's interval has half width 1.2416645, that for one more run
// 2.7764451 sqrt(1/5 + 1) = 3.0414432, for the mean of five more 1.7559781.
func TestVerdicts(t *testing.T) {
	v := []float64{10 - math.Sqrt2, 10, 10, 10, 10 + math.Sqrt2} // squares sum to 4
	for _, c := range []struct {
		what             string
		value, err, half float64
		runs             int
		runsOf           []float64
		want             string
	}{
		{"inside one run's interval", 13.0, none, 0, 1, v, agrees},
		{"outside it", 13.1, none, 0, 1, v, differs},
		{"outside it by less than half the last digit", 13.05, none, 0.05, 1, v, agrees},
		{"inside the interval of a mean of five", 11.7, none, 0, 5, v, agrees},
		{"outside it", 11.8, none, 0, 5, v, differs},
		{"within the paper's error", 11.7, 0.5, 0, 5, v, agrees}, // 1.24 is wider than it, but less than a quarter of 11.7
		{"beyond the paper's error", 11.8, 0.5, 0, 5, v, differs},
		{"one run at the figure", 8, none, 0, 1, []float64{8}, agrees},
		{"one run beside it", 7, none, 0.5, 1, []float64{8}, differs},
		{"too few runs to say", 5, none, 0, 1, []float64{4, 6}, undecided},
		{"a run without a number", 10, 1, 0, 1, []float64{10, math.Inf(1)}, differs},
	} {
		f := paperFigure{value: c.value, err: c.err, half: c.half, runs: c.runs}
		if got := f.verdict(c.runsOf); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

// Half a unit of the last digit that is printed.
func TestLastDigit(t *testing.T) {
	for printed, want := range map[string]float64{"8": 0.5, "40": 0.5, "35.6": 0.05, "0.13": 0.005} {
		if got := lastDigit(printed); math.Abs(got-want) > 1e-15 {
			t.Errorf("%s: %v, want %v", printed, got, want)
		}
	}
}

// A book of made-up runs: the page counts, scales and says what they are; a table agrees when all that was run of it does.
func TestPapersPage(t *testing.T) {
	b := &book{suites: map[string][]reports.Record{}, papers: []paperRow{{"modes", "srivastava2017", "ring", "GAN", "hq", 0.993, none}, {"modes", "lin2018", "ring", "GAN", "modes", 6.3, 0.5}}}
	add := func(suite, model, set, metric string, seed uint64, v float64) {
		b.suites[suite] = append(b.suites[suite], reports.Record{Cell: model + set + string(rune('a'+seed)), Model: model, Dataset: set, Seed: seed, Metric: metric, Value: v, Status: reports.OK,
			Cost: reports.Cost{CPUSeconds: 12}})
	}
	for seed := range uint64(3) {
		add("papers-seqgan", "noise", "oracle", "nll_oracle", seed, 10.2+0.1*float64(seed)) // mean 10.3, half width 4.302653 0.1 sqrt(4/3) = 0.496828
		add("papers-veegan", "gan-ns", "ring", "hq", seed, 0.5)
		add("papers-cfm", "i-cfm", "moons", "wasserstein", seed, 0.3) // (2 0.3)^2 = 0.36, within 0.109 of 0.338
	}
	add(ratesSuite, "pacgan-1", "ring", "seconds_per_step", 1, 0.027) // 400 000 steps are 3 hours
	text := b.papersPage()
	for _, want := range []string{
		"at least in part: 3; those of them in which all that was run agrees: 2.",
		"| Random | 10.310 | 10.3000 | 9.8032 to 10.7968 | 3 | 12 | agrees |",
		"| ring, GAN, high quality % | 99.3 | 50.00 | 50.00 to 50.00 | 3 | 12 | **differs** |",
		"| I-CFM, N → moons, squared 2-Wasserstein distance | 0.338 ± 0.109 | 0.3600 | 0.3600 to 0.3600 | 3 | 12 | agrees |",
		"not run: 400 000 steps: 3 hours of one core a run, 9 for 3 |",
		"| MLE | 9.038 |  |  | 0 |  | not run: 120 epochs of 156 batches of 64; no step of it was timed |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// Every recorded cell of a suite of papers is one that the suite plans today, with the same settings.
func TestPaperRunsAreOfTheirSuites(t *testing.T) {
	b, err := openBook(docs)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, table := range b.paperTables() {
		recs := b.suites[table.suite]
		if table.suite == measuresSuite || table.suite == ratesSuite || len(recs) == 0 {
			continue
		}
		planned := map[string]bool{}
		for _, cell := range planOf(t, table.suite).Cells {
			planned[cell.Hash] = true
		}
		for _, r := range recs {
			seen++
			if !planned[r.Cell] {
				t.Errorf("%s: %s on %s, seed %d, is recorded as cell %s, which is not planned", table.suite, r.Model, r.Dataset, r.Seed, r.Cell)
				planned[r.Cell] = true // said once
			}
		}
	}
	if seen == 0 {
		t.Error("there are no recorded runs of papers' suites")
	}
}

// Every figure names a model and a data set that its suite has, so that a row cannot stay empty by a slip of the pen; every label of a rate is one that is timed.
func TestPaperFiguresAreInTheirSuites(t *testing.T) {
	b, err := openBook(docs)
	if err != nil {
		t.Fatal(err)
	}
	timed := map[string]bool{}
	for _, r := range rates() {
		timed[r.name] = true
	}
	for _, table := range b.paperTables() {
		here := map[string]bool{}
		if table.suite != measuresSuite && table.suite != ratesSuite {
			for _, cell := range planOf(t, table.suite).Cells {
				here[cell.Label+" on "+cell.Dataset] = true
			}
		}
		for _, f := range table.figures {
			if f.cost != nil {
				for _, p := range f.cost.parts {
					if !timed[p.rate] {
						t.Errorf("%s, %s: there is no rate %q", table.title, f.what, p.rate)
					}
				}
			}
			if key := f.model + " on " + f.dataset; f.model != "" && table.suite != measuresSuite && !here[key] {
				t.Errorf("%s, %s: the suite %s has no %s", table.title, f.what, table.suite, key)
			}
		}
	}
}

// A run folder's records are taken once; the same folder again adds nothing.
func TestAddPapers(t *testing.T) {
	root := t.TempDir()
	run := filepath.Join(root, "run")
	for _, d := range []string{run, filepath.Join(root, "docs", "zoo"), filepath.Join(root, "docs", "results")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(run, "run.json"), []byte(`{"suite":"papers-veegan"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	line := `{"cell":"0123456789abcdef0123","model":"vae","dataset":"ring","seed":1,"step":1,"metric":"modes","value":3,"better":"higher","status":"ok","cost":{"wall_s":0,"cpu_s":0,"d_steps":0,"g_steps":0,"samples":0},"provenance":{"version":"x","kernel":"x","cpu":"x","dataset_hash":"x","weights_hash":""}}` + "\n"
	if err := os.WriteFile(filepath.Join(run, reports.RecordsFile), []byte(line), 0o644); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 0} {
		n, err := addPapers(context.Background(), filepath.Join(root, "docs", "zoo"), run)
		if err != nil || n != want {
			t.Errorf("time %d: %d records, %v; want %d", i+1, n, err, want)
		}
	}
}

func planOf(t *testing.T, suite string) *runners.Plan {
	t.Helper()
	c, err := runners.OpenSuite(suite)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := runners.NewPlan(runners.DefaultKit(), c)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}
