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
// or the lengths differ.
func Kendall(x, y []float64) (tau, p float64) {
	return agreement(x, y, kendallScore, func(n float64) float64 { return math.Sqrt(2 * (2*n + 5) / (9 * n * (n - 1))) })
}

// Spearman returns the correlation of midranks [spearman1904], with a p-value as Kendall's.
func Spearman(x, y []float64) (rho, p float64) {
	if len(x) != len(y) {
		return math.NaN(), 1
	}
	return agreement(ranksOf(x), ranksOf(y), pearson, func(n float64) float64 { return 1 / math.Sqrt(n-1) })
}

func agreement(x, y []float64, score func(x, y []float64) float64, sd func(n float64) float64) (value, p float64) {
	if len(x) != len(y) || len(x) < 2 {
		return math.NaN(), 1
	}
	value = score(x, y)
	if math.IsNaN(value) {
		return value, 1
	}
	if len(x) > 8 {
		return value, min(1, 2*distuv.UnitNormal.Survival(math.Abs(value)/sd(float64(len(x)))))
	}
	perm := append([]float64(nil), y...)
	all, extreme := 0, 0
	permute(perm, len(perm), func() {
		all++
		if math.Abs(score(x, perm)) >= math.Abs(value)-1e-12 {
			extreme++
		}
	})
	return value, float64(extreme) / float64(all)
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

func ranksOf(x []float64) []float64 {
	r := make([]float64, len(x))
	for i, v := range x {
		r[i] = .5
		for _, w := range x {
			r[i] += (sign(v, w) + 1) / 2 // itself counts one half, which makes the first rank 1
		}
	}
	return r
}

func pearson(x, y []float64) float64 {
	mx, my := Mean(x), Mean(y)
	xy, xx, yy := 0.0, 0.0, 0.0
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
		yy += (y[i] - my) * (y[i] - my)
	}
	return xy / math.Sqrt(xx*yy)
}
