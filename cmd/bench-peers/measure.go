package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// series is what one side took, turn by turn.
type series struct {
	Label string    `json:"label"`
	Turns []float64 `json:"turns"` // median wall time of a repetition, ms
	CPU   []float64 `json:"cpu"`   // processor time of a repetition, ms
	Best  float64   `json:"best"`  // fastest repetition of all turns, ms
}

func (s *series) add(r reply) {
	s.Turns = append(s.Turns, median(r.MS))
	s.CPU = append(s.CPU, r.CPU/float64(len(r.MS)))
	if best := slices.Min(r.MS); s.Best == 0 || best < s.Best {
		s.Best = best
	}
}

// measurement is one row at one thread count. Checks that fail void its times.
type measurement struct {
	ID      string   `json:"id"`
	Threads int      `json:"threads"`
	Date    string   `json:"date,omitempty"` // year, month and day; "" where the record's own is meant
	Ours    series   `json:"ours"`
	Peers   []series `json:"peers,omitempty"`
	Checks  []check  `json:"checks,omitempty"`
	Void    string   `json:"void,omitempty"`    // why the times do not count
	Missing []string `json:"missing,omitempty"` // what was not there to measure
	Flop    float64  `json:"flop,omitempty"`    // matrix arithmetic of a repetition
	// Others is the share of the machine's processors that other programs used meanwhile; -1: unknown.
	Others float64 `json:"others"`
	// Of whole runs:
	RSS    []float64 `json:"rss,omitempty"` // peak MB: ours, then the peers'
	Bytes  float64   `json:"bytes_per_step,omitempty"`
	Allocs float64   `json:"allocs_per_step,omitempty"`
}

func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	n := len(s)
	if n == 0 {
		return 0
	}
	return (s[(n-1)/2] + s[n/2]) / 2
}

// bench holds the workers: one process a side and thread count, alive until the end, so that starting up never counts and both sides meet the
// same noise.
type bench struct {
	self, python string // python is "" where there is none
	script       string
	quick        bool
	rounds       int
	log          io.Writer
	ours, theirs map[int]*worker
	inGo         map[int]*worker // of peers in Go, which are copies of this program
	extra        []*worker       // of the present row alone
}

// Between two turns the last side's threads get time to fall asleep: OpenMP and OpenBLAS spin for a while after their work.
const pause = 60 * time.Millisecond

func (b *bench) worker(threads int) (*worker, error) {
	if b.ours[threads] == nil {
		w, err := b.startOurs(threads)
		if err != nil {
			return nil, err
		}
		b.ours[threads] = w
	}
	return b.ours[threads], nil
}

func (b *bench) startOurs(threads int) (*worker, error) {
	return start("assay", threads, b.self, "-serve", fmt.Sprint(threads))
}

func (b *bench) startTheirs(threads int) (*worker, error) {
	return start("python", threads, b.python, b.script, fmt.Sprint(threads))
}

func (b *bench) peer(threads int) (*worker, error) {
	if b.python == "" {
		return nil, nil
	}
	if b.theirs[threads] == nil {
		w, err := b.startTheirs(threads)
		if err != nil {
			return nil, err
		}
		b.theirs[threads] = w
	}
	return b.theirs[threads], nil
}

// workerOf is the process that carries a peer's work out; nil where it has none.
func (b *bench) workerOf(p peer, threads int) (*worker, error) {
	if !p.inGo() {
		return b.peer(threads)
	}
	if b.inGo[threads] == nil {
		w, err := b.startOurs(threads)
		if err != nil {
			return nil, err
		}
		b.inGo[threads] = w
	}
	return b.inGo[threads], nil
}

func (b *bench) stop() {
	for _, side := range []map[int]*worker{b.ours, b.theirs, b.inGo} {
		for _, w := range side {
			w.stop()
		}
		clear(side)
	}
}

// side is one participant of a row, with its running result.
type side struct {
	w       *worker
	variant string
	s       *series
	reps    int
	values  []float64
}

// run measures a row: opens it on both sides, compares the arithmetic, then takes turns.
func (b *bench) run(r row, threads int) (m measurement, err error) {
	m = measurement{ID: r.id, Threads: threads, Ours: series{Label: "Assay"}}
	dir, err := os.MkdirTemp("", "assay-peers-")
	if err != nil {
		return m, err
	}
	defer func() {
		if e := os.RemoveAll(dir); err == nil {
			err = e
		}
	}()
	sides, err := b.open(r, threads, dir, &m)
	if err != nil || len(sides) == 0 {
		return m, err
	}
	defer func() {
		for _, s := range sides {
			if _, e := s.w.call(request{Op: "close"}); err == nil {
				err = e
			}
		}
	}()
	rounds, length := b.rounds, 300*time.Millisecond
	if b.quick {
		length /= 2
	}
	if r.slow {
		rounds = max(2, rounds/3)
	}
	for _, s := range sides {
		if err := s.warm(r.slow && !b.quick, length); err != nil {
			return m, err
		}
	}
	m.Others, err = b.turns(sides, rounds)
	m.collect(sides, r.limit)
	return m, err
}

// turns lets every side run once a round and returns how busy other programs kept the machine.
func (b *bench) turns(sides []*side, rounds int) (float64, error) {
	before, ok := measureUsage(b.pids())
	for round := range rounds {
		for i := range sides {
			s := sides[(i+round)%len(sides)] // everybody goes first in turn
			time.Sleep(pause)
			q, err := s.w.call(request{Op: "run", Variant: s.variant, N: s.reps})
			if err != nil {
				return -1, err
			}
			s.s.add(q)
			s.values = q.Values
		}
	}
	after, still := measureUsage(b.pids())
	return others(before, after, ok && still), nil
}

// open prepares a row on both sides. Without our side there is nothing to measure; without a peer our side is measured alone.
func (b *bench) open(r row, threads int, dir string, m *measurement) ([]*side, error) {
	ours, err := b.worker(threads)
	if err != nil {
		return nil, err
	}
	q, err := ours.call(request{Op: "open", Job: r.job, Args: r.in(b.quick), Dir: dir})
	if err != nil {
		return nil, err
	}
	if q.Missing != "" {
		m.Missing = append(m.Missing, q.Missing)
		return nil, nil
	}
	if m.Flop = q.Flop; r.flop > 0 && !r.reduced(b.quick) {
		m.Flop = r.flop
	}
	sides := []*side{{w: ours, s: &m.Ours}}
	for _, p := range r.peers {
		theirs, err := b.workerOf(p, threads)
		if err != nil {
			return nil, err
		}
		if theirs == nil {
			m.Missing = append(m.Missing, "python3 with numpy")
			continue
		}
		q, err := theirs.call(request{Op: "open", Job: r.job, Variant: p.variant, Args: r.in(b.quick), Dir: dir})
		if err != nil {
			return nil, err
		}
		if q.Missing != "" {
			m.Missing = append(m.Missing, q.Missing)
			continue
		}
		m.Checks = append(m.Checks, q.Checks...)
		sides = append(sides, &side{w: theirs, variant: p.variant, s: &series{Label: p.label}})
	}
	return sides, nil
}

// warm runs a few repetitions outside the record and decides how many make a turn.
func (s *side) warm(once bool, length time.Duration) error {
	s.reps = 1
	if once {
		return nil
	}
	q, err := s.w.call(request{Op: "run", Variant: s.variant, N: 2})
	if err != nil {
		return err
	}
	s.reps = min(max(1, int(float64(length.Milliseconds())/max(slices.Min(q.MS), 1e-3))), 500)
	return nil
}

// collect files the peers' series and compares the values that both sides returned.
func (m *measurement) collect(sides []*side, limit float64) {
	for _, s := range sides[1:] {
		m.Peers = append(m.Peers, *s.s)
		if limit > 0 {
			m.Checks = append(m.Checks, check{"values, " + s.s.Label, difference(s.values, sides[0].values), limit})
		}
	}
	for _, c := range m.Checks {
		if !c.ok() {
			m.Void = fmt.Sprintf("%s differ by %.1e (limit %.0e): not the same arithmetic", c.What, c.Error, c.Limit)
		}
	}
}

// difference is the largest difference of two lists of numbers, each relative to its own size.
func difference(a, b []float64) float64 {
	if len(a) != len(b) || len(a) == 0 {
		return 1
	}
	worst := 0.0
	for i := range a {
		d := a[i] - b[i]
		if d < 0 {
			d = -d
		}
		scale := max(a[i], b[i], -a[i], -b[i])
		if scale > 0 {
			d /= scale
		}
		if !(d <= worst) { // NaN too
			worst = d
		}
	}
	return worst
}
