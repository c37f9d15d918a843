package command

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/assay-gan/assay/runners"
)

// meterLine shows how far a pass over images has come, and how fast.
type meterLine struct {
	mu    sync.Mutex
	line  liveLine
	path  string
	most  int // images seen; they end in any order
	start time.Time

	whole, before int // images of all sides, and of those that are behind us
	total         int // of the side in work
}

// expect tells how many images there are on all sides together, so that the time left is that of the whole. It is safe on nil.
func (m *meterLine) expect(sides ...*runners.Side) {
	if m == nil {
		return
	}
	for _, s := range sides {
		if holdsImages(s) {
			m.whole += s.Len()
		}
	}
}

// measuring says which metric is in work. It is safe on nil.
func (m *meterLine) measuring(metric string, k, n int) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if m.line.last.IsZero() && m.line.width == 0 { // a short score is silent in a log
		m.line.last = now
	}
	if m.line.due(now) || m.line.width > 0 {
		m.line.show(fmt.Sprintf("metric %d of %d: %s", k, n, metric))
	}
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
		m.before += m.total
		m.path, m.most, m.total, m.start, m.line.last = path, 0, total, now, now
	}
	m.most = max(m.most, done)
	if !m.line.due(now) {
		return
	}
	rate := float64(m.most) / max(now.Sub(m.start).Seconds(), 1e-9)
	left := time.Duration(float64(max(total, m.whole-m.before)-m.most) / max(rate, 1e-9) * float64(time.Second)).Round(time.Second)
	m.line.show(fmt.Sprintf("%s: %d of %d images, %.1f images/s, %v left", tail(path, 32), m.most, total, rate, left))
}

// tail is the end of a path, which tells two sides apart that lie in folders of one name.
func tail(path string, most int) string {
	if r := []rune(path); len(r) > most {
		return "…" + string(r[len(r)-most+1:])
	}
	return path
}

// close leaves the terminal's line clean. It is safe on nil.
func (m *meterLine) close() {
	if m != nil {
		m.line.clear()
	}
}
