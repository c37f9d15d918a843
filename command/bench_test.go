package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/reports"
)

// tiny is a suite that takes seconds: two models of the zoo on the ring.
const tiny = `name: tiny
samples: 300
budget: 400
seeds: [1, 2]
datasets:
- {name: ring, train: 1000, test: 500, hold: 1}
models:
- {name: gan-ns, settings: {batch: 64, width: 32}}
- {name: vae, settings: {batch: 64, width: 32}}
featurizers: [none]
metrics: [fd, modes]
`

// timeless are the records of a run without their costs.
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

// The whole way with real models: one worker, two workers, and a process that is killed and interrupted again and again end in the same records.
func TestBenchSurvivesKill(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tiny.yaml"), []byte(tiny), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(out string, more ...string) {
		t.Helper()
		c := command(t, dir, append([]string{"bench", "./tiny.yaml", "--quiet", "--out", out}, more...)...)
		if text, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	run("one", "--workers", "1", "--threads", "1")
	run("two", "--workers", "2", "--threads", "2")
	one := timeless(t, filepath.Join(dir, "one"))
	if d := cmp.Diff(one, timeless(t, filepath.Join(dir, "two"))); d != "" {
		t.Errorf("two workers (-one +two):\n%s", d)
	}
	if d := cmp.Diff(one, timeless(t, interruptAgainAndAgain(t, dir))); d != "" {
		t.Errorf("killed and continued (-straight +killed):\n%s", d)
	}
}

// interruptAgainAndAgain runs the suite, killing it by turns at once and by an interrupt, until it gets through.
func interruptAgainAndAgain(t *testing.T, dir string) string {
	t.Helper()
	for stops := 0; ; stops++ {
		c := command(t, dir, "bench", "./tiny.yaml", "--quiet", "--out", "stopped")
		var stderr bytes.Buffer
		c.Stderr = &stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		sig := []os.Signal{os.Kill, os.Interrupt}[stops%2]
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("%v: %s", err, stderr.String())
			}
			if stops < 2 {
				t.Errorf("it was stopped %d times: the test tests little", stops)
			}
			return filepath.Join(dir, "stopped")
		case <-time.After(time.Duration(stops+2) * 40 * time.Millisecond):
		}
		if err := c.Process.Signal(sig); err != nil {
			<-ended
			continue // it ended in this moment
		}
		err := <-ended
		if text := stderr.String(); sig == os.Interrupt && err != nil && text+fmt.Sprint(c.ProcessState.ExitCode()) != "-1" { // -1: it was not listening yet
			if c.ProcessState.ExitCode() != exitInterrupted || strings.Count(text, "\n") != 1 || !strings.Contains(text, "cells are finished; continue with: assay bench ./tiny.yaml --out stopped") {
				t.Errorf("interrupted: status %d, %s", c.ProcessState.ExitCode(), text)
			}
		}
	}
}

func TestBenchWritesReports(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("tiny.yaml", []byte(tiny), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := assay("bench", "./tiny.yaml", "--plan", "--format", "json"); r.code != 0 || !strings.Contains(r.out, `"label": "vae"`) {
		t.Errorf("plan: %+v", r)
	}
	r := assay("bench", "./tiny.yaml", "--budget", "20", "--seeds", "4", "--out", "run")
	if r.code != 0 || !strings.Contains(r.out, "gan-ns") || !strings.Contains(r.err, "5 cells (0 finished before, 0 failed)") {
		t.Fatalf("bench: %+v", r)
	}
	for _, name := range []string{"report.html", "report.md", "records.jsonl", "suite.yaml", "run.json"} {
		if st, err := os.Stat(filepath.Join("run", name)); err != nil || st.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if r := assay("report", "run", "--format", "markdown"); r.code != 0 || !strings.Contains(r.out, "| gan-ns |") {
		t.Errorf("report: %+v", r)
	}
	if r := assay("compare", "run", "--models", "gan-ns,vae"); r.code != 0 {
		t.Errorf("compare: %+v", r)
	}
	if r := assay("gate", "--write", "base.jsonl", "run", "--metrics", "fd"); r.code != exitUsage || !strings.Contains(r.err, "1 seed, 2 checks: nothing can fail; run 4 seeds") {
		t.Errorf("a baseline of one seed: %+v", r)
	}
	if r := assay("bench", "./tiny.yaml", "--budget", "20", "--seeds", "4", "--out", "run"); r.code != 0 || !strings.Contains(r.err, "5 cells (5 finished before, 0 failed)") {
		t.Errorf("again: %+v", r)
	}
}

func TestTrainAndSample(t *testing.T) {
	t.Chdir(t.TempDir())
	train := []string{"train", "gan-ns", "--dataset", "ring", "--train-n", "1000", "--test-n", "500", "--set", "batch=64", "--set", "width=32", "--out", "m"}
	if r := assay(append(train, "--steps", "30")...); r.code != 0 || !strings.Contains(r.out, "gan-ns on ring, seed 1 after 30 steps") {
		t.Fatalf("train: %+v", r)
	}
	if r := assay(append(train, "--steps", "60")...); r.code != 0 || !strings.Contains(r.out, "after 60 steps") {
		t.Errorf("training on: %+v", r)
	}
	if r := assay(append(train, "--seed", "2")...); r.code != 2 || !strings.Contains(r.err, "is a checkpoint of gan-ns on ring, seed 1 with other settings or data") {
		t.Errorf("another seed in the same folder: %+v", r)
	}
	for _, out := range []string{"a.npy", "b.npy"} {
		if r := assay("sample", "--checkpoint", "m/model.safetensors", "-n", "50", "--out", out); r.code != 0 {
			t.Fatalf("sample: %+v", r)
		}
	}
	a, _ := os.ReadFile("a.npy")
	b, _ := os.ReadFile("b.npy")
	if len(a) < 400 || string(a) != string(b) {
		t.Error("the same seed gives other samples")
	}
	if r := assay("sample", "--checkpoint", "m/model.safetensors", "--out", "x.png"); r.code != 2 || !strings.Contains(r.err, "the samples are points") {
		t.Errorf("points as a picture: %+v", r)
	}
	if err := os.WriteFile("m/model.safetensors", []byte("damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := assay("sample", "--checkpoint", "m/model.safetensors", "--out", "c.npy"); r.code != 2 || strings.Count(r.err, "\n") != 1 {
		t.Errorf("a damaged checkpoint: %+v", r)
	}
}
