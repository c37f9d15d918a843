package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// args are the parameters of a job, the same for both sides.
type args map[string]any

func (a args) int(name string) int {
	switch v := a[name].(type) {
	case int:
		return v
	case float64: // as JSON brings it
		return int(v)
	}
	return 0
}

func (a args) str(name string) string { s, _ := a[name].(string); return s }

// request is one line to a worker: open a job, run it n times, close it, or say what you are.
type request struct {
	Op      string `json:"op"`
	Job     string `json:"job,omitempty"`
	Variant string `json:"variant,omitempty"` // open: which way of the peer; run: which opened variant
	Args    args   `json:"args,omitempty"`
	Dir     string `json:"dir,omitempty"` // where Assay's side writes and the peer reads the common inputs
	N       int    `json:"n,omitempty"`
}

// reply is a worker's answer.
type reply struct {
	Error   string            `json:"error,omitempty"`
	Missing string            `json:"missing,omitempty"` // a package the job needs and python lacks
	MS      []float64         `json:"ms,omitempty"`      // wall time of each repetition
	CPU     float64           `json:"cpu,omitempty"`     // processor time of all of them, ms
	Allocs  float64           `json:"allocs,omitempty"`  // heap objects a repetition
	Bytes   float64           `json:"bytes,omitempty"`   // heap bytes a repetition
	RSS     float64           `json:"rss,omitempty"`     // peak resident set so far, MB
	Values  []float64         `json:"values,omitempty"`
	Flop    float64           `json:"flop,omitempty"` // open: operations of a repetition, where our side knows them
	Checks  []check           `json:"checks,omitempty"`
	Info    map[string]string `json:"info,omitempty"`
}

// check is one comparison of arithmetic before anything is timed.
type check struct {
	What  string  `json:"what"`
	Error float64 `json:"error"` // relative
	Limit float64 `json:"limit"`
}

func (c check) ok() bool { return c.Error <= c.Limit }

// worker is one long-lived process on the other end of a pipe.
type worker struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	err  *tail
}

// tail keeps the end of what a worker wrote to its error stream.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if n := len(t.b) - 4096; n > 0 {
		t.b = t.b[n:]
	}
	return len(p), nil
}

func (t *tail) last() string {
	lines := strings.Split(strings.TrimSpace(string(t.b)), "\n")
	return lines[len(lines)-1]
}

// start runs a worker that may use the given number of threads. Every library reads its own variable.
func start(name string, threads int, argv ...string) (*worker, error) {
	w := &worker{name: name, cmd: exec.Command(argv[0], argv[1:]...), err: &tail{}}
	n := strconv.Itoa(threads)
	w.cmd.Env = os.Environ()
	for _, v := range []string{"GOMAXPROCS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"} {
		w.cmd.Env = append(w.cmd.Env, v+"="+n)
	}
	w.cmd.Stderr = w.err
	var err error
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.out = bufio.NewReaderSize(out, 1<<20)
	if err := w.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return w, nil
}

// call sends one request and waits for its reply.
func (w *worker) call(q request) (reply, error) {
	b, err := json.Marshal(q)
	if err != nil {
		return reply{}, err
	}
	if _, err := w.in.Write(append(b, '\n')); err != nil {
		return reply{}, fmt.Errorf("%s died: %s", w.name, w.err.last())
	}
	line, err := w.out.ReadBytes('\n')
	if err != nil {
		return reply{}, fmt.Errorf("%s died in %s %s: %s", w.name, q.Op, q.Job, w.err.last())
	}
	var r reply
	if err := json.Unmarshal(line, &r); err != nil {
		return reply{}, fmt.Errorf("%s answered %q: %w", w.name, line, err)
	}
	if r.Error != "" {
		return r, fmt.Errorf("%s: %s", w.name, r.Error)
	}
	return r, nil
}

// stop ends the worker, first politely.
func (w *worker) stop() {
	if w == nil {
		return
	}
	_ = w.in.Close()
	done := make(chan struct{})
	go func() { _ = w.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		_ = w.cmd.Process.Kill()
		<-done
	}
}
