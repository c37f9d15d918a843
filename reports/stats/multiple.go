package stats

import (
	"cmp"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/numeric"
)

// Holm returns p-values adjusted so that rejecting those at most alpha keeps the chance of any false rejection below alpha [holm1979]: in ascending order
// max over j <= i of (k-j+1) p_j, at most 1.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	out := make([]float64, len(p))
	worst := 0.0
	for i, at := range order {
		worst = max(worst, min(1, float64(len(p)-i)*p[at]))
		out[at] = worst
	}
	return out
}

// Fisher returns the exact p-value that the first group's rate of events (a of na) exceeds (Greater), falls below (Less) or differs from (TwoSided) the
// second group's (b of nb): the hypergeometric tail; two-sided sums all tables at most as likely as the one seen [fisher1922].
func Fisher(a, na, b, nb int, alt Alternative) float64 {
	k, n := a+b, na+nb
	if k == 0 || k == n || na == 0 || nb == 0 {
		return 1
	}
	chance := func(i int) float64 {
		return math.Exp(numeric.LogChoose(na, i) + numeric.LogChoose(nb, k-i) - numeric.LogChoose(n, k))
	}
	seen, p := chance(a), 0.0
	for i := max(0, k-nb); i <= min(na, k); i++ {
		c := chance(i)
		if alt == Greater && i >= a || alt == Less && i <= a || alt == TwoSided && c <= seen*(1+1e-9) {
			p += c
		}
	}
	return min(1, p)
}

// RateBound returns the upper one-sided confidence bound of a rate after k events in n trials (Clopper-Pearson [clopper1934]): the rate at which k or
// fewer events have probability 1-level. 0 of 10 bounds it at 0.26 only, at 95 %.
func RateBound(k, n int, level float64) float64 {
	if k >= n {
		return 1
	}
	lo, hi := 0.0, 1.0
	for range 60 { // the tail falls with the rate: bisect
		p := (lo + hi) / 2
		tail := 0.0
		for i := 0; i <= k; i++ {
			tail += math.Exp(numeric.LogChoose(n, i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
		}
		if tail > 1-level {
			lo = p
		} else {
			hi = p
		}
	}
	return (lo + hi) / 2
}
