package queue_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/runners/queue"
)

// oneLine fails unless an error is one line that holds a text.
func oneLine(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func work(t *testing.T, at string, wait time.Duration) error {
	t.Helper()
	_, err := queue.Work(context.Background(), testKit(), queue.WorkerOptions{Address: address(t, at), Dir: t.TempDir(), Version: "test", Wait: wait})
	return err
}

// What a person can get wrong is one line each, and no folder is made.
func TestWrongAddresses(t *testing.T) {
	nobody := "nats://127.0.0.1:" + port(t)
	dir := filepath.Join(t.TempDir(), "run")
	_, err := bench(t, queue.Options{Address: address(t, nobody)}, runners.Options{Dir: dir})
	oneLine(t, "bench without a server", err, "no server answers there")
	oneLine(t, "worker without a server", work(t, nobody, 0), "no server answers there")

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = bench(t, queue.Options{Address: address(t, l.Addr().String())}, runners.Options{Dir: dir})
	oneLine(t, "port in use", err, "the port is in use: take another")
	_, err = queue.Open(queue.Options{Address: address(t, ":0"), Lease: time.Millisecond})
	oneLine(t, "a lease too short", err, "want 1s or more")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the run folder was made: %v", err)
	}
}

func TestWrongCredentials(t *testing.T) {
	t.Setenv(queue.TokenVar, "right")
	p := port(t)
	start(t, "nats", t.TempDir(), p, filepath.Join(t.TempDir(), "store"))
	at := "nats://127.0.0.1:" + p
	eventually(t, "the server answers", func() bool {
		h, err := queue.Open(queue.Options{Address: address(t, at)})
		if err != nil {
			return false
		}
		return h.Close(false) == nil
	})
	oneLine(t, "no study", work(t, at, 0), "no study has been there")
	t.Setenv(queue.TokenVar, "wrong")
	_, err := queue.Open(queue.Options{Address: address(t, at)})
	oneLine(t, "bench", err, "the server refuses these credentials")
	oneLine(t, "worker", work(t, at, time.Minute), "the server refuses these credentials")
	t.Setenv(queue.TokenVar, "")
	oneLine(t, "worker without any", work(t, at, time.Minute), "the server refuses these credentials")
}

// A queue that is at work on another study, or in the hands of another process, is left alone; under another name there is room for both.
func TestQueueOfAnotherStudy(t *testing.T) {
	p := port(t)
	start(t, "nats", t.TempDir(), p, filepath.Join(t.TempDir(), "store"))
	at := "nats://127.0.0.1:" + p
	js := client(t, at)
	eventually(t, "JetStream answers", func() bool { _, err := js.AccountInfo(t.Context()); return err == nil })
	for _, c := range []jetstream.StreamConfig{{Name: "ASSAY_assay_CELLS", Subjects: []string{"assay.assay.cell.>"}, Metadata: map[string]string{"assay-suite": "celeba", "assay-plan": "1234"}}} {
		if _, err := js.CreateStream(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := js.Publish(t.Context(), "assay.assay.cell.x.y", []byte("theirs")); err != nil {
		t.Fatal(err)
	}
	_, err := bench(t, queue.Options{Address: address(t, at), Workers: 2}, runners.Options{Dir: filepath.Join(t.TempDir(), "run")})
	oneLine(t, "another study", err, "is at work on another study, suite celeba: name another queue")
	oneLine(t, "a worker of another build", work(t, at, time.Minute), "the study is of another build of assay")
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := bench(t, queue.Options{Address: address(t, at+"/mine"), Workers: 6}, runners.Options{Dir: dir}); err != nil {
		t.Error(err)
	}
	same(t, dir)
	if s, err := js.Stream(t.Context(), "ASSAY_assay_CELLS"); err != nil || s.CachedInfo().State.Msgs != 1 {
		t.Errorf("theirs is not as it was: %v", err)
	}
	if _, err := js.Stream(t.Context(), "ASSAY_mine_CELLS"); !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Errorf("ours is still there: %v", err)
	}
}

// A worker with other kernels is refused: their last bits differ.
func TestWorkerOfOtherKernels(t *testing.T) {
	if testing.Short() {
		t.Skip("a study is carried out")
	}
	if runners.Origin("").Kernel == "generic" {
		t.Skip("this machine has no other kernels")
	}
	dir, at := filepath.Join(t.TempDir(), "run"), "127.0.0.1:"+port(t)
	ended := make(chan error, 1)
	go func() {
		_, err := bench(t, queue.Options{Address: address(t, at)}, runners.Options{Dir: dir})
		ended <- err
	}()
	t.Setenv("ASSAY_CPU", "generic")
	other := start(t, "assay", t.TempDir(), "worker", "--queue", "nats://"+at, "--wait", "3m", "--quiet")
	<-other.done
	if text := other.said(); other.ProcessState.ExitCode() != 2 || strings.Count(text, "\n") != 1 || !strings.Contains(text, "start all with the same ASSAY_CPU") {
		t.Errorf("status %d, %s", other.ProcessState.ExitCode(), text)
	}
	if err := work(t, "nats://"+at, time.Minute); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	same(t, dir)
}

// filed is a data set that needs a file.
type filed struct{ datasets.Dataset }

func (filed) Info() datasets.Info {
	set, err := runners.DefaultKit().Dataset("ring")
	if err != nil {
		panic(err)
	}
	info := set.Info()
	info.ID = "filed"
	return info
}

func (f filed) Load(ctx context.Context, o datasets.Options) (*datasets.Set, error) {
	if _, err := os.Stat(filepath.Join(o.Dir, "marker")); err != nil {
		return nil, fmt.Errorf("%w: marker", datasets.ErrMissing)
	}
	set, err := runners.DefaultKit().Dataset("ring")
	if err != nil {
		return nil, err
	}
	return set.Load(ctx, o)
}

// A worker without the data files, and one that may not run programs, say so and take the other cells.
func TestWorkersTakeWhatTheyCan(t *testing.T) {
	kit := testKit()
	kit.Datasets = append(kit.Datasets, filed{})
	program := filepath.Join(t.TempDir(), "make.sh")
	samples := filepath.Join(t.TempDir(), "samples.npy")
	writeNPY(t, samples, 50)
	if err := os.WriteFile(program, []byte("#!/bin/sh\ncat "+samples+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "marker"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	text := "name: needs\nsamples: 50\nfloor: false\ndatasets:\n  - {name: ring, train: 100, test: 100, hold: 1}\n  - {name: filed, train: 100, test: 100, hold: 1}\nmodels:\n  - {name: slow-gan, settings: {steps: \"2\"}}\n" +
		"  - {as: outside, exec: \"" + program + "\", datasets: [ring]}\n  - {as: lying, samples: \"" + samples + "\", datasets: [ring]}\nfeaturizers: [none]\nmetrics: [fd]\n"
	cfg, err := runners.ParseConfig("needs.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := runners.NewPlan(kit, cfg)
	if err != nil {
		t.Fatal(err)
	}
	at := "127.0.0.1:" + port(t)
	h, err := queue.Open(queue.Options{Address: address(t, at)})
	if err != nil {
		t.Fatal(err)
	}
	notes := make(chan string, 100)
	ended := make(chan error, 1)
	dir := filepath.Join(t.TempDir(), "run")
	go func() {
		_, failed := runners.Run(context.Background(), kit, p, runners.Options{Dir: dir, Version: "test", Data: data, Hands: h, AllowExec: true, Observe: func(e runners.Event) {
			if e.Kind == runners.Noted {
				notes <- e.Text
			}
		}})
		ended <- errors.Join(failed, h.Close(failed == nil))
	}()
	poor := make(chan queue.WorkerSummary, 1)
	var said []string
	go func() {
		s, failed := queue.Work(context.Background(), kit, queue.WorkerOptions{Address: address(t, "nats://"+at), Dir: filepath.Join(t.TempDir(), "w"), Version: "test", Wait: time.Minute, Say: func(s string) { said = append(said, s) }})
		if failed != nil {
			t.Error(failed)
		}
		poor <- s
	}()
	eventually(t, "what it can is done", func() bool { return finished(dir) == 2 }) // slow-gan on ring, and the samples that lie at the coordinator
	rich, err := queue.Work(context.Background(), kit, queue.WorkerOptions{Address: address(t, "nats://"+at), Dir: t.TempDir(), Version: "test", Wait: time.Minute, Data: data, AllowExec: true})
	if err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if s := <-poor; s.Cells != 1 || rich.Cells != 2 {
		t.Errorf("the poor worker did %d cells and the rich one %d, want 1 and 2", s.Cells, rich.Cells)
	}
	close(notes)
	all := slices.Concat(said, slices.Collect(func(yield func(string) bool) {
		for n := range notes {
			if !yield(n) {
				return
			}
		}
	}))
	for _, want := range []string{"cells on filed are left to others: ", "cells on ring are left to others: it runs programs"} {
		if n := strings.Count(strings.Join(all, "\n"), want); n != 2 { // once to each side
			t.Errorf("%q is said %d times: %q", want, n, all)
		}
	}
}

// A result that is damaged or forged is refused with one line and its cell carried out again; nothing that it names becomes a file.
func TestForgedResultsAreRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("a study is carried out")
	}
	dir, at := filepath.Join(t.TempDir(), "run"), "127.0.0.1:"+port(t)
	p, err := plan(suite)
	if err != nil {
		t.Fatal(err)
	}
	notes := make(chan string, 100)
	ended := make(chan error, 1)
	go func() {
		_, failed := bench(t, queue.Options{Address: address(t, at)}, runners.Options{Dir: dir, Observe: func(e runners.Event) {
			if e.Kind == runners.Noted {
				notes <- e.Text
			}
		}})
		ended <- failed
	}()
	js := client(t, "nats://"+at)
	eventually(t, "the study is there", func() bool {
		_, missing := js.Stream(t.Context(), "ASSAY_assay_RESULTS")
		return missing == nil
	})
	hash := p.Cells[0].Hash
	good := runners.Result{Cell: hash, Build: "0123456789abcdef", Files: map[string][]byte{"../../../evil": []byte("x")}}
	forged, err := json.Marshal(map[string]any{"worker": "mallory\nroot", "result": good})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []struct{ hash, text string }{
		{hash, "{"}, {hash, "null"}, {hash, `{"worker":"m"}`}, {hash, `{"result":{"cell":"../../evil"}}`}, {hash, string(forged)}, {hash, `{"worker":"m","object":true}`},
		{"nocell", string(forged)},
	} {
		if _, err := js.Publish(t.Context(), queue.ResultSubject("assay", m.hash), []byte(m.text)); err != nil {
			t.Fatal(err)
		}
	}
	refused := 0
	for refused < 6 {
		n := <-notes
		if strings.Contains(n, "\n") {
			t.Errorf("%q", n)
		}
		if strings.Contains(n, "refused") || strings.Contains(n, "could not be fetched") {
			refused++
		}
	}
	go func() {
		if err := work(t, "nats://"+at, time.Minute); err != nil {
			t.Error(err)
		}
	}()
	if err := work(t, "nats://"+at, time.Minute); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	same(t, dir)
}

// writeNPY writes n points of the plane.
func writeNPY(t *testing.T, path string, n int) {
	t.Helper()
	head := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, 2), }", n)
	head += strings.Repeat(" ", 117-len(head)) + "\n"
	b := append([]byte("\x93NUMPY\x01\x00\x76\x00"), head...)
	for i := range 2 * n {
		b = append(b, byte(i), byte(3*i), byte(7*i)|1, 63)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}
