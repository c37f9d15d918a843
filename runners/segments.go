package runners

import (
	"math"

	"github.com/assay-gan/assay/rng"
)

// The latent segments of the path length: their number, and their length in units of the whole segment [karras2019].
const (
	segments   = 500
	segmentEps = 1e-4
)

// The whole latent segments: their number, and the points of each, both ends included.
const (
	wholeSegments   = 100
	pointsOfSegment = 11
)

// segmentEnds are latent vectors at t and t + eps of n great-circle segments between pairs of normal vectors, t uniform.
func segmentEnds(width, n int, seed uint64) (a, b []float32) {
	s := rng.Stream(seed, "runners", "path")
	for range n {
		c := drawSegment(s, width)
		t := s.Float64()
		a, b = c.at(a, t), c.at(b, t+segmentEps)
	}
	return a, b
}

// segmentPoints are latent vectors at equal steps along great-circle segments between pairs of normal vectors, segment after segment.
func segmentPoints(width int, seed uint64) (z []float32) {
	s := rng.Stream(seed, "runners", "interpolation")
	for range wholeSegments {
		c := drawSegment(s, width)
		for i := range pointsOfSegment {
			z = c.at(z, float64(i)/(pointsOfSegment-1))
		}
	}
	return z
}

// segment is the way from u to v along the great circle.
type segment struct {
	u, v  []float64
	angle float64
}

func drawSegment(s *rng.Source, width int) segment {
	c := segment{u: make([]float64, width), v: make([]float64, width)}
	uu, vv, uv := 0.0, 0.0, 0.0
	for j := range c.u {
		c.u[j], c.v[j] = s.Normal(), s.Normal()
		uu, vv, uv = uu+c.u[j]*c.u[j], vv+c.v[j]*c.v[j], uv+c.u[j]*c.v[j]
	}
	c.angle = math.Acos(max(-1, min(1, uv/math.Sqrt(uu*vv))))
	return c
}

// at appends the vector at t to z.
func (c segment) at(z []float32, t float64) []float32 {
	p, q := arc(c.angle, t)
	for j := range c.u {
		z = append(z, float32(p*c.u[j]+q*c.v[j]))
	}
	return z
}

// arc weighs both ends of a great circle at t [shoemake1985]; where there is no circle the weights are the straight line's.
func arc(angle, t float64) (p, q float64) {
	if !onCircle(angle) {
		return 1 - t, t
	}
	return math.Sin((1-t)*angle) / math.Sin(angle), math.Sin(t*angle) / math.Sin(angle)
}

// onCircle says whether vectors at an angle have a circle: those on one line have none, nor have zeros, whose angle is NaN.
func onCircle(angle float64) bool { return math.Sin(angle) > 1e-6 }
