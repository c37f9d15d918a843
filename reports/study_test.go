package reports

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
)

// draws are the runs of a study of two models: gan's draws have the values 1 to 10 (the defaults 7), its best is run again with 1.5, 1.6, ... against defaults of 7 and
// more; of vae every draw is 3 but for a failure.
func drawsFixture() []Record {
	var recs []Record
	add := func(model string, v float64, seed uint64, settings string, ref string, study ...Draw) {
		recs = append(recs, Record{Cell: fmt.Sprintf("%s-%s-%d-%v", model, settings, seed, study[0]), Model: model, Dataset: "ring", SettingsID: settings, Seed: seed, Step: 10, Metric: "fd", Featurizer: "none",
			Reference: ref, N: 5, Value: v, Better: Lower, Status: OK, Study: study})
	}
	for i, v := range []float64{7, 3, 9, 1, 5, 10, 2, 8, 4, 6} {
		add("gan", v, 1, fmt.Sprint("g", i), "test", Draw{Phase: "wide", Number: i + 1})
		add("gan", 100-v, 1, fmt.Sprint("g", i), HoldOut, Draw{Phase: "wide", Number: i + 1})
	}
	for seed := range uint64(6) {
		add("gan", 1.5+0.1*float64(seed), 1001+seed, "g3", "test", Draw{Phase: RerunPhase, Of: "best", From: "wide", Number: 4})
		add("gan", 7+0.1*float64(seed), 1001+seed, "g0", "test", Draw{Phase: RerunPhase, Of: "defaults", Number: 1})
		add("vae", 3, 1001+seed, "v0", "test", Draw{Phase: RerunPhase, Of: "best", From: "wide", Number: 1}, Draw{Phase: RerunPhase, Of: "defaults", Number: 1})
	}
	add("vae", 3, 1, "v0", "test", Draw{Phase: "wide", Number: 1})
	recs = append(recs, Record{Cell: "vae-lost", Model: "vae", Dataset: "ring", SettingsID: "v1", Seed: 1, Status: Failed, Error: "NaN", Cause: NotANumber, Study: []Draw{{Phase: "wide", Number: 2}}})
	return recs
}

func sumOf(t *testing.T, sums []Summary, row string) Summary {
	t.Helper()
	for _, s := range sums {
		if s.Row == row {
			return s
		}
	}
	t.Fatalf("no row %q", row)
	return Summary{}
}

func TestStudyRowsAreApart(t *testing.T) {
	sums := Summarise(drawsFixture(), 0)
	if len(sums) != 6 {
		for _, s := range sums {
			t.Log(s.Row, s.Measure)
		}
		t.Fatalf("%d rows, want the search, the best and the defaults of two models, and nothing of the hold-out", len(sums))
	}
	wide := sumOf(t, sums, "gan, wide")
	if wide.N() != 10 || wide.Median != 5.5 || !wide.Searching || wide.Defaults == nil || *wide.Defaults != 7 || wide.Best {
		t.Errorf("the search: %+v", wide)
	}
	// The search's least value, 1, was luck: what is ranked is what was trained again.
	if best := sumOf(t, sums, "gan, best"); !best.Best || best.N() != 6 || math.Abs(best.Median-1.75) > 1e-12 {
		t.Errorf("the best: %+v", best)
	}
	// One cell may be the best and the defaults at once: it counts in both rows.
	if a, b := sumOf(t, sums, "vae, best"), sumOf(t, sums, "vae, defaults"); a.N() != 6 || b.N() != 6 || a.Tied || b.Best {
		t.Errorf("vae's rows: %d and %d runs", a.N(), b.N())
	}
	if lost := sumOf(t, sums, "vae, wide"); lost.Failed != 1 || lost.N() != 2 {
		t.Errorf("the failed draw: %+v", lost)
	}
}

func TestStudyTables(t *testing.T) {
	r, err := New(NewRun("r", drawsFixture()), Options{})
	if err != nil || len(r.Study) != 2 {
		t.Fatalf("%d tables, %v", len(r.Study), err)
	}
	var b bytes.Buffer
	if err := Markdown(&b, r.Study[0]); err != nil {
		t.Fatal(err)
	}
	// Expected least of 5 of 1..10 with replacement: sum_k P(least >= k) = sum_(j=1..10) (j/10)^5 = 2.20825.
	for _, want := range []string{"| gan, wide | ring | 10 | 0 | 1 |", "| 7 | 5.50 \\[1, 10\\] | 2.21 \\[1, 6\\] |", "| vae, wide | ring | 2 | 1 | 3 |"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the search table lacks %q:\n%s", want, b.String())
		}
	}
	b.Reset()
	if err := Markdown(&b, r.Study[1]); err != nil {
		t.Fatal(err)
	}
	// All 36 differences are within 0.5 of -5.5; p = 2/C(12,6) = 0.00216, Holm over two.
	for _, want := range []string{"| gan | ring | 6 | 1.75 | 7.25 | -5.50", "| 0.0043 |", "| vae | ring | 6 | 3 | 3 | 0", "| 1 cannot tell |"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table of gains lacks %q:\n%s", want, b.String())
		}
	}
}

// Of a draw that went on, its last rung counts, a failure there included; one that was stopped counts where it was.
func TestRungsCountOnce(t *testing.T) {
	rec := func(cell, settings string, step, rung int, v float64) Record {
		return Record{Cell: cell, Model: "gan", Dataset: "ring", SettingsID: settings, Seed: 1, Step: step, Metric: "fd", Value: v, Better: Lower, Status: OK, Study: []Draw{{Phase: "wide", Number: 1, Rung: rung, Stop: "median at 0.5 of the budget"}}}
	}
	lost := rec("f", "c", 15, 0, 0)
	lost.Metric, lost.Status, lost.Error = "", Failed, "NaN"
	got := Final([]Record{rec("a", "a", 10, 1, 5), rec("b", "a", 20, 0, 2), rec("c", "b", 10, 1, 9), rec("d", "c", 10, 1, 1), lost})
	var cells []string
	for _, r := range got {
		cells = append(cells, r.Cell)
	}
	if strings.Join(cells, "") != "bcf" {
		t.Errorf("counted are %v", cells)
	}
	if s := Summarise(got, 0); len(s) != 1 || s[0].Stop == "" || s[0].Failed != 1 || len(s[0].Values) != 2 {
		t.Errorf("%+v", s)
	}
}
