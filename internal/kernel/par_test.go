package kernel

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestParWaitsForSlowItems has items that last longer than a caller spins, so that it sleeps and must be woken, some just as it lies down.
func TestParWaitsForSlowItems(t *testing.T) {
	defer SetThreads(1)
	for _, th := range []int{2, 7} {
		SetThreads(th)
		for n := 2; n < 40; n++ {
			var done atomic.Int32
			Par(n, func(i int) {
				time.Sleep(time.Duration(n*i%17) * 3 * time.Microsecond)
				done.Add(1)
			})
			if int(done.Load()) != n {
				t.Fatalf("%d threads: returned after %d of %d items", th, done.Load(), n)
			}
		}
	}
}

func TestParRunsEveryItemOnceWithConcurrentCallers(t *testing.T) {
	defer SetThreads(1)
	SetThreads(4)
	var wg sync.WaitGroup
	for range 5 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range 200 {
				hits := make([]atomic.Int32, n)
				Par(n, func(i int) {
					hits[i].Add(1)
					if i == 0 {
						Par(3, func(int) {}) // nested calls run inline
					}
				})
				for i := range hits {
					if hits[i].Load() != 1 {
						t.Errorf("item %d of %d ran %d times", i, n, hits[i].Load())
					}
				}
			}
		}()
	}
	wg.Wait()
}

func TestSetThreadsClamps(t *testing.T) {
	defer SetThreads(Threads())
	for _, c := range [][2]int{{5, 5}, {-3, cores()}, {1, 1}, {0, cores()}, {1 << 20, maxThreads}} {
		if SetThreads(c[0]); Threads() != c[1] {
			t.Errorf("SetThreads(%d): Threads() = %d, want %d", c[0], Threads(), c[1])
		}
	}
}

func TestChooseFallsBackWithAnError(t *testing.T) {
	s, err := choose("generic", sets)
	if s.name != "generic" || err != nil {
		t.Errorf("generic: got %s, %v", s.name, err)
	}
	s, err = choose("mmx", sets)
	if s != sets[0] || err == nil {
		t.Errorf("mmx: got %s, %v; want the best set and an error", s.name, err)
	}
}
