package datasets

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/assay-gan/assay/internal/crew"
	"github.com/assay-gan/assay/internal/kernel"
)

// chunk is how many items a worker takes at a time: long enough to cost nothing, short enough to stop soon after a cancel.
const chunk = 64

// parallel calls f(lo, hi) over 0..n in pieces of at most chunk, on all threads, and returns the error of the earliest piece that failed, so that the
// message does not depend on the number of workers. f must write only what belongs to its own items.
func parallel(ctx context.Context, n int, f func(lo, hi int) error) error {
	var next atomic.Int64
	var failed atomic.Int64
	failed.Store(int64(n))
	var mu sync.Mutex
	var first error
	var wg crew.Group
	for range min(kernel.Threads(), (n+chunk-1)/chunk) {
		wg.Go(func() {
			for {
				lo := int(next.Add(chunk)) - chunk
				if lo >= n || int64(lo) > failed.Load() || ctx.Err() != nil {
					return
				}
				if err := f(lo, min(lo+chunk, n)); err != nil {
					mu.Lock()
					if int64(lo) < failed.Load() {
						failed.Store(int64(lo))
						first = err
					}
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if first != nil {
		return first
	}
	return ctx.Err()
}
