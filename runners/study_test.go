package runners

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/reports"
)

const hidden = "name: study\nfeaturizers: [none]\nmetrics: [gap]\nsamples: 100\nfloor: false\nbudget: 8\nselect: gap\ndatasets:\n- {name: ring, train: 500, test: 300, hold: 200}\n"

// values are a study's draws by phase and number: the settings, and how far each was trained.
func drawsOf(s *Summary) map[string]string {
	out := map[string]string{}
	for _, r := range s.Records {
		if r.Reference == HoldOut {
			continue
		}
		for _, d := range r.Study {
			key := fmt.Sprintf("%s %s %s%d", r.Model, d.Phase, d.Of, d.Number)
			if d.Of != "" {
				key += fmt.Sprintf(" seed %d", r.Seed)
			}
			if d.Rung > 0 {
				key += fmt.Sprintf(" rung %d", d.Rung)
			}
			out[key] = fmt.Sprintf("lr %s clip %s step %d", r.Settings["lr"], r.Settings["clip"], r.Step)
		}
	}
	return out
}

func TestStudyDrawsAreAFunctionOfTheFile(t *testing.T) {
	text := hidden + "models: [quick, slow]\nsearch: {draws: 6}\nrerun: 2\n"
	dir := t.TempDir()
	s := mustRun(t, mustPlan(t, text), Options{Dir: dir, Workers: 1})
	if p := mustPlan(t, text); len(p.Cells) != 12 || p.Most != 20 {
		t.Errorf("%d cells are planned of %d at most, want the 12 draws of 20", len(p.Cells), p.Most)
	}
	draws := drawsOf(s)
	if len(draws) != 2*(6+4) {
		t.Fatalf("%d draws and reruns", len(draws))
	}
	if got := draws["quick search 1"]; got != "lr 0.0001 clip 0.01 step 8" {
		t.Errorf("the first draw is %s, want the defaults", got)
	}
	for _, m := range []string{"quick", "slow"} {
		lrs := map[string]bool{}
		for i := range 6 {
			lrs[draws[fmt.Sprintf("%s search %d", m, i+1)]] = true
		}
		if len(lrs) != 6 {
			t.Errorf("%s: %d different draws of 6", m, len(lrs))
		}
	}
	if draws["quick search 2"] == draws["slow search 2"] {
		t.Error("two models share a stream")
	}
	four := t.TempDir()
	mustRun(t, mustPlan(t, text), Options{Dir: four, Workers: 4})
	if d := cmp.Diff(timeless(t, dir), timeless(t, four)); d != "" {
		t.Errorf("four workers (-one +four):\n%s", d)
	}

	// More draws and more seeds run the new cells alone, and change none of the old.
	more := mustPlan(t, strings.Replace(strings.Replace(text, "draws: 6", "draws: 8", 1), "rerun: 2", "rerun: 3", 1))
	grown := mustRun(t, more, Options{Dir: dir})
	again := drawsOf(grown)
	for k, v := range draws {
		if !strings.Contains(k, "rerun best") && again[k] != v {
			t.Errorf("%s was %s and is %s", k, v, again[k])
		}
	}
	if want := 2*2 + 2; grown.Ran < want || grown.Ran > want+2*3 { // the best may be another one now
		t.Errorf("%d cells ran for 4 draws and 2 to 8 seeds more", grown.Ran)
	}
	if more.Hash != mustPlan(t, text).Hash {
		t.Error("more draws make another study")
	}

	// Another study of the same name would lose the first one's records.
	_, err := Run(context.Background(), fakeKit(), mustPlan(t, strings.Replace(text, "draws: 6", "draws: 6, seed: 2", 1)), Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "holds another study of suite study (quick on ring was searched otherwise): its records would be lost; choose another as Options.Dir") {
		t.Errorf("another study in the folder: %v", err)
	}
	if now, _, err := reports.ReadFile(filepath.Join(dir, reports.RecordsFile)); err != nil || len(now) != len(grown.Records) {
		t.Errorf("%d records of %d are left: %v", len(now), len(grown.Records), err)
	}
}

// The records of a run say which cells its plan comes to, all of them and no others; without those of a cell that a choice needs, what follows from it is not known.
func TestWholePlanFollowsFromRecords(t *testing.T) {
	text := hidden + "models: [quick, slow]\nsearch: [{phase: a, draws: 5}, {phase: b, draws: 3, seed: 2}]\nrerun: 2\n"
	s := mustRun(t, mustPlan(t, text), Options{Dir: t.TempDir()})
	p, err := mustPlan(t, text).Whole(s.Records)
	if err != nil {
		t.Fatal(err)
	}
	planned, recorded := map[string][]reports.Draw{}, map[string][]reports.Draw{}
	for _, c := range p.Cells {
		planned[c.Hash] = c.Study
	}
	for _, r := range s.Records {
		recorded[r.Cell] = r.Study
	}
	if d := cmp.Diff(recorded, planned); d != "" {
		t.Errorf("recorded and planned differ:\n%s", d)
	}
	lost := s.Records[0].Cell
	p, err = mustPlan(t, text).Whole(reports.Where(s.Records, func(r reports.Record) bool { return r.Cell != lost }))
	if err != nil || len(p.Cells) >= len(planned) {
		t.Errorf("%d cells of %d are planned without one that decides: %v", len(p.Cells), len(planned), err)
	}
}

// The best is the one with the least value on the hold-out, and what is rerun is it and the defaults, with seeds that the search did not use.
func TestBestIsChosenOnTheHoldOut(t *testing.T) {
	s := mustRun(t, mustPlan(t, hidden+"models: [quick]\nsearch: {draws: 9}\nrerun: 2\nseeds: [1, 1001]\n"), Options{Dir: t.TempDir()})
	byDraw, best := map[int][]float64{}, 0
	var fresh []uint64
	for _, r := range s.Records {
		for _, d := range r.Study {
			switch {
			case d.Phase == "search" && r.Reference == HoldOut:
				byDraw[d.Number] = append(byDraw[d.Number], r.Value)
			case d.Of == Best:
				best = d.Number
				if r.Reference == HoldOut {
					fresh = append(fresh, r.Seed)
				}
			}
		}
	}
	if len(byDraw) != 9 || best == 0 {
		t.Fatalf("%d draws on the hold-out, best %d", len(byDraw), best)
	}
	for n, v := range byDraw {
		if v[0]+v[1] < byDraw[best][0]+byDraw[best][1] {
			t.Errorf("draw %d has %v on the hold-out, the best, %d, %v", n, v, best, byDraw[best])
		}
	}
	if !slices.Equal(fresh, []uint64{1002, 1003}) {
		t.Errorf("fresh seeds %v", fresh)
	}
}

// Rungs train the same draws further, the defaults always to the end; a study that is killed and goes on, rung by rung, ends in the same bytes.
func TestRungsContinueAndResume(t *testing.T) {
	text := hidden + "models: [quick]\nsearch: {draws: 9}\nstop: {rule: asha, rungs: [0.25, 0.5], keep: 0.34}\nrerun: {seeds: 2, of: best}\n"
	want := t.TempDir()
	s := mustRun(t, mustPlan(t, text), Options{Dir: want})
	count := map[string]int{}
	for k, v := range drawsOf(s) {
		rung := "end"
		if _, after, ok := strings.Cut(k, "rung "); ok {
			rung = after
		} else if strings.Contains(k, "rerun") {
			rung = "rerun"
		}
		count[rung+v[strings.Index(v, " step"):]]++
	}
	one := count["1 step 2"] == 9 && (count["2 step 4"] == 4 || count["2 step 4"] == 5) && count["end step 8"] >= 2 && count["end step 8"] <= 3 && count["rerun step 8"] == 2
	if !one || len(count) != 4 {
		t.Errorf("cells by rung: %v", count)
	}
	if _, ok := drawsOf(s)["quick search 1"]; !ok {
		t.Error("the defaults were stopped")
	}
	for _, r := range s.Records {
		if len(r.Study) == 0 || r.Study[0].Phase == "search" && r.Study[0].Stop != "asha: the best 0.34 go on at 0.25, 0.5 of the budget" {
			t.Fatalf("the rule is not in the record: %+v", r.Study)
		}
	}

	dir := t.TempDir()
	for i := 0; ; i++ {
		ctx, stop := context.WithCancel(context.Background())
		_, err := Run(ctx, fakeKit(), mustPlan(t, text), Options{Dir: dir, Workers: 2, Observe: func(e Event) {
			if e.Kind == Ended {
				stop()
			}
		}})
		stop()
		if err == nil {
			break
		}
		if !errors.Is(err, ErrInterrupted) || i > 40 {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(timeless(t, want), timeless(t, dir)); d != "" {
		t.Errorf("interrupted and continued (-straight +interrupted):\n%s", d)
	}
	// A cell of the first rung that is lost comes back as it was, though its model has gone on.
	for _, r := range s.Records {
		if r.Study[0].Rung == 1 {
			if err := os.Remove(filepath.Join(dir, "cells", r.Cell+".json")); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	mustRun(t, mustPlan(t, text), Options{Dir: dir})
	if d := cmp.Diff(timeless(t, want), timeless(t, dir)); d != "" {
		t.Errorf("a rung trained again (-before +again):\n%s", d)
	}
}

// TPE learns from whole batches, so workers and restarts change nothing, and later batches know of earlier ones.
func TestTPEDoesNotDependOnWorkers(t *testing.T) {
	text := hidden + "models: [quick]\nsearch: {draws: 14, sampler: {tpe: {startup: 4, batch: 3}}}\n"
	a, b := t.TempDir(), t.TempDir()
	s := mustRun(t, mustPlan(t, text), Options{Dir: a, Workers: 1})
	mustRun(t, mustPlan(t, text), Options{Dir: b, Workers: 4})
	if d := cmp.Diff(timeless(t, a), timeless(t, b)); d != "" {
		t.Errorf("four workers (-one +four):\n%s", d)
	}
	if n := len(drawsOf(s)); n != 14 {
		t.Errorf("%d draws", n)
	}
	random := drawsOf(mustRun(t, mustPlan(t, strings.Replace(text, ", sampler: {tpe: {startup: 4, batch: 3}}", "", 1)), Options{Dir: t.TempDir()}))
	tpe := drawsOf(s)
	for i := 1; i <= 14; i++ {
		k := fmt.Sprintf("quick search %d", i)
		if (random[k] == tpe[k]) != (i <= 5) {
			t.Errorf("draw %d: %s by tpe, %s at random: only the defaults and four draws are the same", i, tpe[k], random[k])
		}
	}
}

// Settings that fail are the worst of all, whatever side is better, and never chosen.
func TestFailedDrawsAreNeverTheBest(t *testing.T) {
	s := mustRun(t, mustPlan(t, hidden+"models: [breaks]\nsearch: {draws: 3}\nrerun: 2\n"), Options{Dir: t.TempDir()})
	for _, r := range s.Records {
		if r.Study[0].Of == Best {
			t.Errorf("a failure was rerun as the best: %+v", r.Study)
		}
	}
	if s.Total != 3+2 || len(s.Failed) != 5 {
		t.Errorf("%d cells, %d failed", s.Total, len(s.Failed))
	}
	var tr track
	tr.choice = SelectChoice{Measure: "m", Featurizer: "none"}
	for _, c := range []struct {
		r    reports.Record
		want float64
	}{
		{reports.Record{Metric: "m", Featurizer: "none", Value: 3, Better: "lower", Status: "ok"}, 3},
		{reports.Record{Metric: "m", Featurizer: "none", Value: 3, Better: "higher", Status: "ok"}, -3},
	} {
		if v, err := tr.value([]reports.Record{c.r}); err != nil || v != c.want {
			t.Errorf("%+v: %v, %v", c.r, v, err)
		}
	}
}

func TestStudyRefuses(t *testing.T) {
	for _, c := range []struct{ name, more, want string }{
		{"unknown setting", "search: {draws: 3, space: {lrr: {log: [1e-4, 1e-3]}}}", `unknown setting "lrr", did you mean "lr"? have clip, lr, steps (of the suite's models)`},
		{"unknown setting of a model", "search: {draws: 3}\nmodels: [{name: quick, space: {klip: {log: [1e-4, 1e-3]}}}]", `unknown setting "klip", did you mean "clip"?`},
		{"empty interval", "search: {draws: 3, space: {lr: {continuous: [1, 1]}}}", "lr: the interval from 1 to 1 is empty"},
		{"turned interval", "search: {draws: 3, space: {lr: {continuous: [1, 0.5]}}}", "lr: the interval from 1 to 0.5 is empty"},
		{"log to zero", "search: {draws: 3, space: {lr: {log: [0, 1]}}}", "lr: a log scale from 0: it never reaches zero"},
		{"beyond the setting", "search: {draws: 3, space: {lr: {log: [1, 100]}}}", "lr = 100: want a number from 0 to 10"},
		{"no draws", "search: {space: wide}", `key "draws" is missing`},
		{"unknown space", "search: {draws: 2, space: wyde}", `unknown space "wyde", did you mean "wide"?`},
		{"grid without levels", "search: {draws: 2, sampler: grid}", "a grid needs its levels"},
		{"two phases of a name", "search: [{draws: 2}, {draws: 3}]", `phase "search" is there already`},
		{"unknown measure", "search: {draws: 2}\nselect: gab", `select: data set ring: unknown measure "gab", did you mean "gap"?`},
		{"budget below a step", "search: {draws: 2}\nbudget: {g_steps: 0.5}", "budget: 0.5 g_steps are less than one step of quick, which takes 1"},
		{"rungs of nothing", "search: {draws: 2}\nstop: {rule: asha, rungs: [1]}", "rungs [1]: want ascending shares"},
		{"rung that is all", "search: {draws: 2}\nstop: {rule: asha, rungs: [0.99]}", "0.99 of the 8 steps of model quick on data set ring is no step less than all"},
		{"too many", "search: {draws: 99999}\nrerun: 50", "make 100099 cells or more: want at most 100000 in all"},
		{"rerun without search", "rerun: 4", `belong to a suite with "search"`},
		{"two units", "search: {draws: 2}\nbudget: {g_steps: 1, d_steps: 2}", "two units, g_steps and d_steps"},
	} {
		text := hidden
		for _, key := range []string{"select", "budget", "models"} {
			if strings.Contains(c.more, "\n"+key+":") {
				lines := strings.Split(text, "\n")
				text = strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, key+":") }), "\n")
			}
		}
		if !strings.Contains(c.more, "models:") {
			text += "models: [quick]\n"
		}
		_, err := suiteOf(text + c.more + "\n")
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "s.yaml: ") {
			t.Errorf("%s: error is\n  %v\nwant one line with\n  %s", c.name, err, c.want)
		}
	}
	_, err := suiteOf(strings.Replace(hidden, "hold: 200", "hold: 1", 1) + "models: [quick]\nsearch: {draws: 2}\n")
	if err == nil || !strings.Contains(err.Error(), "line 9: data set ring has no hold-out to choose by: give it one, such as hold: 1000") {
		t.Errorf("no hold-out: %v", err)
	}
}
