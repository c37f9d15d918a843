package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/runners"
)

const root = "../.."

// Page, pictures and README's part are what the committed records say, whole; UPDATE_GOLDEN=1 writes them again.
func TestGeneratedPages(t *testing.T) {
	b, err := openBook(root)
	if err != nil {
		t.Fatal(err)
	}
	files, err := b.files(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		file := filepath.Join(root, name)
		if got, err := os.ReadFile(file); err == nil && bytes.Equal(got, want) {
			continue
		}
		if !testutil.UpdateGolden() {
			t.Errorf("%s is stale: run make docs", name)
		} else if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	pictures, err := filepath.Glob(filepath.Join(root, "docs", "images", "created-equal-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pictures {
		if name := filepath.Join("docs", "images", filepath.Base(p)); files[name] == nil {
			t.Errorf("%s is of no recorded study: remove it", name)
		}
	}
}

// The committed records are of the suites as they are: every cell that the engine plans, given what the records hold of its earlier phases, is recorded, and no other.
func TestRecordedStudiesAreOfTheirSuites(t *testing.T) {
	for _, name := range suites {
		recs, _, err := reports.ReadFile(filepath.Join(root, recordsOf(name)))
		if os.IsNotExist(err) {
			t.Logf("%s is not recorded yet", name)
			continue
		}
		if err == nil {
			err = belongs(name, recs)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// fabricated makes up records for all cells of a suite, phase after phase: an FD that has its best learning rate for each model, a spread over seeds, and failures at great
// rates.
func fabricated(t *testing.T, name string) (*runners.Config, []reports.Record) {
	t.Helper()
	c, err := runners.OpenSuite(name)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := runners.NewPlan(runners.DefaultKit(), c)
	if err != nil {
		t.Fatal(err)
	}
	var recs []reports.Record
	for done := map[string]bool{}; ; {
		whole, err := plan.Whole(recs)
		if err != nil {
			t.Fatal(err)
		}
		if len(whole.Cells) == len(done) {
			draws := map[string][]reports.Draw{}
			for _, cell := range whole.Cells {
				draws[cell.Hash] = cell.Study
			}
			for i := range recs { // a cell may turn out to be a draw of a later phase as well
				recs[i].Study = draws[recs[i].Cell]
			}
			return c, recs
		}
		for _, cell := range whole.Cells {
			if !done[cell.Hash] {
				recs = append(recs, madeUp(cell)...)
				done[cell.Hash] = true
			}
		}
	}
}

func madeUp(c runners.Cell) (recs []reports.Record) {
	s := rng.Stream(c.Seed, "made up", c.Hash)
	lr, err := strconv.ParseFloat(c.Settings["lr_g"], 64)
	if err != nil {
		lr = 1e-3
	}
	base := reports.Record{Cell: c.Hash, Model: c.Label, Dataset: c.Dataset, Settings: c.Settings, SettingsID: c.SettingsID, Seed: c.Seed, Step: c.Steps(), Study: c.Study, N: c.Samples, NReal: c.Samples,
		Featurizer: c.Featurizers[0], Status: reports.OK, Cost: reports.Cost{CPUSeconds: 1, DSteps: 2000, GSteps: 2000}}
	if lr > 5e-3 && s.Float64() < 0.5 {
		base.Status, base.Error, base.Cause, base.Featurizer = reports.Failed, "the loss is NaN", reports.NotANumber, ""
		return []reports.Record{base}
	}
	place := float64(len(c.Label)%4)*0.15 + math.Abs(math.Log10(lr)+3.2)*1.2 + 0.2*s.Normal()
	if reports.IsReference(c.Label) {
		place = map[string]float64{reports.Real: 0, reports.Perfect: 0, reports.Noise: 4}[c.Label]
	}
	add := func(metric, reference, better string, v float64) {
		r := base
		r.Metric, r.Reference, r.Better, r.Value = metric, reference, better, v
		if metric != "fd" {
			r.Featurizer = ""
		}
		recs = append(recs, r)
	}
	add("fd", "test", reports.Lower, 1e-3*math.Exp(place))
	if len(c.Study) > 0 {
		add("fd", "hold", reports.Lower, 1e-3*math.Exp(place+0.05*s.Normal()))
	}
	if c.Dataset == "polygons" {
		add("polygon_precision", "", reports.Higher, 1/(1+place))
		add("polygon_recall", "", reports.Higher, 1/(2+place))
		add("polygon_f1", "", reports.Higher, 2/(3+2*place))
		return recs
	}
	add("modes", "", reports.Higher, math.Round(8/(1+place/4)))
	add("hq", "", reports.Higher, 1/(1+place))
	return recs
}

// The whole page from records that are made up for every cell that the suites plan: the sections are there, and sentences and tables say what the records hold.
func TestPageFromMadeUpRecords(t *testing.T) {
	b := &book{}
	for _, name := range suites {
		if testing.Short() && name != "created-equal-mini" {
			continue // four thousand cells
		}
		c, recs := fabricated(t, name)
		if err := belongs(name, recs); err != nil {
			t.Fatal(err)
		}
		s, err := newStudy(c, about{Suite: name, Date: "2026-01-01"}, recs)
		if err != nil {
			t.Fatal(err)
		}
		claims, err := claimed(c, about{})
		if err != nil {
			t.Fatal(err)
		}
		s.verdicts = reports.JudgeClaims(s.sums, claims)
		b.studies = append(b.studies, s)
	}
	page, err := b.page()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := b.readme()
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("ASSAY_MADE_UP"); dir != "" { // to look at it
		for _, s := range b.studies {
			for _, f := range reports.StudyFigures(s.sums, metric) {
				var pic bytes.Buffer
				if err := f.SVG(&pic); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, s.picture(f.Name)), pic.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "page.md"), []byte(page+"\n---\n"+readme), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wanted := []string{"15 models on ring, grid and polygons.", "trained again with 5 fresh seeds", "### Precision, recall and F1 on polygons", "### Ranking over the data sets", "### Best against budget", "### Claims of the paper"}
	if !testing.Short() {
		wanted = append(wanted, "8 models on ring and grid. Of each model on each data set 100 settings from the wide space and 50 settings from the narrow space of [lucic2018] are drawn", "trained again with 50 fresh seeds")
	}
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if !strings.Contains(readme, "**Are GANs created equal?** Over all data sets ") || !strings.Contains(readme, "-chosen.svg)") {
		t.Errorf("README: %s", readme)
	}
}

// A study without records says so, and nothing else.
func TestNotRecorded(t *testing.T) {
	c, err := runners.OpenSuite("created-equal-mini")
	if err != nil {
		t.Fatal(err)
	}
	b := &book{[]*study{{config: c}}}
	page, err := b.page()
	if err != nil || !strings.Contains(page, "Not recorded yet") || strings.Contains(page, "### Findings") {
		t.Errorf("%v\n%s", err, page)
	}
	if text, err := b.readme(); err != nil || !strings.Contains(text, "not recorded yet") {
		t.Errorf("%v\n%s", err, text)
	}
}

// What is collected is what the page needs, the same bytes each time, and makes the same page as the run itself; an unfinished run is refused.
func TestCollect(t *testing.T) {
	const suite = "created-equal-mini"
	c, recs := fabricated(t, suite)
	more := recs[0]
	more.Metric, more.Reference = "fd_bias", "test"
	dir, docs := t.TempDir(), t.TempDir()
	write := func(recs []reports.Record) {
		t.Helper()
		var b bytes.Buffer
		if err := reports.WriteRecords(&b, recs...); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, "cells"), 0o700); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"run.json": `{"suite":"` + suite + `","provenance":{"cpu":"a processor"}}`, "records.jsonl": b.String(), "cells/x.json": "{}"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(append(slices.Clone(recs), more))
	a, err := collect(docs, dir)
	if err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(filepath.Join(docs, recordsOf(suite)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := collect(docs, dir); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(filepath.Join(docs, recordsOf(suite))); err != nil || !bytes.Equal(first, again) {
		t.Errorf("collected again the records differ: %v", err)
	}
	if !slices.Equal(a.Dropped, []string{"fd_bias"}) || a.Values != len(recs) || a.Machine.CPU != "a processor" {
		t.Errorf("%+v, want %d values and fd_bias left out", a, len(recs))
	}
	got, err := openStudy(docs, suite)
	if err != nil {
		t.Fatal(err)
	}
	want, err := newStudy(c, a, recs)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.verdicts) != len(c.Claims) {
		t.Errorf("%d verdicts on %d claims", len(got.verdicts), len(c.Claims))
	}
	want.verdicts = got.verdicts
	pages := make([]bytes.Buffer, 2)
	for i, s := range []*study{got, want} {
		if err := s.write(&pages[i]); err != nil {
			t.Fatal(err)
		}
	}
	if pages[0].String() != pages[1].String() {
		t.Error("the page of the collected records is another than that of the run's")
	}
	write(recs[:len(recs)-20])
	if _, err := collect(docs, dir); err == nil || !strings.Contains(err.Error(), "the run is not finished") {
		t.Errorf("an unfinished run: %v", err)
	}
}

// What the suites claim can be decided by what is committed.
func TestClaimsAreOfWhatIsKept(t *testing.T) {
	for _, name := range suites {
		c, err := runners.OpenSuite(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, claim := range c.Claims {
			if !slices.Contains(kept, claim.Metric) {
				t.Errorf("%s claims something of %s, which is not committed", name, claim.Metric)
			}
		}
	}
}

// A claim that the run folder noted keeps the time at which it was stated; one that it did not know was stated after all cells.
func TestClaimsSayWhenTheyWereStated(t *testing.T) {
	c, err := runners.OpenSuite("created-equal-mini")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Claims) < 2 {
		t.Fatal("the suite claims nothing")
	}
	fresh, err := claimed(c, about{})
	if err != nil {
		t.Fatal(err)
	}
	known := fresh[0]
	known.After = 7
	claims, err := claimed(c, about{Cells: 99, Claims: []reports.Claim{known}})
	if err != nil {
		t.Fatal(err)
	}
	for i, claim := range claims {
		if want := map[bool]int{true: 7, false: 99}[i == 0]; claim.After != want {
			t.Errorf("claim %d was stated after %d cells, want %d", i, claim.After, want)
		}
	}
}

// Records of other cells than the suite plans are refused, and so are fewer.
func TestBelongs(t *testing.T) {
	_, recs := fabricated(t, "created-equal-mini")
	last := recs[len(recs)-1].Cell
	fewer := reports.Where(recs, func(r reports.Record) bool { return r.Cell != last })
	if err := belongs("created-equal-mini", fewer); err == nil || !strings.Contains(err.Error(), "is planned as cell "+last+" and not recorded") {
		t.Errorf("without the last cell: %v", err)
	}
	strange := recs[len(recs)-1]
	strange.Cell = "0123456789abcdef0123"
	if err := belongs("created-equal-mini", append(slices.Clone(recs), strange)); err == nil || !strings.Contains(err.Error(), "and not planned") {
		t.Errorf("with a strange cell: %v", err)
	}
}

// Two models over two data sets: all runs of the one below all of the other, so that two seeds give p = (1/6)^2 a side and 1/18 for both, and three 2/400.
func TestPairsAndRanks(t *testing.T) {
	two := func(seeds int) *study {
		c, err := runners.ParseConfig("x.yaml", []byte("name: x\nselect: fd\nsearch: {draws: 2}\nmodels: [a, b]\ndatasets: [ring, grid]\n"))
		if err != nil {
			t.Fatal(err)
		}
		var recs []reports.Record
		for _, d := range []string{"ring", "grid"} {
			for i, m := range []string{"a", "b"} {
				for seed := range seeds {
					recs = append(recs, reports.Record{Cell: fmt.Sprint(d, m, seed), Model: m, Dataset: d, Seed: uint64(seed), SettingsID: m, Metric: "fd", Reference: "test", Value: float64(10*i+seed) + 1, Better: reports.Lower,
						Status: reports.OK, Study: []reports.Draw{{Phase: reports.RerunPhase, Number: 2, Of: "best", From: "search"}}})
				}
			}
		}
		s, err := newStudy(c, about{}, recs)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for seeds, p := range map[int]float64{2: 1. / 18, 3: 1. / 200} {
		s := two(seeds)
		got := s.pairs[[2]string{"a", "b"}]
		if got.better != 1 || math.Abs(got.p-p) > 1e-12 || s.pairs[[2]string{"b", "a"}].better != 0 {
			t.Errorf("%d seeds: %+v, want p = %v", seeds, got, p)
		}
		want := "Over all data sets 0 of the 1 pairs of models can be told apart; a and b have no model that is better beyond chance."
		if seeds == 3 {
			want = "Over all data sets 1 of the 1 pairs of models can be told apart; a has no model that is better beyond chance."
		}
		if text := s.pairFinding(); text != want {
			t.Errorf("%d seeds: %s", seeds, text)
		}
	}
}
