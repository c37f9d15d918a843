package runners

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/reports"
)

// timeless are the lines of a records file without their costs.
func timeless(t *testing.T, dir string) []string {
	t.Helper()
	recs, torn, err := reports.ReadFile(filepath.Join(dir, reports.RecordsFile))
	if err != nil || torn != nil {
		t.Fatal(err, torn)
	}
	var lines []string
	for _, r := range recs {
		r.Cost = r.Cost.Timeless()
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(b))
	}
	return lines
}

func mustRun(t *testing.T, p *Plan, o Options) *Summary {
	t.Helper()
	s, err := Run(context.Background(), fakeKit(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const threeSeeds = ring + "seeds: [1, 2, 3]\nmodels: [quick, slow, cond]\n"

// One worker, two workers with any threads, and a run stopped at every stage and continued end in the same bytes.
func TestRecordsDoNotDependOnWorkersOrInterruption(t *testing.T) {
	p := mustPlan(t, threeSeeds)
	want := t.TempDir()
	mustRun(t, p, Options{Dir: want, Workers: 1, Threads: 1})

	two := t.TempDir()
	mustRun(t, p, Options{Dir: two, Workers: 2, Threads: 4})
	if d := cmp.Diff(timeless(t, want), timeless(t, two)); d != "" {
		t.Errorf("two workers (-one +two):\n%s", d)
	}

	stopped := t.TempDir()
	for i := 0; ; i++ {
		ctx, cancel := context.WithCancel(context.Background())
		events, ended := 0, 0
		_, err := Run(ctx, fakeKit(), p, Options{Dir: stopped, Workers: 2, Observe: func(e Event) {
			if events++; events == 40+17*i {
				cancel()
			}
			if e.Kind == Ended {
				ended++
			}
		}})
		cancel()
		if err == nil {
			if i < 3 {
				t.Errorf("only %d interruptions: the test tests nothing", i)
			}
			break
		}
		if !errors.Is(err, ErrInterrupted) {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(timeless(t, want), timeless(t, stopped)); d != "" {
		t.Errorf("interrupted and continued (-straight +interrupted):\n%s", d)
	}
}

// What a cell took before it was interrupted is part of its cost, and of nothing else. The time before is planted, so that no clock decides.
func TestCostCountsTheTimeBeforeAnInterruption(t *testing.T) {
	p := mustPlan(t, ring+"floor: false\nseeds: [1]\nmodels: [slow]\n")
	want, dir := t.TempDir(), t.TempDir()
	mustRun(t, p, Options{Dir: want})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	file := filepath.Join(dir, "checkpoints", p.Cells[0].Hash+".spent.json")
	read := func() (s spent) {
		t.Helper()
		b, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(b, &s)
		}
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	var early spent
	_, err := Run(ctx, fakeKit(), p, Options{Dir: dir, keep: time.Millisecond, Observe: func(e Event) {
		if e.Kind == Progressed && e.Progress.Step == 15 {
			early = read() // it is there before anything stops: a process that is killed cannot write it
			cancel()
		}
	}})
	if !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	// The model sleeps two milliseconds a step, at least; what is noted at step 12, with the checkpoint, has seen 11 sleeps at least.
	if s := read(); !(early.Wall >= 11*.002 && s.Wall >= 15*.002 && s.Wall >= early.Wall) {
		t.Errorf("noted on the way %+v, at the end %+v", early, s)
	}
	if err := os.WriteFile(file, []byte(`{"wall_s":1000,"cpu_s":2000}`), 0o644); err != nil {
		t.Fatal(err)
	}
	s := mustRun(t, p, Options{Dir: dir})
	for _, r := range s.Records {
		if c := r.Cost; !(c.WallSeconds >= 1000.05 && c.WallSeconds < 2000 && c.CPUSeconds >= 2000 && c.CPUSeconds < 3000) {
			t.Errorf("cost of the resumed cell %+v, want 1000 s and 2000 s more than its rest took", c)
		}
	}
	if d := cmp.Diff(timeless(t, want), timeless(t, dir)); d != "" {
		t.Errorf("but for their cost the records differ (-straight +interrupted):\n%s", d)
	}
	cell := filepath.Join(dir, "cells", p.Cells[0].Hash+".json")
	change(t, cell, unsealed(func(s string) string { return strings.Replace(s, build(), "0123456789abcdef", 1) }))
	if s := mustRun(t, p, Options{Dir: dir}); s.Ran != 1 || s.Records[0].Cost.WallSeconds > 1000 {
		t.Errorf("%d cells ran; a cell that begins anew costs %+v", s.Ran, s.Records[0].Cost)
	}
}

func TestFinishedCellsAreNotRunAgain(t *testing.T) {
	p := mustPlan(t, threeSeeds)
	dir := t.TempDir()
	mustRun(t, p, Options{Dir: dir})
	before, err := os.ReadFile(filepath.Join(dir, reports.RecordsFile))
	if err != nil {
		t.Fatal(err)
	}
	s := mustRun(t, p, Options{Dir: dir, Observe: func(e Event) {
		if e.Kind == Started {
			t.Errorf("%s ran again", e.Cell.Title())
		}
	}})
	after, err := os.ReadFile(filepath.Join(dir, reports.RecordsFile))
	if err != nil {
		t.Fatal(err)
	}
	if s.Resumed != len(p.Cells) || string(before) != string(after) {
		t.Errorf("%d of %d cells resumed; records changed: %t", s.Resumed, len(p.Cells), string(before) != string(after))
	}
}

// A torn line, a lost line and a lost cell file are what kill -9 and a full disk leave behind.
func TestRunRepairsItsFolder(t *testing.T) {
	p := mustPlan(t, threeSeeds)
	want, dir := t.TempDir(), t.TempDir()
	mustRun(t, p, Options{Dir: want})
	mustRun(t, p, Options{Dir: dir})
	records := filepath.Join(dir, reports.RecordsFile)
	text, err := os.ReadFile(records)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	torn := strings.Join(lines[1:5], "") + lines[5][:30]
	if err := os.WriteFile(records, []byte(torn), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "cells", p.Cells[7].Hash+".json")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cells", p.Cells[8].Hash+".json"), []byte(`{"build`), 0o644); err != nil {
		t.Fatal(err)
	}
	if s := mustRun(t, p, Options{Dir: dir}); s.Ran != 2 {
		t.Errorf("%d cells ran, want 2", s.Ran)
	}
	if d := cmp.Diff(timeless(t, want), timeless(t, dir)); d != "" {
		t.Errorf("repaired (-want +got):\n%s", d)
	}
}

func TestResultsOfAnotherBuildAreNotMixedIn(t *testing.T) {
	p := mustPlan(t, threeSeeds)
	dir := t.TempDir()
	mustRun(t, p, Options{Dir: dir})
	for _, c := range p.Cells[:2] {
		change(t, filepath.Join(dir, "cells", c.Hash+".json"), unsealed(func(s string) string { return strings.Replace(s, build(), "0123456789abcdef", 1) }))
	}
	stale := 0
	s := mustRun(t, p, Options{Dir: dir, Observe: func(e Event) { stale = max(stale, e.Stale) }})
	if s.Ran != 2 || stale != 2 {
		t.Errorf("%d cells ran, %d stale, want 2 and 2", s.Ran, stale)
	}
}

func TestFailedCellsAreRecords(t *testing.T) {
	p := mustPlan(t, ring+"models: [breaks, quick, panics]\n")
	dir := t.TempDir()
	s := mustRun(t, p, Options{Dir: dir})
	if len(s.Failed) != 2 {
		t.Fatalf("failed: %+v", s.Failed)
	}
	if f := s.Failed[0]; f.Model != "breaks" || f.Step != 7 || f.Error != "step 7: loss of the critic is NaN; lower the learning rate" || f.Metric != "" {
		t.Errorf("record of the failure: %+v", f)
	}
	if f := s.Failed[1]; f.Model != "panics" || !regexp.MustCompile(`^panic: runtime error: index out of range \[3\] with length 0 \(at github\.com/assay-gan/assay/runners/fakes_test\.go:\d+\)$`).MatchString(f.Error) {
		t.Errorf("record of the panic: %+v", f)
	}
	ok := 0
	for _, r := range s.Records {
		if r.Model == "quick" && r.Status == "ok" {
			ok++
		}
	}
	if ok == 0 {
		t.Error("the sound model has no values")
	}
	if s := mustRun(t, p, Options{Dir: dir}); s.Ran != 0 {
		t.Errorf("failed cells ran again unasked: %d", s.Ran)
	}
	if s := mustRun(t, p, Options{Dir: dir, RetryFailed: true}); s.Ran != 2 {
		t.Errorf("%d cells retried, want 2", s.Ran)
	}
}

// A metric that no feature space of the cell serves is a failed record that says what is missing, not a gap.
func TestUnservedMetricIsARecord(t *testing.T) {
	p := mustPlan(t, strings.Replace(ring, "[gap]", "[gap, is]", 1)+"models: [quick]\n")
	s := mustRun(t, p, Options{Dir: t.TempDir()})
	for _, r := range s.Records {
		if r.Metric == "is" {
			if r.Status != "failed" || !strings.Contains(r.Error, "is needs fake class probabilities or logits; none of none on ring offers that") {
				t.Errorf("record: %+v", r)
			}
			return
		}
	}
	t.Error("no record of the metric")
}

func TestRunWritesArtifacts(t *testing.T) {
	p := mustPlan(t, ring+"models: [quick]\n")
	dir := t.TempDir()
	mustRun(t, p, Options{Dir: dir})
	run, err := reports.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	a := run.Artifacts[p.Cells[3].Hash]
	if len(run.Notes) > 0 || a.Scatter == nil || len(a.Scatter.Points) != 200 || len(a.Scatter.Modes) != 8 || a.Curves == nil || len(a.Curves.Series[0].Values) != 40 {
		t.Errorf("artifacts: %+v, notes %v", a, run.Notes)
	}
}

func TestFolderIsLocked(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	f, err := OpenFolder(dir, Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		if _, err := OpenFolder(dir, Provenance{}); err == nil || !strings.Contains(err.Error(), "is in use by process") {
			t.Errorf("second opening: %v", err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if f, err = OpenFolder(dir, Provenance{}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestFolderRefusesWhatIsNoRun(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "thesis.tex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	p := mustPlan(t, ring+"models: [quick]\n")
	if _, err := Run(context.Background(), fakeKit(), p, Options{Dir: home}); err == nil || !strings.Contains(err.Error(), `holds "thesis.tex" and is no run`) {
		t.Errorf("a folder of other things: %v", err)
	}
	if _, err := Run(context.Background(), fakeKit(), p, Options{Dir: filepath.Join(home, "thesis.tex", "x")}); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("a file as folder: %v", err)
	}
	if entries, err := os.ReadDir(home); err != nil || len(entries) != 1 {
		t.Errorf("something was written: %v %v", entries, err)
	}
}

// Missing data files are one error before anything is written.
func TestMissingDataStopsBeforeTheStart(t *testing.T) {
	p := mustPlan(t, "name: a\nfeaturizers: pixels\nmetrics: gap\nmodels: quick\ndatasets: [mnist]\n")
	dir := filepath.Join(t.TempDir(), "run")
	t.Setenv("ASSAY_DATA", "")
	_, err := Run(context.Background(), fakeKit(), p, Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "Options.Dir") {
		t.Errorf("error: %v", err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder was made all the same: %v", err)
	}
}

// The floor: the training split scores nearly perfectly, noise does not, and the perfect sampler is there for sets with a known truth.
func TestReferenceRows(t *testing.T) {
	p := mustPlan(t, ring+"models: [quick]\n")
	s := mustRun(t, p, Options{Dir: t.TempDir()})
	gaps := map[string]float64{}
	for _, r := range s.Records {
		if r.Metric == "gap" {
			gaps[r.Model] = r.Value
			if r.Reference != "test" || r.N != 200 || r.NReal != 200 || r.Featurizer != "none" {
				t.Errorf("keys: %+v", r)
			}
		}
	}
	if !(gaps[Real] < 0.1 && gaps[Perfect] < 0.1 && gaps[Noise] > 10*gaps[Real] && gaps["quick"] < gaps[Noise]) {
		t.Errorf("gap: %v", gaps)
	}
}

// A model that happens to be called as a reference row is trained and benched under the name the suite gives it.
func TestModelsNamedAsYardsticksAreBenched(t *testing.T) {
	kit := fakeKit()
	kit.Models = append(kit.Models, fakeModel{id: "perfect"})
	c, err := ParseConfig("a.yaml", []byte(ring+"models:\n- {name: perfect, as: sampler}\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(kit, c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Run(context.Background(), kit, p, Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	trained := slices.ContainsFunc(s.Records, func(r reports.Record) bool { return r.Model == "sampler" && r.Step == 40 })
	drawn := slices.ContainsFunc(s.Records, func(r reports.Record) bool {
		return r.Model == reports.Perfect && r.Step == 0 && r.Status == reports.OK
	})
	if !trained || !drawn {
		t.Errorf("model trained: %v, reference row drawn: %v", trained, drawn)
	}
}

// The folder of another suite is refused before anything in it changes.
func TestAnotherSuitesFolder(t *testing.T) {
	dir := t.TempDir()
	mustRun(t, mustPlan(t, ring+"models: quick\n"), Options{Dir: dir})
	before, err := os.ReadFile(filepath.Join(dir, "records.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	other := mustPlan(t, strings.Replace(ring, "name: tiny", "name: other", 1)+"models: quick\n")
	if _, err := Run(context.Background(), fakeKit(), other, Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "holds a run of suite tiny, not of other") {
		t.Errorf("error: %v", err)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "records.jsonl")); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the records have changed: %v", err)
	}
}

// The zero options lack only the folder, and the error says so.
func TestRunNeedsAFolder(t *testing.T) {
	_, err := Run(context.Background(), fakeKit(), mustPlan(t, ring+"models: quick\n"), Options{})
	if err == nil || err.Error() != "run folder: none is named; give one as Options.Dir" {
		t.Errorf("error: %v", err)
	}
}

// A cell's file that holds what no run writes does not count as finished.
func TestFinishedCellsAreChecked(t *testing.T) {
	dir := t.TempDir()
	plan := mustPlan(t, ring+"models: quick\n")
	first := mustRun(t, plan, Options{Dir: dir})
	for name, spoil := range map[string][2]string{"a step below zero": {`"step":`, `"step":-`}, "another model": {`"model":"`, `"model":"x`}} {
		path := filepath.Join(dir, "cells", plan.Cells[len(plan.Cells)-1].Hash+".json")
		change(t, path, unsealed(func(s string) string { return strings.ReplaceAll(s, spoil[0], spoil[1]) }))
		again := mustRun(t, plan, Options{Dir: dir})
		if again.Resumed != first.Total-1 {
			t.Errorf("%s: %d of %d cells count as finished", name, again.Resumed, first.Total)
		}
	}
}

// A run that goes on sweeps what its killed predecessor left in every folder of it.
func TestRunSweepsLitter(t *testing.T) {
	dir := t.TempDir()
	plan := mustPlan(t, ring+"models: quick\n")
	mustRun(t, plan, Options{Dir: dir})
	cell := plan.Cells[0].Hash
	long := time.Now().Add(-3 * time.Hour)
	for _, where := range []string{".", "cells", "checkpoints", "artifacts/" + cell} {
		path := filepath.Join(dir, where, "."+cell+".json.tmp-123456")
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	mustRun(t, plan, Options{Dir: dir})
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.Contains(path, ".tmp-") {
			t.Errorf("%s is still there", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
