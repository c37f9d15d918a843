package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/zoo"
)

const docs = "../../docs/zoo"

// The pages are what the catalog and the recorded runs say, whole; UPDATE_GOLDEN=1 writes them again.
func TestGeneratedPages(t *testing.T) {
	b, err := openBook(docs)
	if err != nil {
		t.Fatal(err)
	}
	pages := b.pages()
	for name, want := range pages {
		file := filepath.Join(docs, name)
		if got, err := os.ReadFile(file); err == nil && string(got) == want {
			continue
		}
		if !testutil.UpdateGolden() {
			t.Errorf("%s is stale: run make docs", file)
		} else if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(docs, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if n := filepath.Base(f); pages[n] == "" && n != "README.md" && strings.Contains(read(t, f), generated) {
			t.Errorf("%s is of no model: remove it", f)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every picture and note belongs to a recorded cell, and no picture is large.
func TestNothingIsLeftOver(t *testing.T) {
	b, err := openBook(docs)
	if err != nil {
		t.Fatal(err)
	}
	cells, pictures := map[string]bool{}, map[string]bool{}
	for _, recs := range b.suites {
		for _, r := range recs {
			cells[r.Cell] = true
		}
	}
	for cell, n := range b.notes {
		if !cells[cell] {
			t.Errorf("note of cell %s, which has no records", cell)
		}
		pictures[n.Picture] = true
	}
	files, err := filepath.Glob(filepath.Join(docs, imagesDir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		st, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		if most := map[bool]int64{false: largestImage, true: 64_000}[strings.HasPrefix(filepath.Base(f), spriteSuite+"-")]; st.Size() > most {
			t.Errorf("%s has %d bytes, want at most %d", f, st.Size(), most)
		}
		if !pictures[filepath.Base(f)] && !strings.HasPrefix(filepath.Base(f), spriteSuite+"-") { // the sprites' pictures have fixed names
			t.Errorf("%s belongs to no recorded cell", f)
		}
	}
}

// The suite of cards names every model, so that no new one is forgotten. The perfect sampler is a reference row of every suite.
func TestCardsSuiteHasEveryModel(t *testing.T) {
	c, err := runners.OpenSuite("cards")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{zoo.Perfect{}.Info().ID: true}
	for _, m := range c.Models {
		named[m.Name] = true
	}
	for _, m := range slices.Concat(zoo.All(), zoo.Controls()) {
		if id := m.Info().ID; !named[id] {
			t.Errorf("the suite cards does not name %s", id)
		}
	}
}

// A book of two runs: five seeds that find everything against five that find one mode; the smallest one-sided p-value of five against five is 1/252.
func TestClaimsFollowTheRecords(t *testing.T) {
	var recs []reports.Record
	add := func(model string, seed uint64, kl float64) {
		recs = append(recs, reports.Record{Cell: model + string(rune('a'+seed)), Model: model, Dataset: "ring", Seed: seed, Metric: "modes_kl", Value: kl, Status: reports.OK},
			reports.Record{Cell: model + string(rune('a'+seed)), Model: model, Dataset: "ring", Seed: seed, Metric: "modes", Value: 8, Status: reports.OK})
	}
	for seed := range uint64(5) {
		add("pacgan2", seed, 0.01*float64(seed+1))
		add("gan-ns", seed, 1+0.01*float64(seed))
		add("unrolled", seed, 2) // worse than the vanilla GAN
		add("wgan-gp", seed, 0.5)
	}
	b := &book{suites: map[string][]reports.Record{"modes": recs}, models: zoo.All()}
	text := b.studies()
	for _, want := range []string{
		"| pacgan2 has a lower reverse KL than gan-ns on the ring | median 0.0300 against 1.02 | 0.0079 | holds |", // 2/252: Holm over two tests
		"| unrolled has a lower reverse KL than gan-ns on the ring | median 2 against 1.02 | 1.00 | **does not hold** |",
		"| wgan-gp finds at least 8 modes on the ring in every run | 5 of 5 runs | – | holds |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(text[:min(len(text), 6000)])
	}
}

// A model without a record says so.
func TestNotMeasured(t *testing.T) {
	b := &book{suites: map[string][]reports.Record{}, models: zoo.All()}
	if page := b.page(zoo.VAE{}.Info()); !strings.Contains(page, "Not measured") {
		t.Error(page)
	}
}

// A failed run is shown as one, with its cause.
func TestFailureIsShown(t *testing.T) {
	b := &book{suites: map[string][]reports.Record{"cards": {{Cell: "x", Model: "vae", Dataset: "ring", Status: reports.Failed, Error: "NaN in the loss"}}}, models: zoo.All()}
	if page := b.page(zoo.VAE{}.Info()); !strings.Contains(page, "The run failed: NaN in the loss") {
		t.Error(page)
	}
}

// Bounds, order and verdicts decide the claims over translations and conditions, not their names.
func TestClaimsOfCounts(t *testing.T) {
	b := &book{suites: map[string][]reports.Record{}, notes: map[string]note{}, models: zoo.All()}
	add := func(suite, model, set, metric string, seed uint64, v float64, verdict string) {
		cell := suite + model + set + string(rune('a'+seed))
		b.suites[suite] = append(b.suites[suite], reports.Record{Cell: cell, Model: model, Dataset: set, Seed: seed, Metric: metric, Value: v, Status: reports.OK})
		b.notes[cell] = note{Verdict: verdict}
	}
	for seed := range uint64(2) {
		add("conditional", "cgan", "mnist", "gan_test", seed, 0.95, "")
		add("conditional", "acgan", "mnist", "gan_test", seed, 0.94+0.02*float64(seed), "")
		add("conditional", unmatched, "mnist", "gan_test", seed, 0.9+0.06*float64(seed), "") // lower in one seed only
		add("translation", "cyclegan", "ring-shifted", "correspondence", seed, 0.9, "permuted")
		add("translation", "discogan", "ring-shifted", "correspondence", seed, 0.1, []string{"permuted", "dropped"}[seed])
		add("translation", "pix2pix", "edges", "joint_validity", seed, 0.5, "")
		add("translation", "l1-alone", "edges", "joint_validity", seed, 0.5*float64(seed), "")
		add("sequences", "seqgan", "oracle", "nll_oracle", seed, 2, "")
		add("sequences", "seqgan-mle", "oracle", "nll_oracle", seed, 2.5, "")
		add("sequences", "seqgan-mle-longer", "oracle", "nll_oracle", seed, 1.9, "")
	}
	text := b.studies()
	for _, want := range []string{
		"| cgan draws the digit asked for in at least 95 % of the samples | 2 of 2 runs: 0.950, 0.950 | – | holds |",
		"| acgan draws the digit asked for in at least 95 % of the samples | 1 of 2 runs: 0.940, 0.960 | – | **does not hold** |",
		"| 1 of 2 seeds: 0.900, 0.960 against 0.950, 0.950 | – | **does not hold** |",
		"| cyclegan keeps the correspondence above 90 % | 0 of 2 runs: 0.900, 0.900 | – | **does not hold** |",
		"| 1 of 2 runs | – | holds |",
		"| 1 of 2 below, 2 of 2 above | – | **does not hold** |",
		"| on edges pix2pix has a higher joint validity than its distance alone | 0.500, 0.500 against 0, 0.500 | – | **does not hold** |",
		"| the adversarial phase lowers NLL_oracle | 2 of 2 seeds: 2, 2 against 2.50, 2.50 | – | holds |",
		"| 2.0000 ± 0.0000 against 1.9000 ± 0.0000 | – | **does not hold** |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
