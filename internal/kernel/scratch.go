package kernel

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

// scratch is what one goroutine needs while it works on an item. It is recycled: a call in steady state allocates nothing.
type scratch struct {
	a, b, x, last []float32
	rows          [16]*float32
	part          [16]*float32
	crow, arow    []*float32
	wide          wideScratch
	win           windowScratch
	lin           toomRows
	sumIn, sumOut [8]*float32
	trash         [64]float32 // tile rows past the end of the matrix are written here
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// slack is what packers may write past a panel's end.
const slack = 32

// grow returns (*p)[:n] on a 64-byte boundary, with slack behind it, enlarging *p if needed. The content is undefined.
func grow(p *[]float32, n int) []float32 {
	if cap(*p) < n+slack {
		*p = aligned(n + n/4)
	}
	return (*p)[:n]
}

// aligned returns n new floats on a 64-byte boundary, with slack behind them.
func aligned(n int) []float32 {
	q := make([]float32, n+slack+16)
	o := int(-uintptr(unsafe.Pointer(&q[0]))>>2) & 15
	return q[o : o+n : o+n+slack]
}

func growPtr(p *[]*float32, n int) []*float32 {
	if cap(*p) < n {
		*p = make([]*float32, n)
	}
	return (*p)[:n]
}

func rup(x, r int) int { return (x + r - 1) / r * r }

// zeroRow stands for the rows of a panel that lie past the matrix.
var zeroRow [1 << 13]float32

var oneRow atomic.Pointer[[]float32]

// ones returns a slice of at least n ones.
func ones(n int) []float32 {
	if p := oneRow.Load(); p != nil && len(*p) >= n {
		return (*p)[:n]
	}
	q := make([]float32, max(n, 1024))
	for i := range q {
		q[i] = 1
	}
	oneRow.Store(&q)
	return q[:n]
}
