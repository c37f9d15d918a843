package kernel

import (
	"math"
	"sync"
)

// grain is the number of elements of one work item of a memory-bound function: 128 KiB per operand.
const grain = 1 << 15

// elem is one elementwise call, cut into items of per elements.
type elem struct {
	y, a, b []float32
	p, q    float32
	per     int
	f2      func(y, x []float32)
	f3      func(y, a, b []float32)
	f2p     func(y, x []float32, p float32)
	f2pq    func(y, x []float32, p, q float32)
	f3p     func(y, a, b []float32, p float32)
}

var elems = sync.Pool{New: func() any { return new(elem) }}

func (e *elem) run(i int) {
	lo, hi := i*e.per, min(len(e.y), (i+1)*e.per)
	y, a := e.y[lo:hi], e.a[lo:hi]
	switch {
	case e.f2 != nil:
		e.f2(y, a)
	case e.f3 != nil:
		e.f3(y, a, e.b[lo:hi])
	case e.f2p != nil:
		e.f2p(y, a, e.p)
	case e.f2pq != nil:
		e.f2pq(y, a, e.p, e.q)
	default:
		e.f3p(y, a, e.b[lo:hi], e.p)
	}
}

// each runs e over its slices; the struct is recycled so that a call allocates nothing.
func each(e elem, per int) {
	n := len(e.y)
	e.a = e.a[:n]
	if e.b != nil {
		e.b = e.b[:n]
	}
	if n == 0 {
		return
	}
	e.per = per
	if n <= per || Threads() == 1 {
		e.per = n
		e.run(0)
		return
	}
	j := elems.Get().(*elem)
	*j = e
	parallel((n+per-1)/per, j)
	*j = elem{}
	elems.Put(j)
}

func binary(f func(y, a, b []float32), y, a, b []float32) {
	each(elem{f3: f, y: y, a: a, b: b[:len(y)]}, grain)
}

func unary(f func(y, x []float32), y, x []float32, per int) {
	each(elem{f2: f, y: y, a: x}, per)
}

// Add sets y = a + b.
func Add(y, a, b []float32) { binary(active.add, y, a, b) }

// Sub sets y = a - b.
func Sub(y, a, b []float32) { binary(active.sub, y, a, b) }

// Mul sets y = a * b, element by element.
func Mul(y, a, b []float32) { binary(active.mul, y, a, b) }

// Div sets y = a / b, element by element.
func Div(y, a, b []float32) { binary(active.div, y, a, b) }

// MaxOf sets y = max(a, b), NaN if either is NaN.
func MaxOf(y, a, b []float32) { binary(active.max, y, a, b) }

// Axpb sets y = a*x + b.
func Axpb(y, x []float32, a, b float32) { each(elem{f2pq: active.axpb, y: y, a: x, p: a, q: b}, grain) }

// Axpy sets y = y + a*x.
func Axpy(y, x []float32, a float32) { each(elem{f2p: active.axpy, y: y, a: x, p: a}, grain) }

// Clamp sets y = min(max(x, lo), hi), NaN where x is NaN.
func Clamp(y, x []float32, lo, hi float32) {
	each(elem{f2pq: active.clamp, y: y, a: x, p: lo, q: hi}, grain)
}

// Sqrt sets y = sqrt(x).
func Sqrt(y, x []float32) { unary(active.sqrt, y, x, grain) }

// Rsqrt sets y = 1/sqrt(x), correctly rounded twice (no approximate instruction).
func Rsqrt(y, x []float32) { unary(active.rsqrt, y, x, grain) }

// Square sets y = x*x.
func Square(y, x []float32) { unary(active.square, y, x, grain) }

// Abs sets y = |x|.
func Abs(y, x []float32) { unary(active.abs, y, x, grain) }

// Sign sets y = 1, -1 or x itself where x is zero or NaN.
func Sign(y, x []float32) { unary(active.sign, y, x, grain) }

// Exp sets y = exp(x), within 2 ulp; +Inf on overflow, gradual underflow.
func Exp(y, x []float32) { unary(active.exp, y, x, grain/4) }

// Log sets y = log(x), within 2 ulp; -Inf at 0, NaN below.
func Log(y, x []float32) { unary(active.log, y, x, grain/4) }

// Pow sets y = x^p. The exponents 2, 1, 0.5, -0.5 and -1 are exact special cases; others go through float64.
func Pow(y, x []float32, p float64) {
	switch p {
	case 0:
		for i := range y {
			y[i] = 1
		}
	case 1:
		copy(y, x[:len(y)])
	case 2:
		Square(y, x)
	case 0.5:
		Sqrt(y, x)
	case -0.5:
		Rsqrt(y, x)
	case -1:
		each(elem{f2p: recip, y: y, a: x}, grain)
	default:
		each(elem{f2p: powSlow, y: y, a: x, p: float32(p)}, grain/16)
	}
}

func recip(y, x []float32, _ float32) {
	for i, v := range x {
		y[i] = 1 / v
	}
}

func powSlow(y, x []float32, p float32) {
	for i, v := range x {
		y[i] = float32(math.Pow(float64(v), float64(p)))
	}
}
