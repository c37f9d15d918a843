package kernel

import "unsafe"

// Cubes adds the cube of each product, with what it lacks, to the sum of its strand, every fourth of them:
//
//	sums[i%4] += ((dots[i] + (own + offset[i]))*gamma + coef)^3,
//
// in double precision and in order. The number of products must be a multiple of 4; offset is as long.
func Cubes(sums *[4]float64, dots []float32, offset []float64, own, gamma, coef float64) {
	n := len(dots)
	offset = offset[:n]
	if n%4 != 0 {
		panic("kernel: Cubes: not a multiple of 4")
	}
	if n > 0 {
		active.cubes(n, sums, &dots[0], &offset[0], own, gamma, coef)
	}
}

func genCubes(n int, sums *[4]float64, dots *float32, offset *float64, own, gamma, coef float64) {
	o := unsafe.Slice(offset, n)
	for i, v := range floats(dots, n) {
		c := float64((float64(v)+(own+o[i]))*gamma) + coef // the conversions forbid fused multiply-adds
		sums[i%4] += float64(c * c * c)
	}
}
