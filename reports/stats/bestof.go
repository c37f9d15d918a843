package stats

import (
	"math"

	"github.com/assay-gan/assay/internal/numeric"
)

// ExpectedMin returns the expected least of k values drawn from x, in closed form and without Monte Carlo noise [lucic2018]: for sorted v_1 <= ... <= v_n,
//
//	with replacement     E = sum_i v_i [((n-i+1)/n)^k - ((n-i)/n)^k]
//	without replacement  E = sum_i v_i C(n-i, k-1) / C(n, k).
//
// It is NaN for no values or k < 1 (or k > n without replacement), and +Inf when an infinite value (a failure) has a chance to be the least. Take -x for
// the greatest. Values for k near n say little about new runs: keep k well below n.
func ExpectedMin(x []float64, k int, replace bool) float64 {
	n := len(x)
	if n == 0 || k < 1 || !replace && k > n {
		return math.NaN()
	}
	sum := 0.0
	for i, v := range sorted(x) {
		if w := minWeight(i, n, k, replace); w > 0 {
			sum += w * v
		}
	}
	return sum
}

// minWeight is the probability that the i-th smallest (from 0) of n is the least of k.
func minWeight(i, n, k int, replace bool) float64 {
	if replace {
		return math.Pow(float64(n-i)/float64(n), float64(k)) - math.Pow(float64(n-i-1)/float64(n), float64(k))
	}
	if k-1 > n-i-1 {
		return 0
	}
	return math.Exp(numeric.LogChoose(n-i-1, k-1) - numeric.LogChoose(n, k))
}

// MinQuantile returns the q-quantile of the least of k values drawn from x: the first sorted value whose cumulated chance of being the least reaches q. It
// stays finite with failures (+Inf) in x as long as the chance that all k fail is below 1-q. NaN as for ExpectedMin.
func MinQuantile(x []float64, k int, q float64, replace bool) float64 {
	n := len(x)
	if n == 0 || k < 1 || !replace && k > n {
		return math.NaN()
	}
	s, reached := sorted(x), 0.0
	for i, v := range s {
		if reached += minWeight(i, n, k, replace); reached >= q-1e-12 {
			return v
		}
	}
	return s[n-1]
}
