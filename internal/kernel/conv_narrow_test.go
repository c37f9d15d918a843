package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// randomNarrow is a convolution of up to two more filters than fit a panel, or of few channels, with wide enough lines and any stride, padding and filter.
func randomNarrow(t *testing.T, r *rand.Rand, panel int) Conv {
	t.Helper()
	k := 1 + r.IntN(4)
	stride := 1 + r.IntN(2)
	if r.IntN(4) == 0 { // weight gradients tap by tap
		g, err := NewConv(6+r.IntN(8), k+r.IntN(9), max(k, 20+r.IntN(12)), 16+r.IntN(60), 1+r.IntN(panel+2), k, k, 1, 1, r.IntN(k), r.IntN(k))
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	g, err := NewConv(1+r.IntN(6), k+r.IntN(20), k+r.IntN(34), 1+r.IntN(50), 1+r.IntN(panel+2), k, k, stride, stride, r.IntN(k), r.IntN(k))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// threeProducts computes all three, with an epilogue where there may be one.
func threeProducts(g Conv, x, w, dy []float32, act Act, r *rand.Rand) (y, dx, dw guarded) {
	y, dx, dw = guard(len(dy), r), guard(len(x), r), guard(len(w), r)
	copy(y.x, dy)
	copy(dx.x, x)
	g.Forward(y.x, x, w, Epilogue{Bias: w[:g.K], Add: true, Act: act, Alpha: .2})
	g.GradInput(dx.x, dy, w, Epilogue{Bias: x[:g.C], Add: true, Act: act, Alpha: 0})
	g.GradWeight(dw.x, x, dy)
	return y, dx, dw
}

// Reading patches where they lie has the bits of packing them, for any number of threads.
func TestNarrowIsThePackedProduct(t *testing.T) {
	defer func() { patchOff = false }()
	eachSet(t, func(t *testing.T, s *set) {
		r := source(81)
		n, narrow, tapped := 150, 0, 0
		if testing.Short() {
			n = 50
		}
		for range n {
			g := randomNarrow(t, r, s.nr)
			if g.C <= patchChannels { // whose other routes patchOff switches off too
				continue
			}
			x, w, dy := guardRand(g.in(), r, 1).x, guardRand(g.weights(), r, 1).x, guardRand(g.out(), r, 1).x
			if r.IntN(4) == 0 {
				x[r.IntN(len(x))] = pick(r, float32(math.NaN()), float32(math.Inf(1)))
			}
			act := []Act{ActNone, ActLeakyReLU, ActTanh, ActSigmoid}[r.IntN(4)]
			patchOff = true
			y, dx, dw := threeProducts(g, x, w, dy, act, r)
			patchOff = false
			j := g.job(dy, x, w, Epilogue{})
			j.hp, j.wp = g.frame()
			if _, ok := j.narrowForward(false); ok || j.weightNarrow() {
				narrow++
			}
			if k := g.KH * g.KW * g.C; k > s.rowsPerBlock() && g.tapImages() > 0 && j.tapsNarrow() {
				tapped++
			}
			j.free()
			for _, threads := range []int{1, 2, 7} {
				SetThreads(threads)
				y2, dx2, dw2 := threeProducts(g, x, w, dy, act, r)
				SetThreads(1)
				for _, v := range []struct {
					name      string
					got, want guarded
				}{{"forward", y2, y}, {"input gradient", dx2, dx}, {"weight gradient", dw2, dw}} {
					v.got.check(t, v.name)
					sameButNaN(t, shape(g, " ", v.name, ", ", threads, " threads"), v.got.x, v.want.x)
				}
			}
		}
		if len(s.patch) > 0 && s.nr > 4 && (narrow < n/5 || tapped < n/25) {
			t.Errorf("of %d convolutions %d were narrow, %d tap by tap", n, narrow, tapped)
		}
	})
}

// FuzzNarrow: a set's narrow products against its packed ones.
func FuzzNarrow(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		defer func(was *set) { patchOff, active = false, was }(active)
		r := source(seed)
		g := randomNarrow(t, r, 32)
		if g.C <= patchChannels {
			return
		}
		x, w, dy := guardRand(g.in(), r, 1).x, guardRand(g.weights(), r, 1).x, guardRand(g.out(), r, 1).x
		for _, s := range sets {
			active = s
			patchOff = true
			y, dx, dw := threeProducts(g, x, w, dy, ActLeakyReLU, r)
			patchOff = false
			y2, dx2, dw2 := threeProducts(g, x, w, dy, ActLeakyReLU, r)
			for _, v := range [][2]guarded{{y2, y}, {dx2, dx}, {dw2, dw}} {
				v[0].check(t, s.name)
				same(t, shape(s.name, g), v[0].x, v[1].x)
			}
		}
	})
}
