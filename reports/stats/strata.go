package stats

// Stratified tests whether x and y come from one distribution in each of several strata, such as data sets: the sum over the strata of Mann-Whitney's U, by the choices of
// the x in every stratum apart [vanelteren1960], with the strata weighted as they have pairs. Values of different strata are never compared. The p-value is exact,
// ties included, unless a stratum is too large for that (see MannWhitney), and then by the normal approximation. x and y have the same number of strata; one in
// which a side is empty counts for nothing. The two-sided p-value doubles the smaller tail, at most 1; without a stratum p is 1.
func Stratified(x, y [][]float64, alt Alternative) RankTest {
	t := RankTest{P: 1, Exact: true}
	null := []float64{1} // of twice the sum
	mean, variance := 0.0, 0.0
	for i := range min(len(x), len(y)) {
		n, m := len(x[i]), len(y[i])
		if n == 0 || m == 0 {
			continue
		}
		u2, ranks := midranks2(x[i], y[i])
		t.U += float64(u2) / 2
		mean, variance = mean+float64(n*m)/2, variance+varianceU(ranks, n, m)
		if t.Exact = t.Exact && countable(n, m); t.Exact {
			null = convolved(null, chancesOfU(ranks, n, m))
		}
	}
	if mean == 0 {
		return t
	}
	lower, upper := gaussTails(t.U, mean, variance)
	if t.Exact {
		lower, upper = tails(null, int(2*t.U))
	}
	t.P = alt.of(lower, upper)
	return t
}

// chancesOfU returns how likely each value of twice U is when every choice of n of the n+m values is x.
func chancesOfU(ranks []int, n, m int) []float64 {
	counts := chooseCounts(ranks, n)[n*(n+1) : n*(n+1)+2*n*m+1]
	all := 0.0
	for _, c := range counts {
		all += c
	}
	for i := range counts {
		counts[i] /= all
	}
	return counts
}

// convolved is the distribution of the sum of two that are independent.
func convolved(a, b []float64) []float64 {
	out := make([]float64, len(a)+len(b)-1)
	for i, p := range a {
		if p == 0 {
			continue
		}
		for k, q := range b {
			out[i+k] += p * q
		}
	}
	return out
}
