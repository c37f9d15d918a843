package kernel

import (
	"math/rand/v2"
	"testing"
)

// naiveConv computes all three products by their definition in float64.
func naiveConv(g Conv, x, w, dy []float32) (y, dx, dw []float64) {
	y, dx, dw = make([]float64, g.out()), make([]float64, g.in()), make([]float64, g.weights())
	for n := range g.N {
		for oy := range g.OH {
			for ox := range g.OW {
				for ky := range g.KH {
					for kx := range g.KW {
						iy, ix := oy*g.SH+ky-g.PH, ox*g.SW+kx-g.PW
						if iy < 0 || ix < 0 || iy >= g.H || ix >= g.W {
							continue
						}
						for c := range g.C {
							for k := range g.K {
								xi := ((n*g.H+iy)*g.W+ix)*g.C + c
								wi := ((ky*g.KW+kx)*g.C+c)*g.K + k
								yi := ((n*g.OH+oy)*g.OW+ox)*g.K + k
								y[yi] += float64(x[xi]) * float64(w[wi])
								dx[xi] += float64(dy[yi]) * float64(w[wi])
								dw[wi] += float64(x[xi]) * float64(dy[yi])
							}
						}
					}
				}
			}
		}
	}
	return
}

func finished(s []float64, old []float32, e Epilogue) []float32 {
	out := make([]float32, len(s))
	for i, v := range s {
		if e.Add {
			v += float64(old[i])
		}
		if e.Bias != nil {
			v += float64(e.Bias[i%len(e.Bias)])
		}
		out[i] = float32(naiveAct(v, e.Act, e.Alpha))
	}
	return out
}

func randomConv(r *rand.Rand) Conv {
	kernels := [][2]int{{1, 1}, {1, 7}, {7, 1}, {3, 3}, {4, 4}, {5, 5}, {2, 3}, {1, 3}, {3, 1}}
	k := kernels[r.IntN(len(kernels))]
	small := func(n int) int {
		if r.IntN(3) == 0 {
			return 1 + r.IntN(4)
		}
		return 1 + r.IntN(n)
	}
	for {
		g, err := NewConv(r.IntN(6), 1+r.IntN(13), 1+r.IntN(13), small(36), small(40), k[0], k[1], 1+r.IntN(3), 1+r.IntN(3), r.IntN(4), r.IntN(4))
		if err == nil {
			return g
		}
	}
}

func randomEpilogue(r *rand.Rand, n int) (e Epilogue) {
	if r.IntN(2) == 0 {
		e.Bias = guardRand(n, r, 1).x
	}
	e.Add = r.IntN(3) == 0
	e.Act = Act(r.IntN(6))
	e.Alpha = []float32{0, 0.2}[r.IntN(2)]
	return e
}

func checkConv(t *testing.T, g Conv, r *rand.Rand) {
	t.Helper()
	x, w, dy := guardRand(g.in(), r, 1), guardRand(g.weights(), r, 1), guardRand(g.out(), r, 1)
	y0, dx0 := guardRand(g.out(), r, 1).x, guardRand(g.in(), r, 1).x
	ey, ex := randomEpilogue(r, g.K), randomEpilogue(r, g.C)
	y, dx, dw := naiveConv(g, x.x, w.x, dy.x)
	grown := 1.0
	if p := g.plan(active, nil); p.route == RouteToom || p.route == RouteLine {
		grown = toomGrowth
	}
	var first [3][]float32
	for i, th := range []int{1, 2, 7} {
		SetThreads(th)
		gy, gx, gw := guard(g.out(), r), guard(g.in(), r), guard(g.weights(), r)
		copy(gy.x, y0)
		copy(gx.x, dx0)
		g.Forward(gy.x, x.x, w.x, ey)
		g.GradInput(gx.x, dy.x, w.x, ex)
		g.GradWeight(gw.x, x.x, dy.x)
		SetThreads(1)
		gy.check(t, "forward")
		gx.check(t, "input gradient")
		gw.check(t, "weight gradient")
		if i == 0 {
			near(t, shape("forward ", g, ey), gy.x, finished(y, y0, ey), grown*tol32(g.KH*g.KW*g.C), 1)
			near(t, shape("input gradient ", g, ex), gx.x, finished(dx, dx0, ex), grown*tol32(g.KH*g.KW*g.K), 1)
			near(t, shape("weight gradient ", g), gw.x, finished(dw, nil, Epilogue{}), grown*tol32(g.N*g.OH*g.OW), 1)
			first = [3][]float32{gy.x, gx.x, gw.x}
		}
		same(t, shape("forward, threads ", th, g), gy.x, first[0])
		same(t, shape("input gradient, threads ", th, g), gx.x, first[1])
		same(t, shape("weight gradient, threads ", th, g), gw.x, first[2])
	}
}

func TestConv(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(11)
		n := 150
		if testing.Short() {
			n = 40
		}
		for range n {
			checkConv(t, randomConv(r), r)
		}
	})
}

// The layers of the published nets, at a small batch.
func TestConvNamedLayers(t *testing.T) {
	shapes := [][]int{
		{3, 28, 28, 1, 64, 4, 4, 2, 2, 1, 1}, {3, 14, 14, 64, 32, 4, 4, 2, 2, 1, 1}, {2, 32, 32, 3, 20, 4, 4, 2, 2, 1, 1},
		{2, 17, 17, 16, 24, 1, 7, 1, 1, 0, 3}, {2, 17, 17, 16, 24, 7, 1, 1, 1, 3, 0}, {1, 30, 30, 3, 8, 7, 7, 1, 1, 3, 3},
		{3, 5, 4, 300, 18, 3, 3, 1, 1, 1, 1}, {2, 4, 6, 30, 290, 5, 3, 2, 1, 2, 1}, // a border that skips the first chain of a filter row
		{2, 2, 3, 40, 40, 7, 7, 1, 2, 3, 4}, // every pixel has taps of its own, some have none
		// batches large enough for the weight gradient tap by tap, in one and in several parts
		{20, 14, 14, 20, 24, 4, 4, 2, 2, 1, 1}, {60, 6, 5, 17, 40, 3, 3, 1, 1, 1, 1}, {65, 3, 2, 30, 20, 5, 3, 2, 1, 2, 3},
		// one, two or three channels on the narrow side
		{3, 9, 8, 20, 1, 3, 3, 1, 1, 1, 1}, {2, 12, 12, 8, 3, 7, 7, 1, 1, 3, 3}, {3, 10, 9, 3, 21, 5, 4, 2, 2, 2, 1}, {2, 6, 6, 2, 9, 2, 2, 3, 3, 0, 0},
		// one to three image channels: whole and partial tiles, odd filters, more taps in a phase than one sum takes, phases without taps
		{9, 28, 28, 1, 96, 3, 3, 1, 1, 1, 1}, {3, 27, 33, 1, 37, 5, 5, 2, 2, 2, 2}, {2, 19, 31, 1, 64, 7, 7, 1, 1, 3, 3}, {5, 32, 32, 2, 32, 3, 3, 1, 1, 1, 1},
		{6, 32, 32, 3, 64, 4, 4, 2, 2, 1, 1}, {2, 40, 45, 1, 17, 2, 2, 3, 3, 0, 1}, {2, 20, 41, 1, 64, 4, 5, 1, 2, 0, 4}, {2, 33, 22, 1, 40, 5, 4, 3, 1, 1, 0},
	}
	eachSet(t, func(t *testing.T, s *set) {
		r := source(12)
		for _, d := range shapes {
			g, err := NewConv(d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10])
			if err != nil {
				t.Fatal(err)
			}
			checkConv(t, g, r)
		}
	})
}

// A pixel's bits must not depend on how many images are beside it: rows of other classes share its panel then.
func TestConvPixelsDoNotDependOnBatch(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(13)
		for _, d := range [][]int{{7, 7, 64, 33, 4, 2, 1}, {6, 5, 33, 70, 3, 1, 1}, {8, 8, 3, 5, 3, 1, 1}, {28, 28, 1, 64, 4, 2, 1}, {8, 7, 3, 16, 3, 1, 1}, {8, 7, 16, 3, 3, 1, 1}, {3, 5, 270, 264, 3, 1, 1}} {
			const n = 19
			conv := func(n int) Conv {
				g, err := NewConv(n, d[0], d[1], d[2], d[3], d[4], d[4], d[5], d[5], d[6], d[6])
				if err != nil {
					t.Fatal(err)
				}
				return g
			}
			g := conv(n)
			x, w, dy := guardRand(g.in(), r, 1).x, guardRand(g.weights(), r, 1).x, guardRand(g.out(), r, 1).x
			ey := Epilogue{Bias: guardRand(g.K, r, 1).x, Act: ActLeakyReLU, Alpha: .2}
			y, dx := make([]float32, g.out()), make([]float32, g.in())
			g.Forward(y, x, w, ey)
			g.GradInput(dx, dy, w, Epilogue{})
			for _, m := range []int{1, 2, 5} {
				gy, gx := make([]float32, g.out()), make([]float32, g.in())
				for b := 0; b < n; b += m {
					p := conv(min(m, n-b))
					p.Forward(gy[b*g.out()/n:], x[b*g.in()/n:], w, ey)
					p.GradInput(gx[b*g.in()/n:], dy[b*g.out()/n:], w, Epilogue{})
				}
				same(t, shape("forward in batches of ", m, d), gy, y)
				same(t, shape("input gradient in batches of ", m, d), gx, dx)
			}
		}
	})
}

func FuzzConv(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		eachSet(t, func(t *testing.T, s *set) {
			r := source(seed)
			checkConv(t, randomConv(r), r)
		})
	})
}

func TestNewConvRefusesImpossibleSizes(t *testing.T) {
	for _, d := range [][]int{
		{1, 3, 3, 1, 1, 4, 4, 1, 1, 0, 0}, // filter larger than image
		{1, 3, 3, 0, 1, 1, 1, 1, 1, 0, 0}, // no channels
		{1, 3, 3, 1, 1, 1, 1, 0, 1, 0, 0}, // stride 0
		{1, 3, 3, 1, 1, 1, 1, 1, 1, 0, -1},
	} {
		if _, err := NewConv(d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10]); err == nil {
			t.Errorf("%v: no error", d)
		}
	}
}

// A route is chosen by sizes alone, whatever the number of threads.
func TestRoutes(t *testing.T) {
	defer SetThreads(Threads())
	for _, c := range []struct {
		n, h, c, k, size, stride, pad int
		want                          map[string]string // by kernel set
	}{
		{1, 8, 16, 1, 3, 1, 1, map[string]string{"avx512": RouteThin, "avx2": RouteThin, "generic": RouteThin}},
		{2, 35, 96, 96, 3, 1, 1, map[string]string{"avx512": RouteToom}},
		{2, 17, 768, 192, 1, 1, 0, map[string]string{"avx512": RouteRows, "avx2": RouteRows, "generic": RouteRows}},
	} {
		g, err := NewConv(c.n, c.h, c.h, c.c, c.k, c.size, c.size, c.stride, c.stride, c.pad, c.pad)
		if err != nil {
			t.Fatal(err)
		}
		eachSet(t, func(t *testing.T, s *set) {
			SetThreads(1)
			one := g.Route()
			SetThreads(7)
			if seven := g.Route(); seven != one {
				t.Errorf("%+v: %s on one thread, %s on seven", g, one, seven)
			}
			if want := c.want[s.name]; want != "" && one != want {
				t.Errorf("%+v: %s, want %s", g, one, want)
			}
		})
	}
}

// Lines go by points in features alone.
func TestLineRoute(t *testing.T) {
	eachToomSet(t, func(t *testing.T, _ *set) {
		g, err := NewConv(1, 17, 17, 192, 192, 1, 7, 1, 1, 0, 3)
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Route(); got == RouteLine {
			t.Error("a line of seven taps goes by points in training")
		}
		if g.Fast = true; g.Route() != RouteLine {
			t.Errorf("in features it goes by %s", g.Route())
		}
	})
}
