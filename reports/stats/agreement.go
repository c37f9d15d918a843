package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Kendall returns Kendall's tau-b of paired values [kendall1938], which corrects for ties,
//
//	tau = (concordant - discordant) / sqrt((pairs - ties in x)(pairs - ties in y)),
//
// and its two-sided p-value: by all permutations up to 8 pairs, above by the normal approximation without tie correction. NaN and 1 if a side is constant
// or the lengths differ. It says, for one, how far two metrics rank the same models alike.
func Kendall(x, y []float64) (tau, p float64) {
	if len(x) != len(y) || len(x) < 2 {
		return math.NaN(), 1
	}
	tau = kendallScore(x, y)
	if math.IsNaN(tau) {
		return tau, 1
	}
	if n := float64(len(x)); n > 8 {
		return tau, min(1, 2*distuv.UnitNormal.Survival(math.Abs(tau)/math.Sqrt(2*(2*n+5)/(9*n*(n-1)))))
	}
	perm := append([]float64(nil), y...)
	all, extreme := 0, 0
	permute(perm, len(perm), func() {
		all++
		if math.Abs(kendallScore(x, perm)) >= math.Abs(tau)-1e-12 {
			extreme++
		}
	})
	return tau, float64(extreme) / float64(all)
}

// permute visits all permutations (Heap's algorithm).
func permute(v []float64, k int, visit func()) {
	if k <= 1 {
		visit()
		return
	}
	for i := range k {
		permute(v, k-1, visit)
		if j := i * (1 - k%2); i < k-1 {
			v[j], v[k-1] = v[k-1], v[j]
		}
	}
}

func kendallScore(x, y []float64) float64 {
	s, nx, ny := 0.0, 0.0, 0.0
	for i := range x {
		for j := range i {
			a, b := sign(x[i], x[j]), sign(y[i], y[j])
			s += a * b
			nx += a * a
			ny += b * b
		}
	}
	return s / math.Sqrt(nx*ny)
}

func sign(a, b float64) float64 {
	switch {
	case a > b:
		return 1
	case a < b:
		return -1
	}
	return 0
}
