package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// randomLine is a convolution with filters of one row or column that is done with fewer multiplications.
func randomLine(t testing.TB, r *rand.Rand, s *set) Conv {
	t.Helper()
	for range 10000 {
		n := []int{3, 7}[r.IntN(2)]
		kh, kw, ph, pw := n, 1, r.IntN(n), 0
		if r.IntN(2) == 0 {
			kh, kw, ph, pw = 1, n, 0, r.IntN(n)
		}
		g, err := NewConv(1+r.IntN(3), 1+r.IntN(22), 1+r.IntN(22), 32+r.IntN(20), 32+r.IntN(40), kh, kw, 1, 1, ph, pw)
		if err != nil {
			continue
		}
		if r.IntN(8) == 0 {
			g.C, g.K = 500+r.IntN(60), 32 // more than a piece
		}
		g.Fast = true
		if g.plan(s, nil).route == RouteLine {
			return g
		}
	}
	t.Fatalf("no filter of one line is done with fewer multiplications under %s", s.name)
	return Conv{}
}

// checkLine holds a forward product by lines against the definition in float64, on 1, 2 and 7 threads, the weights as they are.
func checkLine(t *testing.T, g Conv, r *rand.Rand) {
	t.Helper()
	x, w := guardRand(g.in(), r, 1), guardRand(g.weights(), r, 1)
	y0, e := guardRand(g.out(), r, 1).x, randomEpilogue(r, g.K)
	y, _, _ := naiveConv(g, x.x, w.x, make([]float32, g.out()))
	var first []float32
	for i, th := range []int{1, 2, 7} {
		SetThreads(th)
		gy := guard(g.out(), r)
		copy(gy.x, y0)
		g.Forward(gy.x, x.x, w.x, e)
		SetThreads(1)
		gy.check(t, "result")
		if i == 0 {
			near(t, shape("forward ", g, e), gy.x, finished(y, y0, e), toomGrowth*tol32(g.KH*g.KW*g.C), 1)
			first = gy.x
		}
		same(t, shape("forward, threads ", th, g), gy.x, first)
	}
}

func TestLineConv(t *testing.T) {
	eachToomSet(t, func(t *testing.T, s *set) {
		r := source(51)
		n := 40
		if testing.Short() {
			n = 12
		}
		for range n {
			checkLine(t, randomLine(t, r, s), r)
		}
	})
}

func FuzzLineConv(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		eachToomSet(t, func(t *testing.T, s *set) {
			r := source(seed)
			checkLine(t, randomLine(t, r, s), r)
		})
	})
}

// Lines have at most toomGrowth times the error of the direct product: by the mean squares of the transforms' entries 2.33 for seven taps, 1.62 for three.
func TestLineAccuracy(t *testing.T) {
	defer func() { toomOff = false }()
	eachToomSet(t, func(t *testing.T, s *set) {
		r := source(52)
		for _, d := range [][]int{{2, 17, 17, 160, 192, 1, 7, 1, 1, 0, 3}, {2, 17, 17, 160, 192, 7, 1, 1, 1, 3, 0}, {2, 8, 8, 384, 96, 1, 3, 1, 1, 0, 1}, {2, 8, 8, 384, 96, 3, 1, 1, 1, 1, 0}} {
			g, err := NewConv(d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10])
			if err != nil {
				t.Fatal(err)
			}
			g.Fast = true
			if got := g.Route(); got != RouteLine {
				t.Fatalf("%v goes by %s", d, got)
			}
			x, w := normals(g.in(), r), normals(g.weights(), r)
			want, _, _ := naiveConv(g, x, w, make([]float32, g.out()))
			var e [2]float64
			for i := range e {
				toomOff = i == 0
				y := make([]float32, g.out())
				g.Forward(y, x, w, Epilogue{})
				e[i] = rmsError(y, want)
			}
			t.Logf("%v: relative error, direct %.2e, by points %.2e, %.2f times", d, e[0], e[1], e[1]/e[0])
			if e[1] > 1e-6 || e[1] > toomGrowth*e[0] {
				t.Errorf("%v: error %.2g, direct %.2g", d, e[1], e[0])
			}
		}
	})
}

// The transforms of a step and of both together give the sums of the definition: what is wrong is rounding to float32.
func TestLineSteps(t *testing.T) {
	for _, p := range []linePlan{{outer: lineSingle, inner: lineThree}, {outer: linePair, inner: lineFour}} {
		taps := p.outer.taps * p.inner.taps
		g := []float64{3, -5, 7, 2, -11, 13, -17}[:min(taps, 7)]
		for n := p.inner.taps; n <= p.inner.points; n++ {
			p.axis = newToomAxis(n+1-p.inner.taps, p.inner.taps, n)
			u := times(p.coefs(len(g)), g)
			group, span := p.group(), p.outer.points
			x := make([]float64, n*group+span)
			for i := range x {
				x[i] = float64(i*i%23 - 9)
			}
			m := n + 1 - p.inner.taps
			half := make([][]float64, m) // by inner result: outer points
			for o := range span {
				var in []float64
				for k := range n {
					in = append(in, times(p.outer.bT[span][o*span:(o+1)*span], x[k*group:k*group+span])...)
				}
				v := times(p.inner.bT[n], in)
				for q := range v {
					v[q] *= u[o*n+q]
				}
				for i, s := range times(p.inner.aT[n], v) {
					half[i] = append(half[i], s)
				}
			}
			for i := range half {
				for e, got := range times(p.outer.aT[span], half[i]) {
					want := 0.0
					for k, c := range g {
						want += c * x[i*group+e+k]
					}
					if math.Abs(got-want) > 1e-3 {
						t.Errorf("%d taps, %d points: result %d is %v, want %v", taps, n, i*group+e, got, want)
					}
				}
			}
		}
	}
}

// A NaN or an infinity reaches every result that depends on it, as NaN, and none of other lines or of tiles that do not touch it.
func TestLineNaN(t *testing.T) {
	eachToomSet(t, func(t *testing.T, s *set) {
		r := source(53)
		g, err := NewConv(1, 17, 17, 32, 32, 1, 7, 1, 1, 0, 3)
		if err != nil {
			t.Fatal(err)
		}
		g.Fast = true
		for _, bad := range []float64{math.NaN(), math.Inf(1)} {
			x, w := normals(g.in(), r), normals(g.weights(), r)
			clean, y := make([]float32, g.out()), make([]float32, g.out())
			g.Forward(clean, x, w, Epilogue{})
			x[(5*17+14)*32+3] = float32(bad)
			g.Forward(y, x, w, Epilogue{})
			for i, v := range y {
				oy, ox := i/(17*32), i/32%17
				if v = float32(v); oy == 5 && ox >= 11 && !math.IsNaN(float64(v)) {
					t.Fatalf("pixel %d,%d sees %v and is %v", oy, ox, bad, v)
				}
				if (oy != 5 || ox < 6) && v != clean[i] {
					t.Fatalf("pixel %d,%d does not see %v and became %v from %v", oy, ox, bad, v, clean[i])
				}
			}
		}
	})
}

// A line's bits do not depend on the images beside it.
func TestLineDoesNotDependOnBatch(t *testing.T) {
	eachToomSet(t, func(t *testing.T, s *set) {
		r := source(54)
		for range 6 {
			g := randomLine(t, r, s)
			g.N = 5
			x, w := normals(g.in(), r), normals(g.weights(), r)
			all := make([]float32, g.out())
			g.Forward(all, x, w, Epilogue{})
			one := g
			one.N = 1
			y := make([]float32, one.out())
			for i := range g.N {
				one.Forward(y, x[i*one.in():], w, Epilogue{})
				same(t, shape("image ", i, g), y, all[i*one.out():(i+1)*one.out()])
			}
		}
	})
}
