package stats

import (
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"
)

// Shift is how far x lies above y.
type Shift struct {
	Estimate float64 // median of all differences x_i - y_j
	Lo, Hi   float64 // one-sided bounds: each holds with probability at least Level
	Level    float64
	Finite   bool // false: too few values for bounds at this level, which are then infinite
}

// HodgesLehmann returns the Hodges-Lehmann shift of x over y [hodges1963] with the bounds that invert the exact one-sided Mann-Whitney test: for sorted
// differences d_1 <= ... <= d_nm,
//
//	Lo = d_(c+1), Hi = d_(nm-c), c the greatest integer with P(U <= c) <= 1 - level
//
// under the null distribution without ties, which makes the bounds conservative with ties. Two failures (+Inf and +Inf) differ by 0; a failed x against a
// good y by +Inf. It needs a value on each side, else everything is NaN. For a two-sided interval of level 1-2a ask for the bounds at 1-a.
func HodgesLehmann(x, y []float64, level float64) Shift {
	d := differences(x, y)
	if len(d) == 0 {
		return Shift{math.NaN(), math.NaN(), math.NaN(), level, false}
	}
	s := Shift{Estimate: Median(d), Lo: math.Inf(-1), Hi: math.Inf(1), Level: level}
	if c := criticalU(len(x), len(y), 1-level); c >= 0 {
		s.Lo, s.Hi, s.Finite = d[c], d[len(d)-1-c], true
	}
	return s
}

func differences(x, y []float64) []float64 {
	d := make([]float64, 0, len(x)*len(y))
	for _, a := range x {
		for _, b := range y {
			if a == b { // Inf - Inf would be NaN
				d = append(d, 0)
			} else {
				d = append(d, a-b)
			}
		}
	}
	slices.Sort(d)
	return d
}

// criticalU returns the greatest c with P(U <= c) <= alpha without ties, -1 if there is none.
func criticalU(n, m int, alpha float64) int {
	if n*m*(min(n, m)+1) > exactLimit {
		fn, fm := float64(n), float64(m)
		sd := math.Sqrt(fn * fm / 12 * (fn + fm + 1))
		return int(math.Floor(fn*fm/2 - .5 + sd*distuv.UnitNormal.Quantile(alpha)))
	}
	count := countU(n, m)
	all, sum := 0.0, 0.0
	for _, c := range count {
		all += c
	}
	for u, c := range count {
		if sum += c; sum > alpha*all*(1+1e-12) {
			return u - 1
		}
	}
	return len(count) - 1
}

// countU counts the arrangements of n and m distinct values by U, with the recursion on the greatest value: it belongs to x and beats all y, or to y.
func countU(n, m int) []float64 {
	n, m = min(n, m), max(n, m)
	if have, ok := countsOfU.Load([2]int{n, m}); ok {
		return have.([]float64)
	}
	table := make([][]float64, n+1) // table[i][u] for i of x and the current number of y
	for i := range table {
		table[i] = make([]float64, n*m+1)
		table[i][0] = 1 // no y: U is 0
	}
	for j := 1; j <= m; j++ {
		for i := 1; i <= n; i++ { // f(i,j,u) = f(i-1,j,u-j) + f(i,j-1,u)
			for u := i * j; u >= j; u-- {
				table[i][u] += table[i-1][u-j]
			}
		}
	}
	countsOfU.Store([2]int{n, m}, table[n])
	return table[n]
}

// countsOfU keeps the tables of countU, which are the same for ever: simulated nights ask for few of them many times.
var countsOfU sync.Map
