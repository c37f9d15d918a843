package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

type gemmCase struct {
	ta, tb        bool
	m, n, k       int
	lda, ldb, ldc int
	e             Epilogue
}

func (g gemmCase) size(trans bool, rows, cols, ld int) int {
	if trans {
		return cols * ld
	}
	return rows * ld
}

// naive is the definition, in float64.
func (g gemmCase) naive(a, b, c []float32) []float32 {
	out := clone(c)
	for i := range g.m {
		for j := range g.n {
			s := 0.0
			for p := range g.k {
				x, y := i*g.lda+p, p*g.ldb+j
				if g.ta {
					x = p*g.lda + i
				}
				if g.tb {
					y = j*g.ldb + p
				}
				s += float64(a[x]) * float64(b[y])
			}
			if g.e.Add {
				s += float64(c[i*g.ldc+j])
			}
			if g.e.Bias != nil {
				s += float64(g.e.Bias[j])
			}
			out[i*g.ldc+j] = float32(naiveAct(s, g.e.Act, g.e.Alpha))
		}
	}
	return out
}

func naiveAct(v float64, a Act, alpha float32) float64 {
	switch a {
	case ActLeakyReLU:
		if v < 0 && alpha == 0 { // also at -Inf
			return 0
		}
		if v < 0 {
			return v * float64(alpha)
		}
	case ActTanh:
		return math.Tanh(v)
	case ActSigmoid:
		return 1 / (1 + math.Exp(-v))
	case ActGELU:
		return v / 2 * math.Erfc(-v/math.Sqrt2)
	case ActQuickGELU:
		return v / (1 + math.Exp(-1.702*v))
	case ActNone:
	}
	return v
}

func (g gemmCase) run(t *testing.T, r *rand.Rand) []float32 {
	t.Helper()
	a := guardRand(g.size(g.ta, g.m, g.k, g.lda), r, 1)
	b := guardRand(g.size(g.tb, g.k, g.n, g.ldb), r, 1)
	c := guardRand(g.m*g.ldc, r, 1)
	want := g.naive(a.x, b.x, c.x)
	got := clone(c.x)
	for i, th := range []int{1, 2, 7, 1, 2} {
		out := guard(len(c.x), r)
		copy(out.x, c.x)
		SetThreads(th)
		if i >= 3 { // another machine
			was := cache
			defer func() { cache = was }()
			cache = otherCaches[r.IntN(len(otherCaches))]
		}
		Gemm(g.ta, g.tb, g.m, g.n, g.k, a.x, g.lda, b.x, g.ldb, out.x, g.ldc, g.e)
		SetThreads(1)
		out.check(t, "gemm")
		if i == 0 {
			copy(got, out.x)
			near(t, shape("gemm ", g), out.x, want, tol32(g.k), 1)
		}
		same(t, shape("threads ", th, g), out.x, got)
	}
	return got
}

// otherCaches are those of a small processor, of one that says nonsense, and of a large one.
var otherCaches = []Caches{{32 << 10, 256 << 10, 4 << 20}, {1, 1, 0}, {64 << 10, 16 << 20, 1 << 30}}

func randomGemm(r *rand.Rand) gemmCase {
	dim := func(n int) int {
		if r.IntN(6) == 0 {
			return r.IntN(4)
		}
		return r.IntN(n)
	}
	g := gemmCase{ta: r.IntN(2) == 0, tb: r.IntN(2) == 0, m: dim(120), n: dim(90), k: dim(300)}
	switch r.IntN(8) {
	case 0:
		g.m, g.n, g.k = r.IntN(24), r.IntN(24), 2048+r.IntN(900)
	case 1:
		g.m = 200 + r.IntN(300)
	case 3:
		g.m, g.n, g.k = 1+r.IntN(60), 1+r.IntN(400), 256*r.IntN(4)+r.IntN(20) // several depth blocks, more columns than a small cache holds
	case 2:
		g.m, g.n, g.k = r.IntN(30), 500+r.IntN(700), 200+r.IntN(200) // more columns than one cache block
	}
	if r.IntN(6) == 0 {
		g.n = r.IntN(9) // thin products have paths of their own
	}
	ca, cb := g.k, g.n
	if g.ta {
		ca = g.m
	}
	if g.tb {
		cb = g.k
	}
	g.lda, g.ldb, g.ldc = max(ca, 1)+r.IntN(5), max(cb, 1)+r.IntN(5), max(g.n, 1)+r.IntN(5)
	if r.IntN(2) == 0 {
		g.e.Bias = guardRand(g.n, r, 1).x
	}
	g.e.Add = r.IntN(3) == 0
	g.e.Act = Act(r.IntN(6))
	g.e.Alpha = []float32{0, 0.2, 1}[r.IntN(3)]
	return g
}

func TestGemm(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(1)
		n := 150
		if testing.Short() {
			n = 40
		}
		for range n {
			randomGemm(r).run(t, r)
		}
	})
}

func FuzzGemm(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		eachSet(t, func(t *testing.T, s *set) {
			r := source(seed)
			randomGemm(r).run(t, r)
		})
	})
}

// A row's bits must not depend on how many rows are beside it: evaluation in batches of any size gives the same scores.
func TestGemmRowsDoNotDependOnBatch(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(2)
		for _, d := range [][2]int{{1, 40}, {5, 700}, {40, 3}, {10, 2500}, {33, 700}, {130, 64}, {30, 1200}, {400, 300}} {
			n, k, m := d[0], d[1], 37
			a, b := guardRand(m*k, r, 1).x, guardRand(k*n, r, 1).x
			all := make([]float32, m*n)
			Gemm(false, false, m, n, k, a, k, b, n, all, n, Epilogue{})
			for _, batch := range []int{1, 5, 16} {
				got := make([]float32, m*n)
				for i := 0; i < m; i += batch {
					q := min(batch, m-i)
					Gemm(false, false, q, n, k, a[i*k:], k, b, n, got[i*n:], n, Epilogue{})
				}
				same(t, shape("batch ", batch, d), got, all)
			}
		}
	})
}

func TestGemmPropagatesNaN(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		nan := float32(math.NaN())
		r := source(3)
		for _, d := range [][3]int{{3, 3, 3}, {20, 20, 20}, {20, 5, 40}, {65, 70, 300}} {
			m, n, k := d[0], d[1], d[2]
			for _, act := range []Epilogue{{}, {Act: ActLeakyReLU}, {Act: ActLeakyReLU, Alpha: .2}, {Act: ActTanh}, {Act: ActSigmoid}} {
				a, b := guardRand(m*k, r, 1).x, guardRand(k*n, r, 1).x
				a[(m-1)*k+k/2] = nan
				c := make([]float32, m*n)
				Gemm(false, false, m, n, k, a, k, b, n, c, n, act)
				for i, v := range c {
					if (v != v) != (i/n == m-1) {
						t.Fatalf("%v act %v: element %d is %v", d, act.Act, i, v)
					}
				}
			}
		}
	})
}

func TestGemmReLUOfMinusInfinityIsZero(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		inf := float32(math.Inf(-1))
		a, b, c := make([]float32, 40*40), make([]float32, 40*40), make([]float32, 40*40)
		a[0] = inf
		for i := range b {
			b[i] = 1
		}
		Gemm(false, false, 40, 40, 40, a, 40, b, 40, c, 40, Epilogue{Act: ActLeakyReLU})
		same(t, "relu(-inf)", c, make([]float32, 1600))
	})
}

// Large weights with few rows, and shapes that are cut finer for more threads: the bits are the same for any number of them.
func TestGemmThreadsChangeNothing(t *testing.T) {
	defer SetThreads(Threads())
	eachSet(t, func(t *testing.T, s *set) {
		r := source(6)
		for _, c := range []gemmCase{{m: 31, n: 333, k: 600}, {m: 64, n: 700, k: 50, tb: true}, {m: 130, n: 200, k: 300, ta: true}, {m: 512, n: 60, k: 70}, {m: 90, n: 70, k: 400, ta: true}} {
			a, b := guardRand(c.m*c.k, r, 1).x, guardRand(c.k*c.n, r, 1).x
			c.lda, c.ldb = c.k, c.n
			if c.ta {
				c.lda = c.m
			}
			if c.tb {
				c.ldb = c.k
			}
			bias := guardRand(c.n, r, 1).x
			out := map[int][]float32{}
			for _, th := range []int{1, 2, 7} {
				SetThreads(th)
				out[th] = make([]float32, c.m*c.n)
				Gemm(c.ta, c.tb, c.m, c.n, c.k, a, c.lda, b, c.ldb, out[th], c.n, Epilogue{Bias: bias, Act: ActTanh})
				same(t, shape(th, " threads ", c.m, " ", c.n, " ", c.k), out[th], out[1])
			}
		}
	})
}

// The upper triangle of a product with itself has Gemm's bits, at any thread count, and nothing outside the matrix is written.
func TestSyrkIsGemm(t *testing.T) {
	eachSet(t, func(t *testing.T, _ *set) {
		r := source(5)
		for _, c := range [][2]int{{1, 3}, {7, 40}, {8, 9}, {33, 1}, {100, 300}, {421, 70}, {30, 0}, {330, 520}} {
			n, k := c[0], c[1]
			lda, ldc := k+3, n+2
			a := make([]float32, n*lda)
			for i := range a {
				a[i] = r.Float32() - .5
			}
			want := make([]float32, n*ldc)
			Gemm(false, true, n, n, k, a, lda, a, lda, want, ldc, Epilogue{})
			for i, th := range []int{1, 2, 7, 1, 2, 7} {
				SetThreads(th)
				was := cache
				if i >= 3 {
					cache = otherCaches[th%len(otherCaches)]
				}
				got := make([]float32, n*ldc)
				for i := range got {
					got[i] = 77
				}
				Syrk(n, k, a, lda, got[:(n-1)*ldc+n], ldc)
				SetThreads(1)
				cache = was
				for i := range n {
					for j := i; j < ldc && i*ldc+j < (n-1)*ldc+n; j++ {
						w := want[i*ldc+j]
						if j >= n {
							w = 77
						}
						if got[i*ldc+j] != w {
							t.Fatalf("%d x %d, %d threads: c[%d,%d] = %v, want %v", n, k, th, i, j, got[i*ldc+j], w)
						}
					}
				}
			}
		}
	})
}

// Products of small nets are one core's; a product as deep as two numbers costs what is written of it, not what is multiplied.
func TestSmallProductsAreNotCut(t *testing.T) {
	for _, c := range []struct {
		m, n, k int
		whole   bool
	}{{64, 64, 64, true}, {64, 128, 32, true}, {16, 256, 64, true}, {512, 128, 2, false}, {2, 128, 512, false}, {512, 128, 128, false}} {
		j := gemmJob{s: active, m: c.m, n: c.n, k: c.k}
		g, small := j.cut(4)
		if got := small && !g.shared && g.ni*g.nj == 1; got != c.whole || small != c.whole {
			t.Errorf("%d x %d x %d: work %d, cut %+v, done by one core %v, want %v", c.m, c.n, c.k, j.work(), g, got, c.whole)
		}
	}
}
