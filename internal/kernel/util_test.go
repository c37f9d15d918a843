package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// tol32 bounds a float32 chain of n products of numbers near 1 against float64: n/2 roundings of 6e-8 in the worst
// realistic case, and a floor for the last bit.
func tol32(n int) float64 { return 1e-6 + 6e-8*float64(n) }

// eachSet runs f once per kernel set of the machine.
func eachSet(t *testing.T, f func(t *testing.T, s *set)) {
	was := active
	defer func() { active = was; SetThreads(1) }()
	for _, s := range sets {
		t.Run("set="+s.name, func(t *testing.T) {
			active = s
			f(t, s)
		})
	}
}

func source(n uint64) *rand.Rand { return rand.New(rand.NewPCG(n, 3)) }

const canary = float32(-7.77e33)

// guarded is a slice of n floats at an odd place in a buffer whose other elements are canaries.
type guarded struct{ all, x []float32 }

const fence = 48

func guard(n int, r *rand.Rand) guarded {
	o := fence + r.IntN(17)
	all := make([]float32, o+n+fence)
	for i := range all {
		all[i] = canary
	}
	return guarded{all, all[o : o+n : o+n]}
}

func guardRand(n int, r *rand.Rand, scale float32) guarded {
	g := guard(n, r)
	for i := range g.x {
		g.x[i] = (r.Float32()*2 - 1) * scale
	}
	return g
}

func (g guarded) check(t *testing.T, what string) {
	t.Helper()
	n := 0
	for _, v := range g.all {
		if v == canary {
			n++
		}
	}
	if want := len(g.all) - len(g.x); n < want {
		t.Fatalf("%s: wrote outside its slice: %d of %d canaries left", what, n, want)
	}
}

// near compares with a tolerance relative to the larger of |want| and scale; NaN equals NaN, an infinity itself.
func near(t *testing.T, what string, got, want []float32, tol, scale float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: length %d, want %d", what, len(got), len(want))
	}
	for i := range want {
		g, w := float64(got[i]), float64(want[i])
		if math.IsNaN(g) && math.IsNaN(w) || g == w {
			continue
		}
		if !(math.Abs(g-w) <= tol*math.Max(math.Abs(w), scale)) {
			t.Fatalf("%s: at %d got %v want %v", what, i, got[i], want[i])
		}
	}
}

func same(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: at %d got %v (%x) want %v (%x)", what, i, got[i], math.Float32bits(got[i]), want[i], math.Float32bits(want[i]))
		}
	}
}

func clone(x []float32) []float32 { return append([]float32(nil), x...) }

func shape(a ...any) string { return fmt.Sprint(a...) }
