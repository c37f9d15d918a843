package queue_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/runners/queue"
)

func address(t *testing.T, text string) queue.Address {
	t.Helper()
	a, err := queue.ParseAddress(text, queue.Secrets{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// bench runs the suite in this process over a queue.
func bench(t *testing.T, o queue.Options, r runners.Options) (*runners.Summary, error) {
	t.Helper()
	return benchOf(t, suite, o, r)
}

func benchOf(t *testing.T, text string, o queue.Options, r runners.Options) (*runners.Summary, error) {
	t.Helper()
	p, err := plan(text)
	if err != nil {
		t.Fatal(err)
	}
	h, err := queue.Open(o)
	if err != nil {
		return nil, err
	}
	r.Version, r.Hands = "test", h
	sum, err := runners.Run(context.Background(), testKit(), p, r)
	if closing := h.Close(err == nil); closing != nil {
		t.Error(closing)
	}
	return sum, err
}

// One coordinator that works too, and two workers of two cells at a time: the records and the models are those of one process, and nothing of the queue stays.
func TestManyWorkersOneTruth(t *testing.T) {
	dir, at := filepath.Join(t.TempDir(), "run"), "127.0.0.1:"+port(t)
	ended := make(chan error, 2)
	cells := make(chan int, 2)
	for range 2 {
		folder := t.TempDir()
		go func() {
			s, err := queue.Work(context.Background(), testKit(), queue.WorkerOptions{Address: address(t, "nats://"+at), Dir: folder, Version: "test", Workers: 2, Wait: time.Minute})
			cells <- s.Cells
			ended <- err
		}()
	}
	var notes []string
	_, err := bench(t, queue.Options{Address: address(t, at), Workers: 1}, runners.Options{Dir: dir, Observe: func(e runners.Event) {
		if e.Kind == runners.Noted {
			notes = append(notes, e.Text)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if n := <-cells + <-cells; n == 0 {
		t.Error("the workers did nothing")
	}
	same(t, dir)
	if _, err := os.Stat(filepath.Join(dir, "queue")); !os.IsNotExist(err) {
		t.Errorf("the queue's store is still there: %v", err)
	}
	if len(notes) != 1 {
		t.Errorf("notes: %q", notes)
	}
}

// While a worker elsewhere is at a cell, the status of the run says which.
func TestStatusNamesWorkers(t *testing.T) {
	dir, at := filepath.Join(t.TempDir(), "run"), "127.0.0.1:"+port(t)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	folder := t.TempDir()
	go func() {
		_, failed := queue.Work(context.Background(), testKit(), queue.WorkerOptions{Address: address(t, "nats://"+at), Dir: folder, Version: "test", Workers: 1, Wait: time.Minute})
		ended <- failed
	}()
	named := 0
	_, err = bench(t, queue.Options{Address: address(t, at)}, runners.Options{Dir: dir, Observe: func(e runners.Event) {
		if e.Kind != runners.Started && e.Kind != runners.Progressed {
			return
		}
		s, failed := runners.ReadStatus(t.Context(), dir)
		if failed != nil {
			t.Error(failed)
			return
		}
		for _, w := range s.Working {
			if strings.HasPrefix(w.Worker, host+"-") {
				named++
			} else {
				t.Errorf("cell %s is at %q, want %s-PID", w.Cell, w.Worker, host)
			}
		}
	}})
	if err := errors.Join(err, <-ended); err != nil {
		t.Fatal(err)
	}
	if named == 0 {
		t.Error("no cell was seen at work")
	}
}

// A study whose cells follow from what earlier ones found, phase after phase, with rungs that go on from one another's models on whatever machine: the same records.
func TestStudyOverTheQueue(t *testing.T) {
	if testing.Short() {
		t.Skip("a study is carried out")
	}
	const text = `name: study
samples: 100
floor: false
budget: 24
datasets:
  - {name: ring, train: 400, test: 100, hold: 100}
models: [slow-gan]
featurizers: [none]
metrics: [fd]
select: fd
search: {draws: 6, space: {lr: {log: [1e-4, 1e-1]}}}
stop: {rule: asha, rungs: [0.25, 0.5], keep: 0.34}
rerun: {seeds: 2, of: best}
`
	p, err := plan(text)
	if err != nil {
		t.Fatal(err)
	}
	one := filepath.Join(t.TempDir(), "run")
	if _, err := runners.Run(context.Background(), testKit(), p, runners.Options{Dir: one, Version: "test", Workers: 2}); err != nil {
		t.Fatal(err)
	}
	dir, at := filepath.Join(t.TempDir(), "run"), "127.0.0.1:"+port(t)
	ended := make(chan error, 2)
	for range 2 {
		go func() { ended <- work(t, "nats://"+at, time.Minute) }()
	}
	if _, err := benchOf(t, text, queue.Options{Address: address(t, at)}, runners.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	want, err := timeless(one)
	if err != nil {
		t.Fatal(err)
	}
	got, err := timeless(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" || len(want) < 20 {
		t.Errorf("%d lines (-one machine +three):\n%s", len(want), d)
	}
}
