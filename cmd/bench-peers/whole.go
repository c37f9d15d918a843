package main

import (
	"os"
	"time"
)

// wholeRows are figures of whole runs, which no single task gives. They are named in the page's last table.
var wholeRows = []string{"twin-dcgan", "twin-mlp", "memory-dcgan"}

func (b *bench) whole(id string) (measurement, error) {
	switch id {
	case "twin-dcgan":
		return b.twin(id, "dcgan")
	case "twin-mlp":
		return b.twin(id, "mlp")
	}
	return b.memory(id, "dcgan")
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

// memory measures fresh processes that do nothing but train: the peak of their memory, and what a step leaves on Go's heap.
func (b *bench) memory(id, net string) (m measurement, err error) {
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
	first, err := b.worker(1)
	if err != nil {
		return m, err
	}
	if _, err := first.call(request{Op: "open", Job: "step", Args: args{"net": net}, Dir: dir}); err != nil { // writes the weights
		return m, err
	}
	if _, err := first.call(request{Op: "close"}); err != nil {
		return m, err
	}
	ours, err := b.startOurs(1)
	if err != nil {
		return m, err
	}
	defer ours.stop()
	q, err := fresh(ours, request{Op: "open", Job: "step", Args: args{"net": net, "plain": 1}})
	if err != nil {
		return m, err
	}
	m.RSS, m.Bytes, m.Allocs = []float64{q.RSS}, q.Bytes, q.Allocs
	m.Ours.add(q)
	if b.python == "" {
		return m, nil
	}
	theirs, err := b.startTheirs(1)
	if err != nil {
		return m, err
	}
	defer theirs.stop()
	q, err = fresh(theirs, request{Op: "open", Job: "step", Variant: "frozen", Args: args{"net": net}, Dir: dir})
	if err != nil {
		return m, err
	}
	if q.Missing != "" {
		m.Missing = append(m.Missing, q.Missing)
		return m, nil
	}
	m.RSS = append(m.RSS, q.RSS)
	s := series{Label: "PyTorch, critic frozen in the G step"}
	s.add(q)
	m.Peers = []series{s}
	return m, nil
}

// fresh opens a job in a new process and runs twenty steps after five of warming up.
func fresh(w *worker, open request) (reply, error) {
	q, err := w.call(open)
	if err != nil || q.Missing != "" {
		return q, err
	}
	if _, err := w.call(request{Op: "run", Variant: open.Variant, N: 5}); err != nil {
		return q, err
	}
	return w.call(request{Op: "run", Variant: open.Variant, N: 20})
}
