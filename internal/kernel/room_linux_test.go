package kernel

import (
	"math"
	"math/rand/v2"
	"runtime/debug"
	"testing"
	"unsafe"
)

// room hands out operands that each lie between two pages that may not be touched, the next one in an arena of its own.
type room struct {
	t      *testing.T
	r      *rand.Rand
	arenas []arena
	next   int
	wild   bool // sprinkle in what kernels like to go wrong at
}

func newRoom(t testing.TB, operands, floats int) *room {
	m := new(room)
	for range operands {
		m.arenas = append(m.arenas, newArena(t, floats))
	}
	return m
}

// enter says whose test goes on in the room, with a fresh source of numbers; a touched guard page becomes a panic of it.
func (m *room) enter(t *testing.T, seed uint64) {
	debug.SetPanicOnFault(true)
	m.t, m.r = t, source(seed)
}

// again makes all arenas free, half of the times for wild operands.
func (m *room) again() {
	m.next, m.wild = 0, m.r.IntN(2) == 0
}

// sparks are the values that propagate by rules of their own. Among them are none that overflow in one order of a sum and not in another.
func sparks() []float32 {
	return []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 1e-40, -1e-40, 1e-45, 1, -1}
}

// floats returns n numbers in [-1, 1], and some sparks in a wild room.
func (m *room) floats(n int) []float32 {
	a := m.arenas[m.next]
	m.next++
	x := a.floats(n, m.r)
	sp := sparks()
	every := 1 + m.r.IntN(2*n+8) // from many to none
	for i := range x {
		x[i] = 2*m.r.Float32() - 1
		if m.wild && m.r.IntN(every) == 0 {
			x[i] = sp[m.r.IntN(len(sp))]
		}
	}
	return x[:n:n]
}

func (m *room) doubles(n int) []float64 {
	a := m.arenas[m.next]
	m.next++
	all := unsafe.Slice((*float64)(unsafe.Pointer(&a.mem[0])), len(a.mem)/8)
	x := all[len(all)-n:]
	if m.r.IntN(3) == 0 {
		x = all[:n:n]
	}
	sp := sparks()
	every := 1 + m.r.IntN(2*n+8)
	for i := range x {
		x[i] = 2*m.r.Float64() - 1
		if m.wild && m.r.IntN(every) == 0 {
			x[i] = float64(sp[m.r.IntN(len(sp))])
		}
	}
	return x
}

// lines returns n rows of k floats, each between guards of its own.
func (m *room) lines(n, k int) (p [16]*float32, x [][]float32) {
	for i := range n {
		x = append(x, m.floats(k))
		if k > 0 {
			p[i] = &x[i][0]
		}
	}
	return p, x
}

func (m *room) lines64(n, k int) (p [16]*float64, x [][]float64) {
	for i := range n {
		x = append(x, m.doubles(k))
		p[i] = &x[i][0]
	}
	return p, x
}

// scalar is a number for a coefficient, wild in a wild room.
func (m *room) scalar() float32 {
	if m.wild && m.r.IntN(3) == 0 {
		sp := sparks()
		return sp[m.r.IntN(len(sp))]
	}
	return 2*m.r.Float32() - 1
}

func first[T any](x []T) *T {
	if len(x) == 0 {
		return nil
	}
	return &x[0]
}

// equal compares with the reference: NaN with NaN, an infinity with itself, others to tol of the larger of |want| and scale.
func (m *room) equal(what string, got []float32, want []float64, tol, scale float64) {
	m.t.Helper()
	for i, w := range want {
		w32, g := float64(float32(w)), float64(got[i])
		if math.IsNaN(w32) && math.IsNaN(g) || g == w32 || math.Abs(g-w) <= tol*math.Max(math.Abs(w), scale) {
			continue
		}
		m.t.Fatalf("%s: at %d of %d got %v want %v", what, i, len(want), got[i], w)
	}
}

func (m *room) equal64(what string, got, want []float64, tol float64) {
	m.t.Helper()
	for i, w := range want {
		if math.IsNaN(w) && math.IsNaN(got[i]) || got[i] == w || math.Abs(got[i]-w) <= tol*math.Max(math.Abs(w), 1) {
			continue
		}
		m.t.Fatalf("%s: at %d of %d got %v want %v", what, i, len(want), got[i], w)
	}
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
