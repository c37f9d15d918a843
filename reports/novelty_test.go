package reports

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// noveltyRun is three seeds of two models: "copier" measured C_T of -9, -8 and 1 with .3 of near-copies, "fresh" left it to the verdict, whose median of .02, .01 and .03 is .02.
func noveltyRun() *Run {
	run := &Run{ID: "run", Artifacts: map[string]Artifacts{}}
	add := func(cell, model, metric, better string, seed uint64, v float64) {
		run.Records = append(run.Records, Record{Cell: cell, Model: model, Dataset: "ring", SettingsID: model, Seed: seed, Metric: metric, Better: better, Value: v, Status: OK, Featurizer: "none", Reference: "test"})
	}
	for i, ct := range []float64{-9, -8, 1} {
		cell := "copier" + string(rune('a'+i))
		add(cell, "copier", "fd", Lower, uint64(i), .1*float64(i+1))
		add(cell, "copier", "c_t", Near, uint64(i), ct)
		run.Artifacts[cell] = Artifacts{Cell: cell, Verdict: &Verdict{Word: "healthy", Readings: []Reading{{"nn_copies", .5, .01}}}} // less than what was measured
	}
	for i, copies := range []float64{.02, .01, .03} {
		cell := "fresh" + string(rune('a'+i))
		add(cell, "fresh", "fd", Lower, uint64(i), .4)
		run.Artifacts[cell] = Artifacts{Cell: cell, Verdict: &Verdict{Word: "healthy", Readings: []Reading{{"duplicates", 0, 0}, {"nn_copies", copies, .025}, {"auth_pct", 70, 71}}}}
	}
	add("real", Real, "fd", Lower, 1, .05)
	add("real", Real, "c_t", Near, 1, -30)                                                                                        // of a yardstick, which is no row
	run.Artifacts["real"] = Artifacts{Cell: "real", Verdict: &Verdict{Word: "healthy", Readings: []Reading{{"nn_copies", 1, 0}}}} // training rows themselves
	return run
}

func TestNoveltyStandsBesideFidelity(t *testing.T) {
	r, err := New(noveltyRun(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	fd := Measure{Metric: "fd", Featurizer: "none", Reference: "test"}
	want := []Novelty{
		{Row: "copier", Dataset: "ring", Measure: fd, Median: .2, Values: map[string]Float{"c_t": -8}, Copying: 2, Runs: 3, From: "records"},
		{Row: "fresh", Dataset: "ring", Measure: fd, Median: .4, Values: map[string]Float{"nn_copies": .02, "nn_copies_real": .025, "auth_pct": 70}, Runs: 3, From: "verdict"},
	}
	if d := cmp.Diff(want, r.Copying); d != "" {
		t.Error(d)
	}
	var page, text, doc bytes.Buffer
	if err := errors.Join(HTML(&page, r), Terminal(&text, r), jsonReport(&doc, r)); err != nil {
		t.Fatal(err)
	}
	const says = "FD rewards copies: read it beside copies and C_T, which say copying of copier on ring (2 of 3 runs)."
	for name, got := range map[string]string{"page": page.String(), "text": text.String(), "JSON": doc.String()} {
		if !strings.Contains(got, says) {
			t.Errorf("the %s does not say that FD rewards copies", name)
		}
	}
	for _, cell := range []string{"Copying beside fidelity (medians)", "C_T", "of held-out data"} {
		if !strings.Contains(page.String(), cell) || !strings.Contains(text.String(), cell) {
			t.Errorf("page or text lack %q", cell)
		}
	}
	if !strings.Contains(doc.String(), `"nn_copies_real": 0.025`) {
		t.Error("the JSON lacks the held-out share")
	}
}

// Near-copies count beyond what held-out data show and .05 more; C_T from -3 down.
func TestCopies(t *testing.T) {
	for _, c := range []struct {
		values map[string]float64
		want   bool
	}{
		{map[string]float64{"nn_copies": .07, "nn_copies_real": .01}, true},
		{map[string]float64{"nn_copies": .05, "nn_copies_real": .01}, false},
		{map[string]float64{"c_t": -3.1}, true},
		{map[string]float64{"c_t": 12}, false},
		{map[string]float64{"fd": 0}, false},
	} {
		if got := Copies(c.values); got != c.want {
			t.Errorf("%v: %v", c.values, got)
		}
	}
}

// A run of which nothing looked at the training set has no such table.
func TestNoNoveltyWithoutTraining(t *testing.T) {
	r, err := New(NewRun("run", benchRecords()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range r.Tables() {
		if table.ID == "novelty" {
			t.Errorf("table %+v", table)
		}
	}
}
