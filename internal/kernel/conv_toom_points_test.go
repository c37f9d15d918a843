package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Point by point, whatever the portions, has the bits of item by item.
func TestToomByPoints(t *testing.T) {
	eachToomSet(t, func(t *testing.T, s *set) {
		r := source(51)
		for range 12 {
			checkToomPoints(t, randomToom(t, r, s), r, 1, 2, 7)
		}
	})
}

// FuzzToomPoints: the same of any numbers.
func FuzzToomPoints(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		eachToomSet(t, func(t *testing.T, s *set) {
			r := source(seed)
			checkToomPoints(t, randomToom(t, r, s), r, 1+r.IntN(3))
		})
	})
}

func checkToomPoints(t *testing.T, g Conv, r *rand.Rand, threads ...int) {
	t.Helper()
	x, w, e := guardRand(g.in(), r, 1).x, guardRand(g.weights(), r, 1).x, randomEpilogue(r, g.K)
	if r.IntN(4) == 0 {
		x[r.IntN(len(x))] = pick(r, float32(math.NaN()), float32(math.Inf(1)))
	}
	old := guardRand(g.out(), r, 1).x
	want := clone(old)
	p, _ := g.toomPlan(active)
	j := g.job(want, x, w, e)
	j.toomWeights(p)
	j.onToom(j.toomCut(1), (*convJob).toomForwardItem)
	for _, th := range threads {
		SetThreads(th)
		for portions := 1; portions <= 3; portions++ {
			y := clone(old)
			j.y = y
			j.toomPoints(portions)
			sameButNaN(t, shape("threads ", th, ", portions ", portions, g, e), y, want)
		}
	}
	SetThreads(1)
	j.free()
}

// Deep layers of VGG16 go point by point, layers whose weights a cache holds do not.
func TestToomWays(t *testing.T) {
	if len(active.strided) == 0 {
		t.Skip("this set has no strided tiles")
	}
	for _, d := range []struct {
		side, channels int
		points         bool
	}{{14, 512, true}, {28, 512, true}, {56, 64, false}, {112, 64, false}} {
		g, err := NewConv(4, d.side, d.side, d.channels, d.channels, 3, 3, 1, 1, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		g.Fast = true
		p, ok := g.toomPlan(active)
		if !ok {
			t.Fatalf("%d x %d with %d channels: not by Toom-Cook", d.side, d.side, d.channels)
		}
		j := convJobs.Get().(*convJob)
		j.Conv, j.s = g, active
		j.toom.plan(&g, active, p)
		if got := j.toomByPoints(j.toomCut(1), j.toomPortions()); got != d.points {
			t.Errorf("%d x %d with %d channels: by points %v, want %v", d.side, d.side, d.channels, got, d.points)
		}
		j.free()
	}
}
