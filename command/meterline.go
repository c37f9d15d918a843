package command

import (
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"
)

// meterLine shows how far a pass over images has come, and how fast.
type meterLine struct {
	mu    sync.Mutex
	line  liveLine
	path  string
	most  int // images seen; they end in any order
	start time.Time
}

// newMeterLine returns nil, which feeding takes for silence, where nothing is to be shown.
func newMeterLine(w io.Writer, quiet bool) *meterLine {
	if quiet {
		return nil
	}
	return &meterLine{line: newLiveLine(w)}
}

// tell is called after each image, concurrently.
func (m *meterLine) tell(path string, done, total int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if path != m.path || done < m.most-total/2 {
		m.path, m.most, m.start, m.line.last = path, 0, now, now
	}
	m.most = max(m.most, done)
	if !m.line.due(now) {
		return
	}
	rate := float64(m.most) / max(now.Sub(m.start).Seconds(), 1e-9)
	left := time.Duration(float64(total-m.most) / max(rate, 1e-9) * float64(time.Second)).Round(time.Second)
	m.line.show(fmt.Sprintf("%s: %d of %d images, %.1f images/s, %v left", filepath.Base(path), m.most, total, rate, left))
}

// close leaves the terminal's line clean. It is safe on nil.
func (m *meterLine) close() {
	if m != nil {
		m.line.clear()
	}
}
