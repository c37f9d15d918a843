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
}

// meter is what one cell has used so far.
type meter struct {
	of     *accountant
	start  time.Time
	cpu    float64
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
		m.cpu += (now - a.last) / float64(len(a.running))
	}
	a.last = now
}

// begin starts a meter that goes on from what was spent before; end stops it.
func (a *accountant) begin(before spent) *meter {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running == nil {
		a.running = map[*meter]bool{}
	}
	a.settle()
	m := &meter{of: a, start: time.Now(), before: before}
	a.running[m] = true
	return m
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
