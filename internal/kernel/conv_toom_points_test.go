package kernel

import "testing"

// Point by point, whatever the portions, has the bits of item by item.
func TestToomByPoints(t *testing.T) {
	eachToomSet(t, func(t *testing.T, s *set) {
		r := source(51)
		for range 12 {
			g := randomToom(t, r, s)
			x, w, e := guardRand(g.in(), r, 1).x, guardRand(g.weights(), r, 1).x, randomEpilogue(r, g.K)
			old := guardRand(g.out(), r, 1).x
			want := clone(old)
			p, _ := g.toomPlan(s)
			j := g.job(want, x, w, e)
			j.toomWeights(p)
			j.onToom(j.toomCut(1), (*convJob).toomForwardItem)
			for _, th := range []int{1, 2, 7} {
				SetThreads(th)
				for portions := 1; portions <= 3; portions++ {
					y := clone(old)
					j.y = y
					j.toomPoints(portions)
					same(t, shape("threads ", th, ", portions ", portions, g, e), y, want)
				}
			}
			SetThreads(1)
			j.free()
		}
	})
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
