package numeric

import "math"

// LogChoose returns the logarithm of the number of ways to choose k of n things, n!/(k!(n-k)!): minus infinity where there is none.
func LogChoose(n, k int) float64 {
	if k < 0 || k > n {
		return math.Inf(-1)
	}
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
