package runners

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assay-gan/assay/reports"
)

func TestOutlookCountsWhatARunComesTo(t *testing.T) {
	text := strings.Replace(hidden, "floor: false", "floor: true", 1) + "models: [quick, slow]\nsearch:\n- {phase: wide, draws: 6}\n- {phase: narrow, draws: 3, space: narrow}\nrerun: 2\n"
	p := mustPlan(t, text)
	o := p.Outlook(nil, nil)
	want := []PhaseOutlook{
		{Phase: "wide", Models: 2, Datasets: 1, Draws: 6, Seeds: 1, Cells: 12},
		{Phase: "narrow", Models: 2, Datasets: 1, Draws: 3, Seeds: 1, Cells: 6},
		{Phase: "rerun of best", Models: 2, Datasets: 1, Seeds: 2, Cells: 4},
		{Phase: "rerun of defaults", Models: 2, Datasets: 1, Seeds: 2, Cells: 4},
		{Phase: "reference rows", Models: 3, Datasets: 1, Seeds: 1, Cells: 3},
	}
	if d := cmp.Diff(want, o.Phases, cmpopts.IgnoreUnexported(PhaseOutlook{})); d != "" {
		t.Error(d)
	}
	// The defaults are the first draw of both phases: one cell for each model.
	sum := 0
	for _, ph := range o.Phases {
		sum += ph.Cells
	}
	s := mustRun(t, p, Options{Dir: t.TempDir(), Workers: 1})
	if o.Cells != p.Most || sum < p.Most || s.Total > o.Cells {
		t.Errorf("%d cells by phase, %d in all, %d ran", sum, o.Cells, s.Total)
	}
	plain := mustPlan(t, "name: plain\nfeaturizers: [none]\nmetrics: [gap]\nbudget: 8\nfloor: false\nseeds: [1, 2, 3]\ndatasets: [ring]\nmodels: [quick, slow]\n").Outlook(nil, nil)
	if d := cmp.Diff([]PhaseOutlook{{Phase: "train", Models: 2, Datasets: 1, Seeds: 3, Cells: 6}}, plain.Phases, cmpopts.IgnoreUnexported(PhaseOutlook{})); d != "" {
		t.Error(d)
	}
	if plain.Power.Seeds != 3 || plain.CPU != 0 {
		t.Errorf("%+v", plain)
	}
}

func TestProbeTellsTheCostOfEveryCell(t *testing.T) {
	p := mustPlan(t, strings.Replace(hidden, "budget: 8", "budget: 400", 1)+"models: [quick, slow]\nsearch: {draws: 6}\nrerun: 2\n")
	probe, err := NewProbe(t.Context(), fakeKit(), p, "", 4*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if len(probe.Pairs) != 2 || len(probe.Notes) > 0 {
		t.Fatalf("%+v", probe)
	}
	o := p.Outlook(probe, nil)
	// Every phase costs what its cells do: draws of random settings at the same length as the defaults.
	want := 0.
	for _, pair := range probe.Pairs {
		want += 10 * (pair.Train + pair.Score) // 6 draws, 2 of the best, 2 of the defaults
	}
	if o.CPU <= 0 || math.Abs(o.CPU-want) > 1e-9*want {
		t.Errorf("%g s, want %g", o.CPU, want)
	}
}

func TestPowerIsOfTheSeedsThatAreCompared(t *testing.T) {
	p := mustPlan(t, claimed+"claims:\n- {say: one, test: lower, metric: gap, models: quick, than: slow}\n- {say: other, test: higher, metric: gap, models: quick, than: slow}\n")
	if w := p.Power(nil); w.Seeds != 2 || w.Level != .025 || w.Shift != 0 {
		t.Errorf("two seeds a side show nothing: %+v", w)
	}
	p = mustPlan(t, strings.Replace(claimed, "rerun: 2", "rerun: 10", 1))
	var recs []reports.Record
	for seed := range uint64(10) {
		recs = append(recs, reports.Record{Cell: string(rune('a' + seed)), Model: "quick", Dataset: "ring", SettingsID: "s", Seed: seed, Metric: "gap", Featurizer: "none", Reference: "test", N: 5,
			Value: 100 + float64(seed), Better: reports.Lower, Status: reports.OK})
	}
	w := p.Power(recs)
	if len(w.Spread) != 1 || w.Spread[0].Median != 104.5 {
		t.Fatalf("%+v", w)
	}
	// Ten values from 100 to 109 have a standard deviation of 3; normal ones of it need 1.22 of them, 3.7 of 104.5, and even ones about as much.
	if got := w.Spread[0].Shift * 104.5; got < 2.5 || got > 5 {
		t.Errorf("a shift of %g is seen", got)
	}
}
