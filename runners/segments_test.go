package runners

import (
	"math"
	"testing"
)

// Segments follow the great circle: both ends keep the length of a latent vector, and lie eps apart along it.
func TestSegmentEnds(t *testing.T) {
	const width, n = 32, 40
	a, b := segmentEnds(width, n, 3)
	if len(a) != width*n || len(b) != width*n {
		t.Fatalf("%d and %d numbers", len(a), len(b))
	}
	for i := range n {
		length, step := 0.0, 0.0
		for j := range width {
			x, y := float64(a[i*width+j]), float64(b[i*width+j])
			length, step = length+x*x, step+(x-y)*(x-y)
		}
		// The step is eps times an angle of about pi/2 times a length of about sqrt(32); float32 rounds each number by some 1e-7.
		if want := segmentEps * math.Pi / 2 * math.Sqrt(length); math.Sqrt(step) > 2*want || math.Sqrt(step) < want/3 {
			t.Errorf("segment %d: step %v, want about %v", i, math.Sqrt(step), want)
		}
	}
}

// Along a great circle sin(s-h) + sin(s+h) = 2 cos(h) sin(s), so that the neighbours of every point add up to 2 cos(h) times the point, h being a tenth of the angle
// between the ends. Of one dimension there is no circle but the line: h = 0.
func TestSegmentPoints(t *testing.T) {
	for _, width := range []int{1, 2, 48} {
		z := segmentPoints(width, 5)
		if len(z) != wholeSegments*pointsOfSegment*width {
			t.Fatalf("width %d: %d numbers", width, len(z))
		}
		at := func(segment, point, j int) float64 { return float64(z[(segment*pointsOfSegment+point)*width+j]) }
		for s := range wholeSegments {
			uu, vv, uv := 0.0, 0.0, 0.0
			for j := range width {
				u, v := at(s, 0, j), at(s, pointsOfSegment-1, j)
				uu, vv, uv = uu+u*u, vv+v*v, uv+u*v
			}
			h := 0.0
			if width > 1 {
				h = math.Acos(uv/math.Sqrt(uu*vv)) / (pointsOfSegment - 1)
			}
			for i := 1; i+1 < pointsOfSegment; i++ {
				for j := range width {
					// float32 rounds numbers of some units by 1e-7 each, and h by more where two dimensions lie nearly on a line.
					if got, want := at(s, i-1, j)+at(s, i+1, j), 2*math.Cos(h)*at(s, i, j); math.Abs(got-want) > 1e-4 {
						t.Fatalf("width %d, segment %d, point %d: neighbours add up to %v, want %v", width, s, i, got, want)
					}
				}
			}
		}
	}
	a, b := segmentEnds(1, 50, 3)
	for i := range a {
		if !(math.Abs(float64(a[i])) < 6) || math.Abs(float64(a[i]-b[i])) > 12*segmentEps {
			t.Errorf("one dimension, segment %d: %v to %v", i, a[i], b[i])
		}
	}
}
