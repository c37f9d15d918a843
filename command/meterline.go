package command

import (
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/assay-gan/assay/internal/quote"
)

// meterLine shows how far a pass over images has come, and how fast: on a terminal as one line that is written over, in a log as a line every so often.
type meterLine struct {
	w        io.Writer
	terminal bool

	mu          sync.Mutex
	path        string
	most        int // images seen; they end in any order
	start, last time.Time
	shown       bool
}

// newMeterLine returns nil, which feeding takes for silence, where nothing is to be shown.
func newMeterLine(w io.Writer, quiet bool) *meterLine {
	if quiet {
		return nil
	}
	_, ok := terminal(w)
	return &meterLine{w: w, terminal: ok}
}

// tell is called after each image, concurrently.
func (m *meterLine) tell(path string, done, total int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if path != m.path || done < m.most-total/2 {
		m.path, m.most, m.start, m.last = path, 0, now, now
	}
	m.most = max(m.most, done)
	pause := logEvery
	if m.terminal {
		pause = 200 * time.Millisecond
	}
	if now.Sub(m.last) < pause {
		return
	}
	m.last, m.shown = now, true
	rate := float64(m.most) / max(now.Sub(m.start).Seconds(), 1e-9)
	left := time.Duration(float64(total-m.most) / max(rate, 1e-9) * float64(time.Second)).Round(time.Second)
	line := fmt.Sprintf("%s: %d of %d images, %.1f images/s, %v left", filepath.Base(path), m.most, total, rate, left)
	line = quote.Flat(line)
	if m.terminal {
		fmt.Fprintf(m.w, "\r\x1b[K%s", line)
		return
	}
	fmt.Fprintln(m.w, line)
}

// close leaves the terminal's line clean. It is safe on nil.
func (m *meterLine) close() {
	if m != nil && m.terminal && m.shown {
		fmt.Fprint(m.w, "\r\x1b[K")
	}
}
