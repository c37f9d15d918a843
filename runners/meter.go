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
	of    *accountant
	start time.Time
	cpu   float64
}

func (a *accountant) settle() {
	now := cpuSeconds()
	for m := range a.running {
		m.cpu += (now - a.last) / float64(len(a.running))
	}
	a.last = now
}

// begin starts a meter; end stops it.
func (a *accountant) begin() *meter {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running == nil {
		a.running = map[*meter]bool{}
	}
	a.settle()
	m := &meter{of: a, start: time.Now()}
	a.running[m] = true
	return m
}

func (m *meter) end() {
	m.of.mu.Lock()
	defer m.of.mu.Unlock()
	m.of.settle()
	delete(m.of.running, m)
}

// read returns wall and processor seconds since begin.
func (m *meter) read() (wall, cpu float64) {
	m.of.mu.Lock()
	defer m.of.mu.Unlock()
	m.of.settle()
	return time.Since(m.start).Seconds(), m.cpu
}
