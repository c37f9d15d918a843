package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// tolSum bounds float32 sums of up to 600 numbers near 1.
const tolSum = 4e-5

func matrixShapes() [][2]int {
	return [][2]int{{0, 3}, {3, 0}, {1, 1}, {1, 7}, {5, 1}, {4, 8}, {7, 15}, {6, 16}, {3, 17}, {9, 31}, {300, 33}, {513, 10}, {600, 64}, {257, 129}}
}

func eachMatrix(t *testing.T, seed uint64, f func(t *testing.T, r *rand.Rand, rows, c int)) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(seed)
		for _, d := range matrixShapes() {
			f(t, r, d[0], d[1])
		}
	})
}

// onThreads runs f into fresh guarded output on 1, 2 and 7 threads, checks the fences and that all bits agree.
func onThreads(t *testing.T, what string, n int, r *rand.Rand, f func(out []float32)) []float32 {
	t.Helper()
	var first []float32
	for _, th := range []int{1, 2, 7} {
		g := guard(n, r)
		SetThreads(th)
		f(g.x)
		SetThreads(1)
		g.check(t, what)
		if first == nil {
			first = g.x
		}
		same(t, what, g.x, first)
	}
	return first
}

func TestRowsAffine(t *testing.T) {
	eachMatrix(t, 41, func(t *testing.T, r *rand.Rand, rows, c int) {
		x, s, b := input(rows*c, r).x, guardRand(c, r, 1).x, guardRand(c, r, 1).x
		for _, e := range []Epilogue{{}, {Act: ActLeakyReLU}, {Act: ActLeakyReLU, Alpha: 0.2}, {Act: ActTanh}, {Act: ActSigmoid}} {
			want := make([]float32, rows*c)
			for i := range want {
				want[i] = float32(naiveAct(float64(x[i])*float64(s[i%c])+float64(b[i%c]), e.Act, e.Alpha))
			}
			got := onThreads(t, "affine", rows*c, r, func(o []float32) { RowsAffine(rows, c, o, x, s, b, e.Alpha, e.Act) })
			near(t, shape("affine ", rows, c, e.Act), got, want, 2e-6, 1)
		}
	})
}

func TestBNBackward(t *testing.T) {
	eachMatrix(t, 42, func(t *testing.T, r *rand.Rand, rows, c int) {
		g, x := guardRand(rows*c, r, 1).x, guardRand(rows*c, r, 1).x
		a, b, d := guardRand(c, r, 1).x, guardRand(c, r, 1).x, guardRand(c, r, 1).x
		want := make([]float32, rows*c)
		for i := range want {
			want[i] = float32(float64(a[i%c])*float64(g[i]) + float64(b[i%c])*float64(x[i]) + float64(d[i%c]))
		}
		got := onThreads(t, "bn", rows*c, r, func(o []float32) { BNBackward(rows, c, o, g, x, a, b, d) })
		near(t, shape("bn ", rows, c), got, want, tolElem, 1)
	})
}

func TestMulRowsAddRow(t *testing.T) {
	eachMatrix(t, 43, func(t *testing.T, r *rand.Rand, rows, c int) {
		x, v, w := input(rows*c, r).x, guardRand(rows, r, 1).x, guardRand(c, r, 1).x
		mul, add := make([]float32, rows*c), make([]float32, rows*c)
		for i := range mul {
			mul[i], add[i] = x[i]*v[i/c], x[i]+w[i%c]
		}
		near(t, "mulrows", onThreads(t, "mulrows", rows*c, r, func(o []float32) { MulRows(rows, c, o, x, v) }), mul, 0, 0)
		near(t, "addrow", onThreads(t, "addrow", rows*c, r, func(o []float32) { AddRow(rows, c, o, x, w) }), add, 0, 0)
	})
}

func TestRowDotRowSum(t *testing.T) {
	eachMatrix(t, 44, func(t *testing.T, r *rand.Rand, rows, c int) {
		a, b := guardRand(rows*c, r, 1).x, guardRand(rows*c, r, 1).x
		dot, sum := make([]float32, rows), make([]float32, rows)
		for i := range dot {
			d, s := 0.0, 0.0
			for k := range c {
				d += float64(a[i*c+k]) * float64(b[i*c+k])
				s += float64(a[i*c+k])
			}
			dot[i], sum[i] = float32(d), float32(s)
		}
		near(t, "rowdot", onThreads(t, "rowdot", rows, r, func(o []float32) { RowDot(rows, c, o, a, b) }), dot, tolSum, 1)
		near(t, "rowsum", onThreads(t, "rowsum", rows, r, func(o []float32) { RowSum(rows, c, o, a) }), sum, tolSum, 1)
	})
}

func TestColSums(t *testing.T) {
	eachMatrix(t, 45, func(t *testing.T, r *rand.Rand, rows, c int) {
		x, y := guardRand(rows*c, r, 1).x, guardRand(rows*c, r, 1).x
		ws, wq := make([]float64, c), make([]float64, c)
		for i := range x {
			ws[i%c] += float64(x[i])
			wq[i%c] += float64(x[i]) * float64(y[i])
		}
		for _, th := range []int{1, 7} {
			SetThreads(th)
			s, q, only := make([]float64, c), make([]float64, c), make([]float64, c)
			ColSums(rows, c, s, q, x, y)
			ColSums(rows, c, only, nil, x, nil)
			SetThreads(1)
			for k := range c {
				if math.Abs(s[k]-ws[k]) > tolSum*10 || math.Abs(q[k]-wq[k]) > tolSum*10 || s[k] != only[k] {
					t.Fatalf("%dx%d column %d: sums %v %v %v, want %v %v", rows, c, k, s[k], only[k], q[k], ws[k], wq[k])
				}
			}
		}
	})
}

func TestSumDotFirstNonFinite(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(46)
		for _, n := range sizes() {
			x, y := guardRand(n, r, 1).x, guardRand(n, r, 1).x
			ws, wd := 0.0, 0.0
			for i := range x {
				ws += float64(x[i])
				wd += float64(x[i]) * float64(y[i])
			}
			if got := Sum(x); math.Abs(got-ws) > 1e-9*float64(n+1) {
				t.Fatalf("sum of %d: %v, want %v", n, got, ws)
			}
			if got := Dot(x, y); math.Abs(float64(got)-wd) > 1e-6*float64(n+1) {
				t.Fatalf("dot of %d: %v, want %v", n, got, wd)
			}
			if got := FirstNonFinite(x); got != -1 {
				t.Fatalf("finite %d: %d", n, got)
			}
			for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				if n == 0 {
					break
				}
				at := r.IntN(n)
				z := clone(x)
				z[at], z[n-1] = float32(bad), float32(bad)
				if got := FirstNonFinite(z); got != at {
					t.Fatalf("%v at %d of %d: got %d", bad, at, n, got)
				}
			}
		}
	})
}

func TestSoftmax(t *testing.T) {
	eachMatrix(t, 47, func(t *testing.T, r *rand.Rand, rows, c int) {
		x := guardRand(rows*c, r, 30).x
		p, l := make([]float32, rows*c), make([]float32, rows*c)
		for i := range rows {
			row := x[i*c : i*c+c]
			m, s := math.Inf(-1), 0.0
			for _, v := range row {
				m = math.Max(m, float64(v))
			}
			for _, v := range row {
				s += math.Exp(float64(v) - m)
			}
			for k, v := range row {
				l[i*c+k] = float32(float64(v) - m - math.Log(s))
				p[i*c+k] = float32(math.Exp(float64(v)-m) / s)
			}
		}
		near(t, "softmax", onThreads(t, "softmax", rows*c, r, func(o []float32) { Softmax(rows, c, o, x) }), p, 1e-5, 1e-3)
		near(t, "logsoftmax", onThreads(t, "logsoftmax", rows*c, r, func(o []float32) { LogSoftmax(rows, c, o, x) }), l, 2e-6, 1)
	})
}

// Wherever the largest logit stands it is found: one that is missed overflows.
func TestSoftmaxFindsTheLargest(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		for _, c := range []int{1, 2, 31, 32, 33, 63, 64, 65, 100, 257} {
			for at := range c {
				x, want := make([]float32, c), make([]float32, c)
				x[at], want[at] = 200, 1
				Softmax(1, c, x, x)
				near(t, shape("softmax c=", c, " at ", at), x, want, 0, 0)
			}
		}
	})
}

func TestSoftmaxOfHugeLogitsAndNaN(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		nan := float32(math.NaN())
		y := make([]float32, 6)
		Softmax(2, 3, y, []float32{1000, 0, -1000, nan, 0, 0})
		near(t, "softmax", y, []float32{1, 0, 0, nan, nan, nan}, 0, 0)
	})
}

func TestOptimisers(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(48)
		for _, n := range sizes() {
			w, m, v := guardRand(n, r, 1), guardRand(n, r, 1), guardRand(n, r, 1)
			for i := range v.x {
				v.x[i] *= v.x[i]
			}
			g := guardRand(n, r, 1).x
			ww, wm, wv := make([]float32, n), make([]float32, n), make([]float32, n)
			rw, sw := make([]float32, n), make([]float32, n)
			rs, sb := make([]float32, n), make([]float32, n)
			a, moved := guardRand(n, r, 1), make([]float32, n)
			for i := range g {
				moved[i] = a.x[i] + float32(0.3*(g[i]-a.x[i])) // rounded as often as the kernel rounds: equal to the bit
				d, mi, vi, wi := float64(g[i]), float64(m.x[i]), float64(v.x[i]), float64(w.x[i])
				m1, v1 := 0.9*mi+0.1*d, 0.999*vi+0.001*d*d
				wm[i], wv[i] = float32(m1), float32(v1)
				mh, vh := m1/(1-math.Pow(0.9, 3)), v1/(1-math.Pow(0.999, 3)) // Adam's bias correction, step 3
				ww[i] = float32(wi - 0.01*mh/(math.Sqrt(vh)+1e-8))
				s1 := 0.99*vi + 0.01*d*d
				rs[i], rw[i] = float32(s1), float32(wi-0.01*d/(math.Sqrt(s1)+1e-8))
				b1 := 0.5*mi + d
				sb[i], sw[i] = float32(b1), float32(wi-0.01*b1)
			}
			w2, v2, w3, m3 := guard(n, r), guard(n, r), guard(n, r), guard(n, r)
			copy(w2.x, w.x)
			copy(v2.x, v.x)
			copy(w3.x, w.x)
			copy(m3.x, m.x)
			SetThreads(1 + n%3)
			Adam(0.01, 0.9, 0.999, 1e-8, 3).Move(w.x, g, m.x, v.x)
			RMSProp(0.01, 0.99, 1e-8).Move(w2.x, g, v2.x)
			SGD(0.01, 0.5).Move(w3.x, g, m3.x)
			Approach(a.x, g, 0.3)
			SetThreads(1)
			for _, c := range []guarded{w, m, v, w2, v2, w3, m3, a} {
				c.check(t, "optimiser")
			}
			if !slices.Equal(a.x, moved) {
				t.Errorf("approach of %d: %v, want %v", n, a.x, moved)
			}
			near(t, "adam w", w.x, ww, 2e-6, 1)
			near(t, "adam m", m.x, wm, 1e-6, 1)
			near(t, "adam v", v.x, wv, 1e-6, 1)
			near(t, "rmsprop w", w2.x, rw, 2e-6, 1)
			near(t, "rmsprop s", v2.x, rs, 1e-6, 1)
			near(t, "sgd w", w3.x, sw, 1e-6, 1)
			near(t, "sgd buf", m3.x, sb, 1e-6, 1)
		}
	})
}

// The states of a weight whose gradient stays 0 end at 0 and not at a denormal number, which would be slow for ever, and the weight stays. Outside of the kernel small numbers are what
// they were.
func TestOptimisersFlush(t *testing.T) {
	eachSet(t, func(t *testing.T, _ *set) {
		for _, n := range []int{3, 16, 21} {
			w, g, m, v := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
			for _, rule := range []Rule{Adam(0.01, 0.9, 0.99, 1e-8, 3), RMSProp(0.01, 0.9, 1e-8), SGD(0.01, 0.9)} {
				for i := range n {
					w[i], m[i], v[i] = 0.5, 1e-39, 1.2e-38 // 1.2e-38 is a normal number, nine tenths of it are not
				}
				rule.Move(w, g, m, v)
				for i := range n {
					if w[i] != 0.5 || m[i] != 0 || rule.kind == optAdam && v[i] >= 1.18e-38 && v[i] != 0.99*1.2e-38 {
						t.Fatalf("rule %d: w %g, states %g and %g", rule.kind, w[i], m[i], v[i])
					}
				}
			}
			Add(w, m, denormals(n))
			if got, want := math.Float32bits(w[0]), uint32(713624); got != want { // by their bits: a processor that takes them as zero takes them as equal
				t.Fatalf("0 + 1e-39 has the bits %d afterwards, want %d", got, want)
			}
		}
	})
}

func denormals(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 1e-39
	}
	return x
}

// Against float64, and the bits of the four functions the fused one stands for.
func TestBernoulli(t *testing.T) {
	eachMatrix(t, 46, func(t *testing.T, r *rand.Rand, rows, c int) {
		x, z, g := guardRand(rows*c, r, 4).x, guardRand(rows*c, r, 1).x, guardRand(rows, r, 1).x
		sum, dx := make([]float32, rows), make([]float32, rows*c)
		size := 1.0
		for i := range sum {
			s, a := 0.0, 0.0
			for k := i * c; k < (i+1)*c; k++ {
				v := float64(x[k])
				s += math.Log1p(math.Exp(v)) - float64(z[k])*v
				a += math.Abs(v) + 1
				dx[k] = float32((1/(1+math.Exp(-v)) - float64(z[k])) * float64(g[i]))
			}
			sum[i], size = float32(s), max(size, a)
		}
		got := onThreads(t, "bernoulli", rows, r, func(o []float32) { Bernoulli(rows, c, o, x, z) })
		near(t, "bernoulli", got, sum, 1e-6*size, 1)
		near(t, "bernoulli'", onThreads(t, "bernoulli'", rows*c, r, func(o []float32) { BernoulliGrad(rows, c, o, x, z, g) }), dx, 2e-6, 1)
		y, p, apart := make([]float32, rows*c), make([]float32, rows*c), make([]float32, rows)
		Softplus(y, x)
		Mul(p, z, x)
		Sub(y, y, p)
		RowSum(rows, c, apart, y)
		same(t, "bernoulli, apart", got, apart)
	})
}
