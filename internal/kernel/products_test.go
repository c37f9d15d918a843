package kernel

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"
)

// scattered is n rows of d numbers in random order in one buffer, each between canaries.
func scattered(n, d int, r *rand.Rand) [][]float32 {
	g := guardRand(n*(d+3), r, 1)
	rows := make([][]float32, n)
	for i, at := range r.Perm(n) {
		rows[i] = g.x[at*(d+3) : at*(d+3)+d]
	}
	return rows
}

// products collects the wanted products of a call; the others are 0. It checks that every one comes once, and those of a row in order.
func products(t *testing.T, d int, a, b [][]float32, lead int) []float32 {
	t.Helper()
	out, next := make([]float32, len(a)*len(b)), make([]int, len(a))
	var mu sync.Mutex
	Products(d, a, b, lead, func(s Strip) {
		mu.Lock()
		defer mu.Unlock()
		for r := range s.Rows {
			i := s.I + r
			first := max(0, i-lead)
			if s.J+s.Cols <= first {
				continue
			}
			from := max(first, s.J)
			if want := max(first, next[i]); from != want {
				t.Errorf("row %d goes on at column %d, not %d", i, from, want)
			}
			copy(out[i*len(b)+from:], s.Row(r)[from-s.J:])
			next[i] = s.J + s.Cols
		}
	})
	for i, end := range next {
		if max(0, i-lead) < len(b) && end != len(b) {
			t.Errorf("row %d ends at column %d of %d", i, end, len(b))
		}
	}
	return out
}

// naiveProducts is the definition, in float64.
func naiveProducts(a, b [][]float32, lead int) []float32 {
	out := make([]float32, len(a)*len(b))
	for i := range a {
		for j := max(0, i-lead); j < len(b); j++ {
			s := 0.0
			for p, v := range a[i] {
				s += float64(v) * float64(b[j][p])
			}
			out[i*len(b)+j] = float32(s)
		}
	}
	return out
}

func flat(rows [][]float32) []float32 {
	var x []float32
	for _, r := range rows {
		x = append(x, r...)
	}
	return x
}

func checkProducts(t *testing.T, r *rand.Rand, n, m, d, lead int) {
	t.Helper()
	a, b := scattered(n, d, r), scattered(m, d, r)
	what := shape("n=", n, " m=", m, " d=", d, " lead=", lead)
	var one []float32
	for _, th := range []int{1, 2, 7} {
		SetThreads(th)
		got := products(t, d, a, b, lead)
		if one == nil {
			one = got
			near(t, what, got, naiveProducts(a, b, lead), tol32(d), 1)
			continue
		}
		same(t, what, got, one)
	}
	if m < 8 || n == 0 || d == 0 {
		return
	}
	c := make([]float32, n*m)
	Gemm(false, true, n, m, d, flat(a), d, flat(b), d, c, m, Epilogue{})
	for i := range n {
		clear(c[i*m : i*m+min(m, max(0, i-lead))])
	}
	same(t, what+" beside Gemm", one, c)
}

func TestProducts(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 12
	}
	eachSet(t, func(t *testing.T, _ *set) {
		r := source(71)
		for range rounds {
			n := 1 + r.IntN(300)
			checkProducts(t, r, n, 1+r.IntN(200), r.IntN(600), pick(r, n, 0, r.IntN(100)))
		}
		checkProducts(t, r, 31, 3*stripColumns+77, 40, 31) // strips side by side
		checkProducts(t, r, 2*stripColumns+5, 2*stripColumns+5, 9, 0)
		checkProducts(t, r, 0, 5, 9, 0)
		checkProducts(t, r, 5, 0, 9, 5)
	})
}

// An infinity or what is not a number stays in its own row and column.
func TestProductsKeepStrangeNumbersApart(t *testing.T) {
	eachSet(t, func(t *testing.T, _ *set) {
		r := source(72)
		a, b := scattered(50, 70, r), scattered(60, 70, r)
		a[17][3], b[41][69] = float32(math.Inf(1)), float32(math.NaN())
		for i, v := range products(t, 70, a, b, 50) {
			strange := math.IsNaN(float64(v)) || math.IsInf(float64(v), 0)
			if want := i/60 == 17 || i%60 == 41; strange != want {
				t.Fatalf("row %d, column %d: %v", i/60, i%60, v)
			}
		}
	})
}

func FuzzProducts(f *testing.F) {
	f.Add(uint64(1), uint16(5), uint16(40), uint16(300), uint16(2))
	f.Fuzz(func(t *testing.T, seed uint64, n, m, d, lead uint16) {
		eachSet(t, func(t *testing.T, _ *set) {
			checkProducts(t, source(seed), int(n%220), int(m%900), int(d%520), int(lead%300))
		})
	})
}

func checkReach(t *testing.T, r *rand.Rand, n int) {
	t.Helper()
	x, h, g := guardRand(n, r, 1), guardRand(n, r, 1), guardRand(n, r, 1)
	strange := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0, math.MaxFloat32}
	for _, v := range []guarded{x, h, g} {
		for range r.IntN(6) {
			if n > 0 {
				v.x[r.IntN(n)] = pick(r, strange...)
			}
		}
	}
	c, e := pick(r, 0, r.Float32(), strange[r.IntN(5)]), pick(r, 0.5, r.Float32(), strange[r.IntN(5)])
	for i := range n {
		if r.IntN(4) == 0 {
			x.x[i] = h.x[i] + c // at the threshold itself
		}
	}
	mask := make([]uint64, (n+63)/64+1)
	for i := range mask {
		mask[i] = ^uint64(0)
	}
	Reach(mask, x.x, h.x, c, g.x, e)
	for i := range n {
		want := x.x[i] >= h.x[i]+c || x.x[i] >= g.x[i]+e
		if got := mask[i/64]>>(i%64)&1 == 1; got != want {
			t.Fatalf("n = %d: bit %d of %v >= %v + %v or %v + %v is %v", n, i, x.x[i], h.x[i], c, g.x[i], e, got)
		}
	}
	for i := n; i < 64*len(mask); i++ {
		if got, want := mask[i/64]>>(i%64)&1 == 1, i/64 == (n+63)/64; got != want {
			t.Fatalf("n = %d: bit %d is %v", n, i, got)
		}
	}
}

func TestReach(t *testing.T) {
	eachSet(t, func(t *testing.T, _ *set) {
		r := source(73)
		for n := range 150 {
			checkReach(t, r, n)
		}
	})
}

func FuzzReach(f *testing.F) {
	f.Add(uint64(1), uint16(17))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16) {
		eachSet(t, func(t *testing.T, _ *set) { checkReach(t, source(seed), int(n%2000)) })
	})
}

func checkCubes(t *testing.T, r *rand.Rand, n int) {
	t.Helper()
	dots, offset := guardRand(n, r, 1), make([]float64, n)
	for i := range offset {
		offset[i] = r.NormFloat64()
	}
	if n > 0 && r.IntN(3) == 0 {
		dots.x[r.IntN(n)] = pick(r, float32(math.NaN()), float32(math.Inf(1)), math.MaxFloat32)
	}
	own, gamma, coef := r.NormFloat64(), r.Float64(), r.Float64()
	got := [4]float64{1, 2, 3, 4}
	want := got
	for i := range n {
		v := float64(float64(float64(dots.x[i])+(own+offset[i]))*gamma) + coef
		want[i%4] += float64(float64(v*v) * v)
	}
	Cubes(&got, dots.x, offset, own, gamma, coef)
	for i := range want {
		if math.Float64bits(got[i]) != math.Float64bits(want[i]) && !(math.IsNaN(got[i]) && math.IsNaN(want[i])) {
			t.Fatalf("n = %d: strand %d is %v, want %v", n, i, got[i], want[i])
		}
	}
}

func TestCubes(t *testing.T) {
	eachSet(t, func(t *testing.T, _ *set) {
		r := source(74)
		for n := range 40 {
			checkCubes(t, r, 4*n)
		}
	})
}

func FuzzCubes(f *testing.F) {
	f.Add(uint64(1), uint16(17))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16) {
		eachSet(t, func(t *testing.T, _ *set) { checkCubes(t, source(seed), 4*int(n%500)) })
	})
}
