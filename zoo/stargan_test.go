package zoo_test

import (
	"math"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/zoo"
)

// reached is the share of translations that are in the domain asked for, and the root mean square distance of a value from the true image.
func reached(t *testing.T, set *datasets.Set, nearest func(x []float32) int, x, y *datasets.Samples) (share, off float64) {
	t.Helper()
	hits := 0
	for i := range y.Len() {
		if nearest(y.Row(i)) == y.Label(i) {
			hits++
		}
		want := set.Move(x.Row(i), x.Label(i), y.Label(i))
		for j, v := range y.Row(i) {
			off += math.Pow(float64(v-want[j]), 2)
		}
	}
	return float64(hits) / float64(y.Len()), math.Sqrt(off / float64(len(y.Data)))
}

// last is the last value of a curve.
func last(s *zoo.Session, name string) float64 {
	for _, c := range s.Curves() {
		if c.Name == name {
			return c.Values[len(c.Values)-1]
		}
	}
	return math.NaN()
}

// One generator moves points of three rings to each of them. Rings of radius 1 lie 5.2 apart.
func TestStarGANOnPlaces(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	set := load(t, datasets.RingPlaces(), datasets.Options{Seed: 1, Train: 5000, Test: 900, Hold: 1, Params: map[string]float64{"sigma": 0.05}})
	s := trainedOn(t, "stargan", set, map[string]string{"steps": "1000", "batch": "64", "width": "64", "depth": "2"})
	y := drawn(t, s, 900, nil)
	share, off := reached(t, set, func(p []float32) int {
		at, best := 0, math.Inf(1)
		for k := range 3 {
			c := set.Move([]float32{0, 0}, 0, k)
			if d := math.Hypot(float64(p[0]-c[0]), float64(p[1]-c[1])); d < best {
				at, best = k, d
			}
		}
		return at
	}, s.Sources(900), y)
	back := last(s, "way back")
	t.Logf("%.3f in the domain asked for, %.3f off, way back %.3f", share, off, back)
	if share < 0.98 || off > 1 || back > 0.1 {
		t.Errorf("%.3f in the domain asked for, %.3f from the true images, way back %.3f", share, off, back)
	}
}

// The same for three styles of digits, told apart by the sign of the background in rows of either kind.
func TestStarGANOnStyles(t *testing.T) {
	long(t)
	set := load(t, datasets.GlyphsStyles(), datasets.Options{Seed: 1, Train: 4000, Test: 300, Hold: 1})
	s := trainedOn(t, "stargan", set, map[string]string{"steps": "250", "batch": "32", "width": "16", "lr_g": "5e-4", "lr_d": "5e-4"})
	y := drawn(t, s, 300, nil)
	share, off := reached(t, set, func(p []float32) int {
		var rows [2]float64 // mean of the rows that banding turns, and of the others
		for i, v := range p {
			rows[i/28%4/2] += float64(v)
		}
		switch {
		case rows[0] > 0 && rows[1] > 0:
			return 1
		case rows[0] > 0:
			return 2
		}
		return 0
	}, s.Sources(300), y)
	back := last(s, "way back")
	t.Logf("%.3f in the domain asked for, %.3f off, way back %.3f", share, off, back)
	if share < 0.95 || off > 0.9 || back > 0.4 { // to leave images as they are is 1.4 off
		t.Errorf("%.3f in the domain asked for, %.3f from the true images, way back %.3f", share, off, back)
	}
}
