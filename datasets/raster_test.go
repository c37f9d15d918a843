package datasets

import (
	"math"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// winding is the number of times a shape goes around a point, by the crossing rule.
func winding(s shape, x, y float64) int {
	n := 0
	for _, c := range s {
		for i, a := range c {
			b := c[(i+1)%len(c)]
			left := (b[0]-a[0])*(y-a[1]) - (x-a[0])*(b[1]-a[1])
			if a[1] <= y && b[1] > y && left > 0 {
				n++
			}
			if b[1] <= y && a[1] > y && left < 0 {
				n--
			}
		}
	}
	return n
}

// TestCoverage holds the exact area coverage to counting sub-pixel centres (64 x 64 a pixel, so 2 percent is what an edge can differ by).
func TestCoverage(t *testing.T) {
	src := rng.Stream(3, "coverage")
	square := func(x, y, e float64) [][2]float64 {
		return [][2]float64{{x, y}, {x + e, y}, {x + e, y + e}, {x, y + e}}
	}
	hole := square(2.2, 2.9, 1.5)
	hole[1], hole[3] = hole[3], hole[1]
	shapes := []shape{
		{square(1, 1, 3)},                     // on pixel edges
		{square(0.25, 1.5, 5.3), hole},        // a hole
		{square(-3, -2, 6), square(5, 5, 20)}, // beyond every border
		{square(1, 1, 4), square(2, 2, 4)},    // overlap: ink counts once
	}
	for range 6 {
		var tri [][2]float64
		for range 3 {
			tri = append(tri, [2]float64{src.Float64()*14 - 3, src.Float64()*14 - 3})
		}
		s := shape{tri}
		if area, _ := s.mass(); area < 0 {
			tri[0], tri[1] = tri[1], tri[0]
		}
		shapes = append(shapes, s)
	}
	const size, sub = 8, 64
	for n, s := range shapes {
		dst := make([]float32, size*size)
		fillShape(dst, size, s)
		for i, v := range dst {
			count := 0
			for k := range sub * sub {
				if winding(s, float64(i%size)+(float64(k%sub)+0.5)/sub, float64(i/size)+(float64(k/sub)+0.5)/sub) > 0 {
					count++
				}
			}
			want := float64(count) / (sub * sub)
			if have := (float64(v) + 1) / 2; math.Abs(have-want) > 0.02 {
				// Where two contours cross inside a pixel, the sum of areas is an upper bound of their union.
				if n == 3 && have > want {
					continue
				}
				t.Fatalf("shape %d, pixel %d: covered %.4f, counted %.4f", n, i, have, want)
			}
		}
	}
}

// insideTriangle by the signs of three half-planes.
func insideTriangle(v [][2]float64, x, y float64) bool {
	var signs [3]bool
	for i := range 3 {
		a, b := v[i], v[(i+1)%3]
		signs[i] = (b[0]-a[0])*(y-a[1])-(b[1]-a[1])*(x-a[0]) > 0
	}
	return signs[0] == signs[1] && signs[1] == signs[2]
}

func TestRenderPolygon(t *testing.T) {
	src := rng.Stream(8, "triangles")
	for range 20 {
		v, err := drawPolygon(src, 3, 20*math.Pi/180, 21)
		if err != nil {
			t.Fatal(err)
		}
		image, err := RenderPolygon(v, 28)
		if err != nil {
			t.Fatal(err)
		}
		var x, y float64
		for _, p := range v {
			x, y = x+p[0]/3, y+p[1]/3
		}
		if math.Abs(x-14) > 1e-9 || math.Abs(y-14) > 1e-9 {
			t.Fatalf("centroid (%v, %v), want (14, 14)", x, y)
		}
		if a := smallestAngle(v); a < 20*math.Pi/180 {
			t.Fatalf("smallest angle %v degrees", a*180/math.Pi)
		}
		for i, have := range image {
			count := 0
			for k := range 64 {
				if insideTriangle(v, float64(i%28)+(float64(k%8)+0.5)/8, float64(i/28)+(float64(k/8)+0.5)/8) {
					count++
				}
			}
			if want := levels[int(math.Floor(255*float64(count)/64+0.5))]; have != want {
				t.Fatalf("pixel %d is %v, want %v (%d of 64 sub-pixels)", i, have, want, count)
			}
		}
	}
	// Half of a 2x2 image: pixels (0,0) and (0,1) are full whichever way round the vertices go.
	for _, v := range [][][2]float64{{{0, 0}, {2, 0}, {2, 1}, {0, 1}}, {{0, 1}, {2, 1}, {2, 0}, {0, 0}}} {
		image, err := RenderPolygon(v, 2)
		if err != nil || image[0] != 1 || image[1] != 1 || image[2] != -1 || image[3] != -1 {
			t.Errorf("have %v (%v)", image, err)
		}
	}
	for name, v := range map[string][][2]float64{
		"two vertices": {{0, 0}, {1, 1}}, "NaN": {{0, 0}, {1, math.NaN()}, {1, 0}}, "concave": {{0, 0}, {4, 0}, {1, 1}, {0, 4}},
		"star": {{0, 3}, {2, -3}, {-3, 1}, {3, 1}, {-2, -3}},
	} {
		if _, err := RenderPolygon(v, 4); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := RenderPolygon([][2]float64{{0, 0}, {1, 0}, {1, 1}}, 0); err == nil {
		t.Error("size 0: no error")
	}
}

func TestOutline(t *testing.T) {
	// One white pixel in the middle of 3x3: its four neighbours are the outline.
	in := []float32{-1, -1, -1, -1, 1, -1, -1, -1, -1}
	want := []float32{-1, 1, -1, 1, -1, 1, -1, 1, -1}
	for i, v := range outline(in, []int{3, 3, 1}) {
		if v != want[i] {
			t.Errorf("pixel %d is %v, want %v", i, v, want[i])
		}
	}
}

func TestEmbolden(t *testing.T) {
	// A bar of 20 x 2: area over half the outline is 40/22, wanted is 3, so every side moves out by (3 - 2*40/44)/2 = 0.5909, less at the corners.
	var bar [][2]float64
	for i := range 20 {
		bar = append(bar, [2]float64{float64(i), 0})
	}
	bar = append(bar, [2]float64{20, 0}, [2]float64{20, 2})
	for i := range 20 {
		bar = append(bar, [2]float64{float64(19 - i), 2})
	}
	s := shape{bar}
	s.embolden(3, 10)
	lo, hi := s.bounds()
	if have, want := hi[1]-lo[1], 2+(3-80.0/44); math.Abs(have-want) > 1e-12 {
		t.Errorf("the bar is %v high, want %v", have, want)
	}
}
