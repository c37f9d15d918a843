package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Tolerances relative to float64, in units of the result; the vector functions keep within 4 ulp of 6e-8.
const tolElem = 3e-7

// specials are the values at which kernels like to go wrong.
func specials() []float32 {
	inf := float32(math.Inf(1))
	return []float32{0, float32(math.Copysign(0, -1)), 1, -1, 0.5, 2, inf, -inf, float32(math.NaN()), math.MaxFloat32, -math.MaxFloat32,
		1.1754944e-38, 1e-40, -1e-40, 1e-45, 88, 89, -87, -88, -104, -150, 100, 1e-4, -1e-4, 0.2499, 0.2501, -0.25, 1.4142135, 0.7071068, 10, -10}
}

// input is n random numbers of mixed size with special values sprinkled in.
func input(n int, r *rand.Rand) guarded {
	g := guard(n, r)
	sp := specials()
	for i := range g.x {
		switch r.IntN(6) {
		case 0:
			g.x[i] = sp[r.IntN(len(sp))]
		case 1:
			g.x[i] = (r.Float32()*2 - 1) * 100
		default:
			g.x[i] = (r.Float32()*2 - 1) * 4
		}
	}
	return g
}

func sizes() []int {
	s := []int{0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 129, 1000, 1023}
	if !testing.Short() {
		s = append(s, grain, grain+1, 3*grain+5)
	}
	return s
}

// unaries lists every y = f(x) with its definition in float64.
var unaries = []struct {
	name string
	f    func(y, x []float32)
	want func(v float64) float64
	tiny float64 // absolute error allowed near zero, where a subnormal result is flushed
}{
	{"sqrt", Sqrt, math.Sqrt, 0},
	{"rsqrt", Rsqrt, func(v float64) float64 { return 1 / math.Sqrt(v) }, 0},
	{"square", Square, func(v float64) float64 { return v * v }, 1e-38},
	{"abs", Abs, math.Abs, 0},
	{"sign", Sign, func(v float64) float64 { return math.Copysign(1, v) * b2f(v != 0) * nanOr1(v) }, 0},
	{"exp", Exp, math.Exp, 1e-38},
	{"log", Log, math.Log, 0},
	{"tanh", Tanh, math.Tanh, 0},
	{"sigmoid", Sigmoid, func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }, 1e-37},
	{"softplus", Softplus, func(v float64) float64 { return math.Max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))) }, 1e-37},
	{"silu", SiLU, func(v float64) float64 { return v / (1 + math.Exp(-v)) }, 1e-36},
	{"relu", func(y, x []float32) { LeakyReLU(y, x, 0) }, func(v float64) float64 { return math.Max(v, 0) }, 0},
	{"leaky", func(y, x []float32) { LeakyReLU(y, x, 0.2) }, func(v float64) float64 {
		if v < 0 {
			return v * float64(float32(0.2))
		}
		return v
	}, 1e-44},
	{"axpb", func(y, x []float32) { Axpb(y, x, 1.5, -0.25) }, func(v float64) float64 { return 1.5*v - 0.25 }, 1e-6},
	{"clamp", func(y, x []float32) { Clamp(y, x, -2, 3) }, func(v float64) float64 { return math.Min(math.Max(v, -2), 3) }, 0},
	{"pow3", func(y, x []float32) { Pow(y, x, 3) }, func(v float64) float64 { return math.Pow(v, 3) }, 1e-38},
	{"pow-1", func(y, x []float32) { Pow(y, x, -1) }, func(v float64) float64 { return 1 / v }, 1e-38},
	{"pow0", func(y, x []float32) { Pow(y, x, 0) }, func(float64) float64 { return 1 }, 0},
	{"pow1", func(y, x []float32) { Pow(y, x, 1) }, func(v float64) float64 { return v }, 0},
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func nanOr1(v float64) float64 {
	if v != v {
		return v
	}
	return 1
}

func TestUnary(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(21)
		for _, u := range unaries {
			for _, n := range sizes() {
				x := input(n, r)
				want := make([]float32, n)
				for i, v := range x.x {
					want[i] = float32(u.want(float64(v)))
				}
				y := guard(n, r)
				u.f(y.x, x.x)
				y.check(t, u.name)
				near(t, shape(u.name, " n=", n), y.x, want, tolElem, u.tiny/tolElem)
				SetThreads(7)
				u.f(x.x, x.x) // in place
				SetThreads(1)
				x.check(t, u.name)
				same(t, u.name+" in place, 7 threads", x.x, y.x)
			}
		}
	})
}

// GELU's bound is not in units of the last place: near and below zero its factor is small, and the error of the fit is not.
func TestGELU(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(22)
		for _, n := range append(sizes(), 4001) {
			x := guard(n, r)
			for i := range x.x {
				x.x[i] = 10 * float32(math.Sin(float64(i)*0.37+float64(n))) // from -10 to 10
			}
			y := guard(n, r)
			GELU(y.x, x.x)
			y.check(t, "gelu")
			for i, v := range x.x {
				want := float64(v) * math.Erfc(-float64(v)/math.Sqrt2) / 2
				if !(math.Abs(float64(y.x[i])-want) <= 1e-7+1.3e-7*math.Abs(want)) {
					t.Fatalf("gelu(%v) = %v, want %v", v, y.x[i], want)
				}
			}
			SetThreads(7)
			GELU(x.x, x.x) // in place
			SetThreads(1)
			x.check(t, "gelu")
			same(t, "gelu in place, 7 threads", x.x, y.x)
		}
		inf := math.Inf(1)
		edge := []float32{float32(math.NaN()), float32(inf), 0, -100, -1e6, -math.MaxFloat32, float32(-inf)}
		GELU(edge, edge)
		if edge[0] == edge[0] || float64(edge[1]) != inf || edge[2] != 0 {
			t.Errorf("at the edges: %v", edge)
		}
		for _, v := range edge[3:] { // 0 to all that single precision can tell beside a number near 1
			if !(math.Abs(float64(v)) <= 1e-7) {
				t.Errorf("far below zero: %v", edge[3:])
			}
		}
	})
}

var binaries = []struct {
	name string
	f    func(y, a, b []float32)
	want func(a, b float64) float64
}{
	{"add", Add, func(a, b float64) float64 { return a + b }},
	{"sub", Sub, func(a, b float64) float64 { return a - b }},
	{"mul", Mul, func(a, b float64) float64 { return a * b }},
	{"div", Div, func(a, b float64) float64 { return a / b }},
	{"max", MaxOf, nanMax},
	{"reluGrad", func(dx, y, g []float32) { LeakyReLUGrad(dx, y, g, 0) }, func(y, g float64) float64 {
		if y <= 0 {
			return 0
		}
		return g
	}},
	{"leakyGrad", func(dx, y, g []float32) { LeakyReLUGrad(dx, y, g, 0.5) }, func(y, g float64) float64 {
		if y <= 0 {
			return g / 2
		}
		return g
	}},
	{"tanhGrad", TanhGrad, func(y, g float64) float64 { return float64(float32(1-float64(float32(y*y)))) * g }},
	{"sigmoidGrad", SigmoidGrad, func(y, g float64) float64 { return float64(float32(y*float64(float32(1-y)))) * g }},
}

func TestBinary(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(22)
		for _, u := range binaries {
			for _, n := range sizes() {
				a, b := input(n, r), input(n, r)
				want := make([]float32, n)
				for i, v := range a.x {
					want[i] = float32(u.want(float64(v), float64(b.x[i])))
				}
				y := guard(n, r)
				u.f(y.x, a.x, b.x)
				y.check(t, u.name)
				near(t, shape(u.name, " n=", n), y.x, want, tolElem, 1e-38/tolElem)
				SetThreads(7)
				u.f(b.x, a.x, b.x)
				SetThreads(1)
				b.check(t, u.name)
				same(t, u.name+" in place, 7 threads", b.x, y.x)
			}
		}
	})
}

// The two terms of SiLU's derivative cancel near -1.28: errors are measured by their size, not by that of their sum.
func TestSiLUGrad(t *testing.T) {
	eachSet(t, func(t *testing.T, _ *set) {
		r := source(25)
		for _, n := range sizes() {
			x, g := guardRand(n, r, 9), guardRand(n, r, 3)
			y := guard(n, r)
			SiLUGrad(y.x, x.x, g.x)
			y.check(t, "siluGrad")
			for i, v := range x.x {
				s := 1 / (1 + math.Exp(-float64(v)))
				slope := float64(v) * (1 - s)
				want, size := float64(g.x[i])*s*(1+slope), math.Abs(float64(g.x[i]))*s*(1+math.Abs(slope))
				if e := math.Abs(float64(y.x[i]) - want); !(e <= 4*tolElem*size) {
					t.Fatalf("n=%d at %d: %v, want %v", n, i, y.x[i], want)
				}
			}
			SetThreads(7)
			SiLUGrad(g.x, x.x, g.x)
			SetThreads(1)
			same(t, "siluGrad in place, 7 threads", g.x, y.x)
		}
	})
}

func TestAxpy(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(23)
		for _, n := range sizes() {
			x, y := guardRand(n, r, 3), guardRand(n, r, 3)
			want := make([]float32, n)
			for i := range want {
				want[i] = float32(float64(y.x[i]) + 1.25*float64(x.x[i]))
			}
			Axpy(y.x, x.x, 1.25)
			y.check(t, "axpy")
			near(t, "axpy", y.x, want, tolElem, 1)
		}
	})
}

// nanMax is the maximum in which NaN wins, also over an infinity.
func nanMax(a, b float64) float64 {
	if a != a || b != b {
		return math.NaN()
	}
	return math.Max(a, b)
}
