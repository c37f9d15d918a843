package runners

import (
	"sync"

	"github.com/assay-gan/assay/internal/kernel"
)

// sharing divides the kernel's threads among the cells that run: one each while there are as many cells as cores, all of them for the last cell. Results do
// not depend on it.
type sharing struct {
	mu      sync.Mutex
	threads int
	workers int
	left    int // cells not finished
	running int
	before  int
}

func newSharing(threads, workers, cells int) *sharing {
	if threads <= 0 {
		threads = kernel.Threads()
	}
	if workers <= 0 {
		workers = min(threads, max(cells, 1))
	}
	return &sharing{threads: threads, workers: workers, left: cells, before: kernel.Threads()}
}

func (s *sharing) enter() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running++
	s.set()
}

func (s *sharing) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	s.left--
	s.set()
}

func (s *sharing) set() {
	at := max(1, min(s.workers, s.left)) // how many cells run, now or in a moment
	kernel.SetThreads(max(1, s.threads/at))
}

func (s *sharing) restore() { kernel.SetThreads(s.before) }
