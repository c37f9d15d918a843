package runners

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/index"
)

func mustStatus(t *testing.T, dir string) *Status {
	t.Helper()
	s, err := ReadStatus(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The state of a run follows from its folder: running while a process holds it, stopped when cells are left, finished when none is.
func TestStatusIsDerived(t *testing.T) {
	p := mustPlan(t, threeSeeds)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var during *Status
	count := map[EventKind]int{}
	_, err := Run(ctx, fakeKit(), p, Options{Dir: dir, Workers: 1, Observe: func(e Event) {
		count[e.Kind]++
		if e.Kind == Progressed && e.Cell.Model == "slow" && during == nil && count[Ended] == count[Started]-1 { // those before it are written down
			during = mustStatus(t, dir)
			cancel()
		}
	}})
	if !errors.Is(err, ErrInterrupted) || during == nil {
		t.Fatal(err, during)
	}
	if during.State != Running || during.Process != os.Getpid() || during.Cells != len(p.Cells) || len(during.Working) != 1 || during.Working[0].Model != "slow" || during.Working[0].Of != 40 {
		t.Errorf("while it runs: %+v", during)
	}
	s := mustStatus(t, dir)
	if s.State != Stopped || s.Process != 0 || len(s.Working) != 0 || s.Ended >= s.Cells || s.Ended != during.Ended {
		t.Errorf("interrupted: %+v", s)
	}
	if left, err := runningCells(dir); err != nil || len(left) == 0 {
		t.Errorf("nothing is left of the interrupted cell, so that the test tests little: %v", err)
	}
	done := mustRun(t, p, Options{Dir: dir})
	s = mustStatus(t, dir)
	var cpu float64
	seen := map[string]bool{}
	for _, r := range done.Records {
		if !seen[r.Cell] {
			cpu += r.Cost.CPUSeconds
		}
		seen[r.Cell] = true
	}
	if s.State != Finished || s.Ended != len(p.Cells) || s.Failed != 0 || s.LeftSeconds != 0 || math.Abs(s.Spent.CPUSeconds-cpu) > 1e-9*cpu || s.Projected != s.Spent || s.Run.Suite != "tiny" {
		t.Errorf("finished: %+v, want %v s of cores", s, cpu)
	}
	if _, err := os.Stat(beatsDir(dir)); !os.IsNotExist(err) {
		t.Errorf("running/ is left behind: %v", err)
	}
}

// Whoever asks first how a large run went finds its index made, and a small run makes none.
func TestLargeRunsLeaveTheirIndex(t *testing.T) {
	p := mustPlan(t, threeSeeds)
	for from, want := range map[int]bool{len(p.Cells): true, len(p.Cells) + 1: false} {
		dir := t.TempDir()
		mustRun(t, p, Options{Dir: dir, indexFrom: from})
		path := filepath.Join(dir, index.File)
		before, err := os.Stat(path)
		if (err == nil) != want {
			t.Errorf("an index after %d cells, to be made from %d: %v", len(p.Cells), from, err)
		}
		if s := mustStatus(t, dir); s.Ended != len(p.Cells) {
			t.Errorf("status counts %d of %d cells", s.Ended, len(p.Cells))
		}
		if after, err := os.Stat(path); want && (err != nil || !after.ModTime().Equal(before.ModTime())) {
			t.Errorf("the first status wrote the index anew: %v", err)
		}
	}
}

func TestStatusCountsFailuresByCause(t *testing.T) {
	p := mustPlan(t, ring+"models: [breaks, quick, panics]\n")
	dir := t.TempDir()
	mustRun(t, p, Options{Dir: dir})
	s := mustStatus(t, dir)
	n := 0
	for _, c := range s.Causes {
		n += c.Cells
		if c.Example == "" || c.Cause != reports.Crashed {
			t.Errorf("cause %+v", c)
		}
	}
	if s.State != Finished || s.Failed != 2 || n != 2 {
		t.Errorf("%+v", s)
	}
}

// What is left costs what its kind has cost so far: two of four cells of a took 10 s each, so its others will take 20 s; b has ended none on grid and one of 4 s on
// ring; c is like the mean of all, (10 + 10 + 4) / 3 = 8.
func TestStatusProjects(t *testing.T) {
	s := &Status{}
	s.count([]index.Planned{{Model: "a", Dataset: "ring", Cells: 4}, {Model: "b", Dataset: "ring", Cells: 1}, {Model: "b", Dataset: "grid", Cells: 3}, {Model: "c", Dataset: "ring", Cells: 2}},
		[]index.Group{{Model: "a", Dataset: "ring", Cells: 2, WallSeconds: 20, CPUSeconds: 40}, {Model: "b", Dataset: "ring", Cells: 1, WallSeconds: 4, CPUSeconds: 1, Failed: true, Cause: reports.NotANumber, Error: "e"}})
	s.Working = []Working{{Seconds: 5}, {Seconds: 1e9}} // the second takes longer than the mean of 8 s
	s.project()
	wall, cpu := 24+2*10+3*4+2*8.0, 41+2*20+3*1+2*41.0/3
	if math.Abs(s.Projected.WallSeconds-wall) > 1e-9 || math.Abs(s.Projected.CPUSeconds-cpu) > 1e-9 {
		t.Errorf("projected %+v, want %v and %v", s.Projected, wall, cpu)
	}
	if left := (48 - 5 - 8) / 2.0; math.Abs(float64(s.LeftSeconds)-left) > 1e-9 {
		t.Errorf("left %v, want %v", s.LeftSeconds, left)
	}
	if s.Working = s.Working[:1]; true {
		s.project()
	}
	if left := 48 - 5.0; math.Abs(float64(s.LeftSeconds)-left) > 1e-9 {
		t.Errorf("left %v, want %v", s.LeftSeconds, left)
	}
}

// A clock that jumps, either way, changes neither records nor state; no time is negative.
func TestClockJump(t *testing.T) {
	p := mustPlan(t, threeSeeds)
	want, dir := t.TempDir(), t.TempDir()
	mustRun(t, p, Options{Dir: want})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var seen *Status
	_, err := Run(ctx, fakeKit(), p, Options{Dir: dir, Workers: 1, Observe: func(e Event) {
		if e.Kind != Progressed || seen != nil {
			return
		}
		later := time.Now().Add(48 * time.Hour) // the clock was ahead when these were written
		beats := filepath.Join(beatsDir(dir), e.Cell.Hash+".jsonl")
		if err := os.WriteFile(beats, fmt.Appendf(nil, "{\"t\":%d,\"step\":1,\"of\":40}\n", later.Unix()), 0o644); err != nil {
			t.Error(err)
		}
		for _, path := range []string{beats, filepath.Join(dir, reports.RecordsFile), filepath.Join(dir, "run.json")} {
			if err := os.Chtimes(path, later, later); err != nil {
				t.Error(err)
			}
		}
		seen = mustStatus(t, dir)
		cancel()
	}})
	if !errors.Is(err, ErrInterrupted) || seen == nil {
		t.Fatal(err)
	}
	if seen.State != Running || len(seen.Working) != 1 || seen.Working[0].Seconds != 0 || seen.Working[0].Silent != 0 {
		t.Errorf("%+v", seen)
	}
	mustRun(t, p, Options{Dir: dir})
	if a, b := strings.Join(timeless(t, want), "\n"), strings.Join(timeless(t, dir), "\n"); a != b {
		t.Error("the records differ")
	}
	if s := mustStatus(t, dir); s.State != Finished || s.Ended != len(p.Cells) {
		t.Errorf("%+v", s)
	}
}
