package datasettest

import "math"

// SplitMix is the splitmix64 generator. It needs no library function whose last bit differs between languages, so that anyone can make the
// golden points again.
type SplitMix struct{ State uint64 }

// Uint64 is the next 64 bits.
func (s *SplitMix) Uint64() uint64 {
	s.State += 0x9E3779B97F4A7C15
	z := s.State
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// Uniform is the next number in [0, 1).
func (s *SplitMix) Uniform() float64 { return float64(s.Uint64()>>11) * 0x1p-53 }

// Normal is a sum of twelve uniforms less six: mean 0, variance 1, and the same bits everywhere.
func (s *SplitMix) Normal() float64 {
	var sum float64
	for range 12 {
		sum += s.Uniform()
	}
	return sum - 6
}

// GoldenRing is the golden ring: n points about 8 modes on the unit circle, sigma 0.01. For each point first the mode floor(8u), then two normals.
// The golden values belong to seed 7 and n = 2500.
func GoldenRing(seed uint64, n int) (points [][2]float64, modes []int) {
	return golden(seed, n, 8, 0.01, func(k int) (x, y float64) {
		y, x = math.Sincos(2 * math.Pi * float64(k) / 8)
		return x, y
	})
}

// GoldenGrid is the golden grid: n points about the 25 modes {-4, -2, 0, 2, 4}^2, x in the outer loop, sigma 0.05. The golden values belong to seed 8 and
// n = 2500.
func GoldenGrid(seed uint64, n int) (points [][2]float64, modes []int) {
	return golden(seed, n, 25, 0.05, func(k int) (x, y float64) { return float64(2*(k/5) - 4), float64(2*(k%5) - 4) })
}

func golden(seed uint64, n, modes int, sigma float64, centre func(k int) (x, y float64)) (points [][2]float64, of []int) {
	s := &SplitMix{seed}
	for range n {
		k := int(float64(modes) * s.Uniform())
		x, y := centre(k)
		x += sigma * s.Normal()
		y += sigma * s.Normal()
		points = append(points, [2]float64{x, y})
		of = append(of, k)
	}
	return points, of
}
