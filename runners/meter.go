package runners

import (
	"sync"
	"time"
)

// accountant shares the process's processor time out among the cells that run at the same time: the system counts it for the process only. Between two
// events each running cell gets an equal part.
type accountant struct {
	mu      sync.Mutex
	last    float64
	running map[*meter]bool
	phases  map[phase]float64 // what cells took in each phase, in seconds of a core
}

// phase is a part of the work on a cell, in the order in which they come.
type phase int

const (
	training phase = iota
	drawing
	featurizing
	scoring
	judging
	keeping
	phases
)

// phaseNames are what Summary.Phases calls them.
var phaseNames = [phases]string{"train", "draw", "features", "metrics", "verdict", "write"}

// Phase is what a part of the work took of this process, in seconds of one core. Time that several cells shared is shared out in equal parts.
type Phase struct {
	Name        string
	CoreSeconds float64
}

// spent lists the phases in their order.
func (a *accountant) spent() []Phase {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make([]Phase, phases)
	for i, name := range phaseNames {
		out[i] = Phase{name, a.phases[phase(i)]}
	}
	return out
}

// meter is what one cell has used so far.
type meter struct {
	of     *accountant
	start  time.Time
	cpu    float64
	now    phase
	before spent
}

// spent is what a cell had used before it was interrupted.
type spent struct {
	Wall float64 `json:"wall_s"`
	CPU  float64 `json:"cpu_s"`
}

func (a *accountant) settle() {
	now := cpuSeconds()
	for m := range a.running {
		part := (now - a.last) / float64(len(a.running))
		m.cpu += part
		a.phases[m.now] += part
	}
	a.last = now
}

// begin starts a meter that goes on from what was spent before; end stops it.
func (a *accountant) begin(before spent) *meter {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running == nil {
		a.running, a.phases = map[*meter]bool{}, map[phase]float64{}
	}
	a.settle()
	m := &meter{of: a, start: time.Now(), before: before}
	a.running[m] = true
	return m
}

// enter says which part of the work begins.
func (m *meter) enter(p phase) {
	m.of.mu.Lock()
	defer m.of.mu.Unlock()
	m.of.settle()
	m.now = p
}

func (m *meter) end() {
	m.of.mu.Lock()
	defer m.of.mu.Unlock()
	m.of.settle()
	delete(m.of.running, m)
}

// read returns wall and processor seconds since begin, and what was spent before.
func (m *meter) read() spent {
	m.of.mu.Lock()
	defer m.of.mu.Unlock()
	m.of.settle()
	return spent{m.before.Wall + time.Since(m.start).Seconds(), m.before.CPU + m.cpu}
}
