package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// The tables of README and docs/RESULTS.md come from the recorded run of the default suite, whole: `make docs` writes them again, and this test fails when they are stale.
func TestREADMEShowsTheRecordedRun(t *testing.T) {
	run, err := reports.Load(filepath.Join(root, "docs", "results", "default.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range run.Records {
		if r.Error != "" {
			t.Errorf("cell %s of %s on %s failed: %s", r.Cell, r.Model, r.Dataset, r.Error)
		}
	}
	distances := distanceTable(t, run.Records)
	splice(t, "README.md", "results", distances)
	splice(t, "docs/RESULTS.md", "results", distances+modeTables(t, run.Records))
}

// The recorded run is of the default suite as it is: with other models, settings, data or metrics the plan has other cells, and the tables would show what
// nobody gets. `make bench-all` runs it again; its records.jsonl is docs/results/default.jsonl.
func TestRecordedRunIsOfTheDefaultSuite(t *testing.T) {
	run, err := reports.Load(filepath.Join(root, "docs", "results", "default.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	suite, err := runners.OpenSuite("default")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := runners.NewPlan(runners.DefaultKit(), suite)
	if err != nil {
		t.Fatal(err)
	}
	recorded, planned := map[string]bool{}, map[string]bool{}
	for _, r := range run.Records {
		recorded[r.Cell] = true
	}
	for _, c := range plan.Cells {
		planned[c.Hash] = true
		if !recorded[c.Hash] {
			t.Errorf("%s is planned as cell %s, which is not recorded", c.Title(), c.Hash)
		}
	}
	for _, r := range run.Records {
		if !planned[r.Cell] {
			t.Errorf("%s on %s, seed %d, is recorded as cell %s, which is not planned", r.Model, r.Dataset, r.Seed, r.Cell)
			planned[r.Cell] = true // said once
		}
	}
}

func distanceTable(t *testing.T, recs []reports.Record) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("Fréchet distance, lower is better (median of the seeds; points: FD of the points, glyphs: FD(glyphnet)):\n\n")
	table(t, &b, reports.Where(recs, func(r reports.Record) bool {
		return r.Metric == "fd" && r.Reference == "test" && r.Dataset != "ring-rotated" && r.Dataset != "glyphs-inverted"
	}), reports.Select{Metric: "fd"})
	return b.String()
}

func modeTables(t *testing.T, recs []reports.Record) string {
	t.Helper()
	var b bytes.Buffer
	wanted := []string{"modes", "modes_share", "hq", "modes_kl", "modes_median"}
	for _, set := range []struct{ name, says string }{{"ring", "Eight modes on a ring"}, {"grid", "Twenty-five modes on a grid"}} {
		fmt.Fprintf(&b, "\n## %s\n\nHow many a model finds, and how many of its samples lie on one:\n\n", set.says)
		table(t, &b, reports.Where(recs, func(r reports.Record) bool {
			return r.Dataset == set.name && slices.Contains(wanted, r.Metric)
		}), reports.Select{Dataset: set.name})
	}
	return b.String()
}

func table(t *testing.T, b *bytes.Buffer, recs []reports.Record, sel reports.Select) {
	t.Helper()
	if len(recs) == 0 {
		t.Fatal("no records to show")
	}
	if err := reports.Markdown(b, reports.Tabulate(reports.Summarise(recs, 0.95), sel)); err != nil {
		t.Fatal(err)
	}
}

// splice compares the part of a page between its markers with what it should hold; UPDATE_GOLDEN=1 writes it.
func splice(t *testing.T, page, name, want string) {
	t.Helper()
	file := filepath.Join(root, page)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	part := regexp.MustCompile(`(?s)(<!-- ` + name + `: [^\n]*-->\n)(.*)(<!-- /` + name + ` -->)`)
	m := part.FindSubmatch(text)
	if m == nil {
		t.Fatalf("%s has no part marked %s", page, name)
	}
	want = "\n" + strings.TrimSpace(want) + "\n\n"
	if string(m[2]) == want {
		return
	}
	if !testutil.UpdateGolden() {
		t.Fatalf("the part %s of %s is stale: run make docs", name, page)
	}
	out := part.ReplaceAllFunc(text, func([]byte) []byte { return slices.Concat(m[1], []byte(want), m[3]) })
	if err := os.WriteFile(file, out, 0o644); err != nil {
		t.Fatal(err)
	}
}
