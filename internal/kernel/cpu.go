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

// Rates are measured speeds in float32 GFLOP/s.
type Rates struct {
	Peak  float64 // one core, registers only; 0 if unknown
	SGEMM float64 // one core, a 512 x 512 x 512 product
	Share float64 // SGEMM / Peak; 0 if Peak is unknown
}

// Measure times the peak and a matrix product on one core, the best of a few runs; it takes about 0.1 s. It is meant for
// reports to people: the figures are those of this moment on this machine.
func Measure() Rates {
	const n = 512
	was := Threads()
	SetThreads(1)
	defer SetThreads(was)
	a, b, c := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
	for i := range a {
		a[i], b[i] = float32(i%7)-3, float32(i%5)-2
	}
	best := math.Inf(1)
	for range 8 {
		t := time.Now()
		Gemm(false, false, n, n, n, a, n, b, n, c, n, Epilogue{})
		best = min(best, time.Since(t).Seconds())
	}
	r := Rates{Peak: Peak(), SGEMM: 2 * n * n * n / best / 1e9}
	if r.Peak > 0 {
		r.Share = r.SGEMM / r.Peak
	}
	return r
}
