package main

import (
	"maps"
	"os"
	"time"
)

// wholeRows are figures of whole runs, which no single task gives. They are named in the page's last table.
var wholeRows = []string{"twin-dcgan", "twin-mlp", "memory-mlp", "memory-dcgan", "memory-folder"}

// memoryRows are the jobs whose peak of memory is measured, in fresh processes that do nothing else: training runs, and a score of two folders.
var memoryRows = map[string]memoryRow{
	"memory-mlp":    {"step", args{"net": "mlp"}, peer{"frozen", frozen.label}, 20},
	"memory-dcgan":  {"step", args{"net": "dcgan"}, peer{"frozen", frozen.label}, 20},
	"memory-folder": {"folder", nil, peer{"torch-fidelity", "torch-fidelity"}, 1}, // with the arguments of the row of that name
}

type memoryRow struct {
	job  string
	args args
	peer peer
	runs int
}

func (b *bench) whole(id string) (measurement, error) {
	switch id {
	case "twin-dcgan":
		return b.twin(id, "dcgan")
	case "twin-mlp":
		return b.twin(id, "mlp")
	}
	r := memoryRows[id]
	if r.args == nil {
		r.args = rowOf(r.job).in(b.quick)
	}
	return b.memory(id, r)
}

// twin measures one run alone and two runs at once in one process, one thread each, in turns. It has its own process, whose kernels use one thread.
func (b *bench) twin(id, net string) (measurement, error) {
	m := measurement{ID: id, Threads: 2, Ours: series{Label: "two runs at once"}}
	w, err := b.startOurs(2)
	if err != nil {
		return m, err
	}
	defer w.stop()
	one := series{Label: "one run"}
	sides := []*side{{w: w, variant: "two", s: &m.Ours}, {w: w, variant: "one", s: &one}}
	length := 600 * time.Millisecond
	if b.quick {
		length /= 3
	}
	for i, s := range sides {
		if _, err := w.call(request{Op: "open", Job: "twin", Variant: s.variant, Args: args{"net": net, "copies": 2 - i}}); err != nil {
			return m, err
		}
		if err := s.warm(false, length); err != nil {
			return m, err
		}
	}
	b.extra = []*worker{w}
	defer func() { b.extra = nil }()
	m.Others, err = b.turns(sides, b.rounds)
	m.Peers = []series{one}
	return m, err
}

// memory measures fresh processes: the peak of their memory, and what a repetition leaves on Go's heap.
func (b *bench) memory(id string, r memoryRow) (m measurement, err error) {
	m = measurement{ID: id, Threads: 1, Ours: series{Label: "Assay"}}
	dir, err := os.MkdirTemp("", "assay-peers-")
	if err != nil {
		return m, err
	}
	defer func() {
		if e := os.RemoveAll(dir); err == nil {
			err = e
		}
	}()
	ours, err := b.startOurs(1)
	if err != nil {
		return m, err
	}
	defer ours.stop()
	q, err := fresh(ours, request{Op: "open", Job: r.job, Args: with(r.args, "plain", 1), Dir: dir}, r.runs)
	if err != nil {
		return m, err
	}
	m.RSS = []float64{q.RSS}
	if r.job == "step" {
		if m.Bytes, m.Allocs, err = heapOf(ours, r.runs); err != nil {
			return m, err
		}
	}
	m.Ours.add(q)
	if b.python == "" {
		return m, nil
	}
	if err := b.inputs(r, dir); err != nil {
		return m, err
	}
	theirs, err := b.startTheirs(1)
	if err != nil {
		return m, err
	}
	defer theirs.stop()
	q, err = fresh(theirs, request{Op: "open", Job: r.job, Variant: r.peer.variant, Args: r.args, Dir: dir}, r.runs)
	if err != nil {
		return m, err
	}
	if q.Missing != "" {
		m.Missing = append(m.Missing, q.Missing)
		return m, nil
	}
	m.RSS = append(m.RSS, q.RSS)
	s := series{Label: r.peer.label}
	s.add(q)
	m.Peers = []series{s}
	return m, nil
}

// inputs writes the peer's inputs, in a process of its own: what is exported is not in our side's peak.
func (b *bench) inputs(r memoryRow, dir string) error {
	w, err := b.startOurs(1)
	if err != nil {
		return err
	}
	defer w.stop()
	_, err = w.call(request{Op: "open", Job: r.job, Args: r.args, Dir: dir})
	return err
}

func with(a args, name string, v any) args {
	a = maps.Clone(a)
	a[name] = v
	return a
}

// heapOf is what one of n runs takes from Go's heap, in bytes and objects: the median, because once a second the study queue's server, which is linked
// in, looks at its own load whatever runs.
func heapOf(w *worker, n int) (size, objects float64, err error) {
	all, each := make([]float64, n), make([]float64, n)
	for i := range n {
		q, err := w.call(request{Op: "run", N: 1})
		if err != nil {
			return 0, 0, err
		}
		all[i], each[i] = q.Bytes, q.Allocs
	}
	return median(all), median(each), nil
}

// fresh opens a job in a new process and runs it, after a quarter of the runs to warm up.
func fresh(w *worker, open request, runs int) (reply, error) {
	q, err := w.call(open)
	if err != nil || q.Missing != "" {
		return q, err
	}
	if runs > 1 {
		if _, err := w.call(request{Op: "run", Variant: open.Variant, N: runs / 4}); err != nil {
			return q, err
		}
	}
	return w.call(request{Op: "run", Variant: open.Variant, N: runs})
}
