package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// randomToom is a convolution that is done with fewer multiplications.
func randomToom(t testing.TB, r *rand.Rand, s *set) Conv {
	t.Helper()
	shapes := [][2]int{{4, 2}, {3, 1}, {6, 2}, {2, 1}}
	for range 10000 {
		k := shapes[r.IntN(len(shapes))]
		g, err := NewConv(1+r.IntN(4), 2+r.IntN(13), 2+r.IntN(13), 32+r.IntN(15), 32+r.IntN(15), k[0], k[0], k[1], k[1], r.IntN(3), r.IntN(3))
		if err != nil {
			continue
		}
		g.Fast = r.IntN(2) == 0
		if _, ok := g.toomPlan(s); ok {
			return g
		}
	}
	t.Fatalf("no convolution is done with fewer multiplications under %s", s.name)
	return Conv{}
}

func eachToomSet(t *testing.T, f func(t *testing.T, s *set)) {
	eachSet(t, func(t *testing.T, s *set) {
		if len(s.strided) == 0 {
			t.Skip("this set has no strided tiles")
		}
		f(t, s)
	})
}

func TestToomConv(t *testing.T) {
	eachToomSet(t, func(t *testing.T, s *set) {
		r := source(14)
		n := 24
		if testing.Short() {
			n = 8
		}
		for range n {
			checkConv(t, randomToom(t, r, s), r)
		}
		for _, d := range [][]int{ // batches whose weight gradients are summed at points, in one and in several parts
			{64, 7, 5, 33, 40, 3, 3, 1, 1, 1, 1}, {64, 9, 8, 40, 33, 4, 4, 2, 2, 1, 1}, {66, 15, 16, 33, 32, 4, 4, 2, 2, 1, 1}, {22, 9, 14, 34, 32, 6, 6, 2, 2, 2, 3},
		} {
			g, err := NewConv(d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10])
			if err != nil {
				t.Fatal(err)
			}
			if p, ok := g.toomPlan(s); !ok || !p.paysWeight(&g) {
				t.Errorf("%v is not done with fewer multiplications", d)
			}
			checkConv(t, g, r)
		}
	})
}

func FuzzToom(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		eachToomSet(t, func(t *testing.T, s *set) {
			r := source(seed)
			checkConv(t, randomToom(t, r, s), r)
		})
	})
}

// toomGrowth bounds the error of a Toom-Cook convolution over that of the direct one: by the mean squares of the transforms' entries 1.68 in
// each dimension for the largest tiles of two taps, 1.62 of three. Measured: 1.4 to 3.
const toomGrowth = 4

func TestToomAccuracy(t *testing.T) {
	defer func() { toomOff = false }()
	eachToomSet(t, func(t *testing.T, s *set) {
		r := source(15)
		for i, d := range [][]int{{2, 14, 64, 128, 4, 2, 1}, {2, 14, 64, 128, 4, 2, 1}, {2, 12, 64, 64, 3, 1, 1}, {2, 12, 64, 64, 3, 1, 1}} {
			g, err := NewConv(d[0], d[1], d[1], d[2], d[3], d[4], d[4], d[5], d[5], d[6], d[6])
			if err != nil {
				t.Fatal(err)
			}
			g.Fast = i%2 == 1
			x, w, dy := normals(g.in(), r), normals(g.weights(), r), normals(g.out(), r)
			y, dx, dw := naiveConv(g, x, w, dy)
			var e [2][3]float64
			for i := range e {
				toomOff = i == 0
				gy, gx, gw := make([]float32, g.out()), make([]float32, g.in()), make([]float32, g.weights())
				g.Forward(gy, x, w, Epilogue{})
				g.GradInput(gx, dy, w, Epilogue{})
				if i == 1 {
					p, _ := g.toomPlan(s)
					j := g.job(dy, x, gw, Epilogue{})
					j.toomWeight(p)
					j.free()
				} else {
					g.GradWeight(gw, x, dy)
				}
				e[i] = [3]float64{rmsError(gy, y), rmsError(gx, dx), rmsError(gw, dw)}
			}
			t.Logf("%v, fast %t: relative error of forward, input and weight gradient, direct %.1e, by points %.1e", d, g.Fast, e[0], e[1])
			for k, v := range e[1] {
				if v > 1e-6 || v > toomGrowth*e[0][k] {
					t.Errorf("%v: product %d: error %.2g, direct %.2g", d, k, v, e[0][k])
				}
			}
		}
	})
}

// Features alone take Toom-Cook on images of any size: its transforms are held a few lines at a time. Against the direct product.
func TestToomOfLargeImages(t *testing.T) {
	if len(active.strided) == 0 {
		t.Skip("this set has no strided tiles")
	}
	g, err := NewConv(1, 150, 200, 64, 40, 3, 3, 1, 1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if r := g.Route(); r == RouteToom {
		t.Errorf("training goes by %s", r)
	}
	r := source(52)
	x, w := guardRand(g.in(), r, 1).x, guardRand(g.weights(), r, 1).x
	want, got := make([]float32, g.out()), make([]float32, g.out())
	g.Forward(want, x, w, Epilogue{})
	if g.Fast = true; g.Route() != RouteToom {
		t.Errorf("features go by %s", g.Route())
	}
	g.Forward(got, x, w, Epilogue{})
	var diff, sum float64
	for i, v := range want {
		d := float64(got[i]) - float64(v)
		diff, sum = diff+d*d, sum+float64(v)*float64(v)
	}
	if !(diff <= 1e-12*sum) {
		t.Errorf("relative square of the difference %g", diff/sum)
	}
}

func normals(n int, r *rand.Rand) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func rmsError(got []float32, want []float64) float64 {
	var d, s float64
	for i, w := range want {
		d += (float64(got[i]) - w) * (float64(got[i]) - w)
		s += w * w
	}
	return math.Sqrt(d / s)
}

// The three products of a tile by its transforms, against the definition, in float64: what is wrong is the matrices' rounding to
// float32, 6e-8 of numbers that add up to some thousands on the way.
func TestToomMatrices(t *testing.T) {
	for _, toomed := range []*toomMatrices{toomFine, toomFast} {
		toomMatricesAreRight(t, toomed)
	}
}

func toomMatricesAreRight(t *testing.T, toomed *toomMatrices) {
	for r := 2; r <= toomTaps; r++ {
		for n := r; n <= toomPoints; n++ {
			m := n + 1 - r
			g, d, y := []float64{3, -5, 7}[:r], []float64{2, 11, -13, 17, -7}[:n], []float64{19, -23, 29, -31}[:m]
			u, v, z := times(toomed.g[r][:n*r], g), times(toomed.bT[n], d), times(toomed.a[r][n], y)
			var ug, uz, vz []float64
			for p := range n {
				ug, uz, vz = append(ug, u[p]*v[p]), append(uz, u[p]*z[p]), append(vz, v[p]*z[p])
			}
			wantY, wantD, wantG := make([]float64, m), make([]float64, n), make([]float64, r)
			for i := range m {
				for k := range r {
					wantY[i] += g[k] * d[i+k]
					wantD[i+k] += g[k] * y[i]
					wantG[k] += d[i+k] * y[i]
				}
			}
			equal := func(what string, got, want []float64) {
				for i := range want {
					if math.Abs(got[i]-want[i]) > 1e-3 {
						t.Errorf("%d taps, %d points: %s %v, want %v", r, n, what, got, want)
						return
					}
				}
			}
			equal("forward", times(toomed.aT[r][n], ug), wantY)
			equal("input gradient", times(toomed.b[r][n], append(uz, make([]float64, r-1)...)), wantD)
			equal("weight gradient", times(toomed.gT[r][n], vz), wantG)
		}
	}
}

func times(m []float32, x []float64) (y []float64) {
	for i := 0; i < len(m); i += len(x) {
		var s float64
		for k, v := range x {
			s += float64(m[i+k]) * v
		}
		y = append(y, s)
	}
	return y
}

// A NaN reaches every result that depends on it, and others of its tile; results of other tiles stay as they are.
func TestToomNaN(t *testing.T) {
	eachToomSet(t, func(t *testing.T, s *set) {
		r := source(16)
		g, err := NewConv(1, 12, 12, 32, 32, 3, 3, 1, 1, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := g.toomPlan(s); !ok {
			t.Fatal("direct")
		}
		x, w := normals(g.in(), r), normals(g.weights(), r)
		clean, y := make([]float32, g.out()), make([]float32, g.out())
		g.Forward(clean, x, w, Epilogue{})
		x[(5*12+6)*32+3] = float32(math.NaN())
		g.Forward(y, x, w, Epilogue{})
		for i, v := range y {
			oy, ox := i/(12*32), i/32%12
			nan := math.IsNaN(float64(v))
			if max(oy-5, 5-oy) <= 1 && max(ox-6, 6-ox) <= 1 && !nan {
				t.Fatalf("pixel %d,%d sees the NaN and is %v", oy, ox, v)
			}
			if max(oy-5, 5-oy) > 4 && v != clean[i] || max(ox-6, 6-ox) > 4 && v != clean[i] {
				t.Fatalf("pixel %d,%d is far from the NaN and became %v from %v", oy, ox, v, clean[i])
			}
		}
	})
}

func TestToomAxis(t *testing.T) {
	for r := 2; r <= toomTaps; r++ {
		for n := 1; n < 40; n++ {
			a := newToomAxis(n, r, toomPoints)
			at, products, count := 0, 0, [toomPoints]int{}
			for i := range a.tiles {
				for p := range count {
					if a.count(i, p) != count[p] {
						t.Fatalf("%d results, %d taps: %d of the first %d tiles use point %d, want %d", n, r, a.count(i, p), i, p, count[p])
					}
				}
				from, points := a.tile(i)
				if from != at || points > a.points() || points > toomPoints || points < r {
					t.Fatalf("%d results, %d taps: tile %d is at %d with %d points, want %d", n, r, i, from, points, at)
				}
				at += points + 1 - r
				products += points
				for p := range points {
					count[p]++
				}
			}
			if at != n || products != a.products() {
				t.Errorf("%d results, %d taps: tiles reach to %d with %d products, want %d", n, r, at, products, a.products())
			}
		}
	}
}

// A masked filter keeps its promise to the last bit: what it must not see does not change its results.
func TestMaskedConvDoesNotSeeMaskedPixels(t *testing.T) {
	eachToomSet(t, func(t *testing.T, s *set) {
		r := source(17)
		g, err := NewConv(1, 12, 12, 32, 32, 3, 3, 1, 1, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		x, w, y := normals(g.in(), r), normals(g.weights(), r), make([]float32, g.out())
		clear(w[5*32*32:]) // the centre and what comes before it
		g.Forward(y, x, w, Epilogue{})
		want := clone(y)
		const from = (6*12 + 5) * 32
		copy(x[from:], normals(len(x)-from, r))
		g.Forward(y, x, w, Epilogue{})
		same(t, "pixels before the change", y[:from], want[:from])
		dx := normals(g.in(), r)
		dy := normals(g.out(), r)
		g.GradInput(dx, dy, w, Epilogue{})
		want = clone(dx)
		copy(dy[:from], normals(from, r))
		g.GradInput(dx, dy, w, Epilogue{})
		same(t, "gradients after the change", dx[from:], want[from:])
	})
}
