package runners

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/reports"
)

const everyHead = "name: steps\nfeaturizers: [none]\nmetrics: [fd, modes]\nsamples: 200\nseeds: [1, 2]\nbudget: 60\ndatasets:\n- {name: ring, train: 500, test: 300}\nmodels:\n- {name: gan-ns, settings: {width: 16, depth: 1, batch: 32}}\n- {name: vae, settings: {width: 16, depth: 1, batch: 32}}\n"

func everyPlan(t *testing.T, more string) *Plan {
	t.Helper()
	c, err := ParseConfig("steps.yaml", []byte(everyHead+more))
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(DefaultKit(), c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The scores at the end are those of the run without, bit for bit; before it there is one of every metric at each of the steps, those of the runs with as many steps.
func TestScoreEveryScoresOnTheWay(t *testing.T) {
	run := func(p *Plan, dir string) []reports.Record {
		t.Helper()
		s, err := Run(context.Background(), DefaultKit(), p, Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		return s.Records
	}
	plain, dir := run(everyPlan(t, ""), t.TempDir()), t.TempDir()
	scored := run(everyPlan(t, "score_every: 20\nmonitor: {every: 15, samples: 50}\n"), dir)
	values := func(recs []reports.Record, step int) map[string]float64 {
		out := map[string]float64{}
		for _, r := range recs {
			if !reports.IsReference(r.Model) && r.Step == step && r.Metric == "fd" {
				out[r.Model+" "+string(rune('0'+r.Seed))] = r.Value
			}
		}
		return out
	}
	if d := cmp.Diff(values(plain, 60), values(scored, 60)); d != "" || len(values(plain, 60)) != 4 {
		t.Errorf("the end is another (-without +with):\n%s", d)
	}
	short := strings.Replace(everyHead, "budget: 60", "budget: 20", 1)
	c, err := ParseConfig("steps.yaml", []byte(short))
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(DefaultKit(), c)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(values(run(p, t.TempDir()), 20), values(scored, 20)); d != "" || len(values(scored, 20)) != 4 {
		t.Errorf("after 20 steps a run of 20 scores otherwise (-run of 20 +on the way):\n%s", d)
	}
	steps := map[int]bool{}
	for _, r := range scored {
		if !reports.IsReference(r.Model) {
			steps[r.Step] = true
			if r.Cost.CPUSeconds < 0 || len(r.Study) > 0 {
				t.Errorf("%+v", r)
			}
		} else if r.Step != 0 {
			t.Errorf("a yardstick was scored on the way: %+v", r)
		}
	}
	if len(steps) != 3 || !steps[20] || !steps[40] || !steps[60] {
		t.Errorf("scored at %v", steps)
	}
	loaded, err := reports.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := reports.New(loaded, reports.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(r.Figures(), func(f reports.Figure) bool { return f.Name == "steps-ring" }) {
		t.Error("the report draws no score over steps")
	}
	if a := loaded.Artifacts[scored[0].Cell]; a.Watch == nil && !reports.IsReference(scored[0].Model) {
		t.Error("the monitor saw nothing")
	}
}

// Interrupted between two scores and continued, the records are the same.
func TestScoreEveryGoesOn(t *testing.T) {
	p := everyPlan(t, "score_every: 20\nfloor: false\n")
	want, stopped := t.TempDir(), t.TempDir()
	if _, err := Run(context.Background(), DefaultKit(), p, Options{Dir: want, Workers: 1}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err := Run(ctx, DefaultKit(), p, Options{Dir: stopped, Workers: 1, keep: time.Nanosecond, Observe: func(e Event) {
		if e.Kind == Progressed && e.Progress.Step >= 30 {
			cancel()
		}
	}})
	if !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	s, err := Run(context.Background(), DefaultKit(), p, Options{Dir: stopped, Workers: 2})
	if err != nil || s.Ran == 0 {
		t.Fatal(s, err)
	}
	if d := cmp.Diff(timeless(t, want), timeless(t, stopped)); d != "" {
		t.Errorf("(-straight +interrupted):\n%s", d)
	}
}

func TestScoreEveryIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"score_every: 0\n":  "line 12: score_every",
		"score_every: 60\n": "line 12: score_every: gan-ns on ring trains 60 steps, so every 60 is none before the end",
		"score_every: 20\nsearch: {phase: wide, draws: 3, space: wide}\nselect: fd\n": "line 12: score_every: a suite with a search",
	} {
		c, err := ParseConfig("steps.yaml", []byte(everyHead+text))
		if err == nil {
			_, err = NewPlan(DefaultKit(), c)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	a, b := everyPlan(t, ""), everyPlan(t, "score_every: 20\n")
	for i := range a.Cells { // yardsticks are not trained
		if same := a.Cells[i].Hash == b.Cells[i].Hash; same != reports.IsReference(a.Cells[i].Label) {
			t.Errorf("the cell of %s is the same with and without: %v", a.Cells[i].Label, same)
		}
	}
}
