package kernel

import (
	"math"
	"runtime"
	"sync"
	"time"
)

func cores() int { return runtime.GOMAXPROCS(0) }

// peakOnce measures one core once per process: the figure belongs to the machine.
var peakOnce = sync.OnceValue(func() float64 { return measurePeak(5) })

// Peak returns the most float32 GFLOP/s one core can do with the set in use when it is first called, measured by a loop of
// multiply-adds in registers (about 10 ms, once per process); 0 for the generic set, whose peak is not defined.
func Peak() float64 { return peakOnce() }

func measurePeak(rounds int) float64 {
	if active.peak == nil {
		return 0
	}
	const n = 200000
	best := math.Inf(1)
	for range rounds {
		t := time.Now() // a measurement, not an input of a computation
		active.peak(n)
		best = min(best, time.Since(t).Seconds())
	}
	return n * 12 * 2 * float64(active.lanes) / best / 1e9
}
