package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-gan/assay/internal/numeric"
)

// Alternative says what a test looks for.
type Alternative int

// The alternatives.
const (
	TwoSided Alternative = iota
	Greater              // x tends to be greater than y
	Less                 // x tends to be less than y
)

// exactLimit is the largest number of sums the exact null distribution may hold at once (values x ranks); above it the normal approximation is as good.
const exactLimit = 1 << 21

// RankTest is the outcome of a Mann-Whitney test.
type RankTest struct {
	U     float64 // pairs with x > y, ties counting one half
	P     float64
	Exact bool // else the normal approximation, corrected for ties and continuity
}

// MannWhitney tests whether x and y come from one distribution [mann1947]. U counts the pairs with x > y, a tie as one half. The p-value is exact, ties
// included: it counts, by dynamic programming over the midranks of the values at hand, all choices of len(x) of them. Only when that table would exceed
// two million numbers is the normal approximation used (tie and continuity corrected). +Inf is a value like others: the greatest. The two-sided p-value
// doubles the smaller tail, at most 1. With an empty side p is 1.
func MannWhitney(x, y []float64, alt Alternative) RankTest {
	n, m := len(x), len(y)
	u2, ranks := midranks2(x, y)
	t := RankTest{U: float64(u2) / 2, P: 1, Exact: true}
	if n == 0 || m == 0 {
		return t
	}
	var lower, upper float64 // P(U <= u), P(U >= u)
	if countable(n, m) {
		lower, upper = exactTails(ranks, n, m, u2)
	} else {
		t.Exact = false
		lower, upper = gaussTails(t.U, float64(n*m)/2, varianceU(ranks, n, m))
	}
	t.P = alt.of(lower, upper)
	return t
}

// of picks the tail that the alternative asks for; two-sided doubles the smaller one.
func (a Alternative) of(lower, upper float64) float64 {
	switch a {
	case Greater:
		return upper
	case Less:
		return lower
	default:
		return min(1, 2*min(lower, upper))
	}
}

// countable says whether the exact null distribution of U fits exactLimit.
func countable(n, m int) bool { return (min(n, m)+1)*((n+m)*(n+m+1)+1) <= exactLimit }

// midranks2 returns twice the U of x, and twice the midranks of the pooled values, so that everything is an integer.
func midranks2(x, y []float64) (u2 int, ranks []int) {
	type item struct {
		v   float64
		isX bool
	}
	pool := make([]item, 0, len(x)+len(y))
	for _, v := range x {
		pool = append(pool, item{v: v, isX: true})
	}
	for _, v := range y {
		pool = append(pool, item{v: v})
	}
	slices.SortStableFunc(pool, func(a, b item) int {
		switch {
		case a.v < b.v:
			return -1
		case a.v > b.v:
			return 1
		}
		return 0
	})
	for i := 0; i < len(pool); {
		j := i + 1 // a NaN, which equals nothing, ends too
		for j < len(pool) && pool[j].v == pool[i].v {
			j++
		}
		for k := i; k < j; k++ {
			ranks = append(ranks, i+1+j) // twice the mean of ranks i+1..j
			if pool[k].isX {
				u2 += i + 1 + j
			}
		}
		i = j
	}
	return u2 - len(x)*(len(x)+1), ranks
}

// exactTails returns P(U <= u) and P(U >= u) when every choice of n of the n+m values is equally likely to be x.
func exactTails(ranks []int, n, m, u2 int) (lower, upper float64) {
	if numeric.LogChoose(n+m, n) < logExact && !tied(ranks) {
		return uTails(n, m, u2/2)
	}
	k, target := n, u2+n*(n+1)
	if total := sumOf(ranks); m < n { // choose the smaller side: the table is smaller, the tails swap
		k, target = m, total-target
		upper, lower = chooseTails(ranks, k, target)
		return lower, upper
	}
	return chooseTails(ranks, k, target)
}

// logExact bounds the counts that float64 holds exactly, 2^53: below it the table without ties gives the same bits as the counting of the values at hand.
var logExact = 52 * math.Ln2

func tied(ranks []int) bool {
	for i, r := range ranks {
		if r != 2*(i+1) {
			return true
		}
	}
	return false
}

// uTails returns P(U <= u) and P(U >= u) without ties.
func uTails(n, m, u int) (lower, upper float64) {
	count, all := countU(n, m), 0.0
	for v, c := range count {
		all += c
		if v <= u {
			lower += c
		}
		if v >= u {
			upper += c
		}
	}
	return lower / all, upper / all
}

func sumOf(v []int) (s int) {
	for _, x := range v {
		s += x
	}
	return s
}

// chooseTails returns P(S <= target) and P(S >= target) of the sum S of k of the ranks chosen at random. All terms are positive, so the float64 counts
// have a relative error of about 1e-13 and less.
func chooseTails(ranks []int, k, target int) (lower, upper float64) {
	return tails(chooseCounts(ranks, k), target)
}

// chooseCounts returns in how many ways k of the ranks have each sum.
func chooseCounts(ranks []int, k int) []float64 {
	total := sumOf(ranks)
	if !slices.ContainsFunc(ranks, func(r int) bool { return r%2 != 0 }) && total > 0 { // doubled ranks without ties: every other sum is none
		half := make([]int, len(ranks))
		for i, r := range ranks {
			half[i] = r / 2
		}
		count := make([]float64, total+1)
		for s, c := range chooseCounts(half, k) {
			count[2*s] = c
		}
		return count
	}
	count := make([][]float64, k+1)
	for i := range count {
		count[i] = make([]float64, total+1)
	}
	count[0][0] = 1
	least, most := make([]int, k+1), make([]int, k+1) // sum of so many of the ranks seen
	for c := 1; c <= k; c++ {
		least[c] = total + 1
	}
	for i, r := range ranks {
		for c := min(i+1, k); c >= 1; c-- {
			from, to := count[c-1], count[c]
			for s := most[c-1]; s >= least[c-1]; s-- {
				to[s+r] += from[s]
			}
			least[c], most[c] = min(least[c], least[c-1]+r), max(most[c], most[c-1]+r)
		}
	}
	return count[k]
}

// tails are the shares of a distribution over 0, 1, ... that lie at most and at least at a target.
func tails(count []float64, target int) (lower, upper float64) {
	all := 0.0
	for s, c := range count {
		all += c
		if s <= target {
			lower += c
		}
		if s >= target {
			upper += c
		}
	}
	return lower / all, upper / all
}

// varianceU is the variance of U under the null hypothesis, corrected for ties.
func varianceU(ranks []int, n, m int) float64 {
	fn, fm := float64(n), float64(m)
	big := fn + fm
	ties := 0.0
	for i := 0; i < len(ranks); {
		j := i
		for j < len(ranks) && ranks[j] == ranks[i] {
			j++
		}
		t := float64(j - i)
		ties += t*t*t - t
		i = j
	}
	return fn * fm / 12 * (big + 1 - ties/(big*(big-1)))
}

// gaussTails are the tails of a U by its mean and variance, corrected for continuity.
func gaussTails(u, mean, variance float64) (lower, upper float64) {
	if variance == 0 {
		return 1, 1
	}
	z := func(shift float64) float64 { return (u - mean + shift) / math.Sqrt(variance) }
	return distuv.UnitNormal.CDF(z(.5)), distuv.UnitNormal.Survival(z(-.5))
}

// SmallestP returns the smallest p-value that an exact one-sided test of n against m values can reach, 1 / C(n+m, n).
func SmallestP(n, m int) float64 {
	p := 1.0
	for i := 1; i <= n; i++ {
		p *= float64(i) / float64(m+i)
	}
	return p
}

// ProbGreater returns P(X > Y) + P(X = Y)/2 over all pairs: U / (n m), the probability of improvement of [agarwal2021] for a value where more is better.
// NaN when a side is empty.
func ProbGreater(x, y []float64) float64 {
	u2, _ := midranks2(x, y)
	return float64(u2) / 2 / float64(len(x)*len(y))
}
