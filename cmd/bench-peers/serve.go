package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/assay-gan/assay/internal/kernel"
)

// task is one measured piece of work on Assay's side.
type task interface {
	// run does it once. Whatever is not part of the work (inputs, checks) happened when the task was opened.
	run() error
	// values are the results of the last run that a peer must reproduce; nil where the check was made from files.
	values() []float64
}

// opener makes a task and writes to dir, as .npy files, all that a peer needs to do the same work, and results to check it by.
type opener func(a args, dir string) (task, error)

// errAbsent marks work that this build of Assay cannot do.
var errAbsent = errors.New("not in this build")

func openers() map[string]opener {
	return map[string]opener{
		"step": openStep, "twin": openTwin, "gemm": openGemm, "conv": openConv,
		"frechet": openFrechet, "cov": openCov, "kid": openKID, "prdc": openPRDC, "bundle": openBundle, "inception": openInception,
		"gemm64": openGemm64, "fd": openFD, "knn": openKNN, "vit": openViT, "vgg": openVGG, "folder": openFolder,
	}
}

// serve answers requests until the input ends: the Assay side of the comparison.
func serve(in io.Reader, out io.Writer, threads int) error {
	kernel.SetThreads(threads)
	open := map[string]task{}
	enc := json.NewEncoder(out)
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var q request
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return fmt.Errorf("request %q: %w", lines.Bytes(), err)
		}
		if err := enc.Encode(answer(q, open)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func answer(q request, open map[string]task) reply {
	switch q.Op {
	case "info":
		return reply{Info: map[string]string{"kernels": kernel.Name(), "go": runtime.Version()}}
	case "open":
		f, ok := openers()[q.Job]
		if !ok {
			return reply{Error: fmt.Sprintf("no job %q", q.Job)}
		}
		if (peer{variant: q.Variant}).inGo() {
			f = func(a args, _ string) (task, error) { return openGorgonia(a, q.Variant) }
		}
		t, err := f(q.Args, q.Dir)
		if errors.Is(err, errAbsent) {
			return reply{Missing: err.Error()}
		}
		if err != nil {
			return reply{Error: err.Error()}
		}
		open[q.Variant] = t
		switch s := t.(type) {
		case stepTask:
			return reply{Flop: s.flop()}
		case *gorgoniaTask:
			return reply{Checks: s.checked}
		}
		return reply{}
	case "close":
		clear(open)
		runtime.GC()
		return reply{}
	case "run":
		t, ok := open[q.Variant]
		if !ok {
			return reply{Error: fmt.Sprintf("variant %q is not open", q.Variant)}
		}
		return repeat(t, q.N)
	}
	return reply{Error: fmt.Sprintf("no operation %q", q.Op)}
}

// repeat runs a task n times and clocks each. Memory statistics are read outside the clock.
func repeat(t task, n int) reply {
	var before, after runtime.MemStats
	r := reply{MS: make([]float64, 0, n)}
	runtime.ReadMemStats(&before)
	cpu := cpuSeconds()
	for range n {
		start := time.Now()
		if err := t.run(); err != nil {
			return reply{Error: err.Error()}
		}
		r.MS = append(r.MS, time.Since(start).Seconds()*1e3)
	}
	r.CPU = (cpuSeconds() - cpu) * 1e3
	runtime.ReadMemStats(&after)
	r.Allocs = float64(after.Mallocs-before.Mallocs) / float64(n)
	r.Bytes = float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
	r.RSS = peakMB()
	r.Values = t.values()
	return r
}
