package stats

import (
	"math"
	"slices"
)

// ChangePoint is a place where a series changes its level.
type ChangePoint struct {
	At int     // index of the first value after the change
	Q  float64 // E-divisive's statistic of the split that found it
	P  float64 // two-sided Mann-Whitney of the stretches before and after, times the places it could have been, at most 1
}

// ChangePoints finds where a series changes its level: E-divisive [matteson2014] without its random permutations. In a stretch [s, e) the split (t, k) is
// sought that maximises, over X = x[s:t] and Y = x[t:k] of n and m values, both at least least,
//
//	Q = nm/(n+m) (2/(nm) sum |X_i - Y_j| - 2/(n(n-1)) sum_{i<j} |X_i - X_j| - 2/(m(m-1)) sum_{i<j} |Y_i - Y_j|)
//
// and t is kept if the exact rank test of X against Y, times the number of places for t (Bonferroni), is at most alpha; then both sides are searched. At the
// end every place is tested again between its neighbours, and the weakest that fails is dropped. The rank test takes the place of the permutations: it is
// exact, the same on every machine, and one wild value moves it by one rank. It needs 2 least values at the least; values are finite.
func ChangePoints(x []float64, least int, alpha float64) []ChangePoint {
	if least < 2 {
		least = 2
	}
	var found []ChangePoint
	sums := pairSums(x)
	var search func(s, e int)
	search = func(s, e int) {
		c, k, ok := bestSplit(sums, s, e, least)
		if !ok {
			return
		}
		if c.P = corrected(x[s:c.At], x[c.At:k], e-s-2*least+1); c.P > alpha {
			return
		}
		found = append(found, c)
		search(s, c.At)
		search(c.At, e)
	}
	search(0, len(x))
	slices.SortFunc(found, func(a, b ChangePoint) int { return a.At - b.At })
	return confirm(x, found, least, alpha)
}

// corrected is the p-value of a split that was chosen among so many.
func corrected(left, right []float64, places int) float64 {
	return min(1, float64(places)*MannWhitney(left, right, TwoSided).P)
}

// confirm tests every change between its neighbours and drops the weakest until all stand: a split found in a long stretch may be the edge of a bump that a
// later split explains better.
func confirm(x []float64, found []ChangePoint, least int, alpha float64) []ChangePoint {
	for {
		worst := -1
		for i := range found {
			lo, hi := 0, len(x)
			if i > 0 {
				lo = found[i-1].At
			}
			if i+1 < len(found) {
				hi = found[i+1].At
			}
			found[i].P = corrected(x[lo:found[i].At], x[found[i].At:hi], hi-lo-2*least+1)
			if found[i].P > alpha && (worst < 0 || found[i].P > found[worst].P) {
				worst = i
			}
		}
		if worst < 0 {
			return found
		}
		found = slices.Delete(found, worst, worst+1)
	}
}

// pairSums are two-dimensional prefix sums of |x_i - x_j|: the sum over a block of pairs costs four look-ups.
type prefixSums struct {
	n   int
	sum []float64
}

func pairSums(x []float64) prefixSums {
	p := prefixSums{len(x) + 1, make([]float64, (len(x)+1)*(len(x)+1))}
	for i := range x {
		row := 0.0
		for j := range x {
			row += math.Abs(x[i] - x[j])
			p.sum[(i+1)*p.n+j+1] = p.sum[i*p.n+j+1] + row
		}
	}
	return p
}

// block is the sum over i in [a, b) and j in [c, d).
func (p prefixSums) block(a, b, c, d int) float64 {
	return p.sum[b*p.n+d] - p.sum[a*p.n+d] - p.sum[b*p.n+c] + p.sum[a*p.n+c]
}

// bestSplit returns the split of [s, e) with the greatest Q, the first of equals, and the end of its right side.
func bestSplit(p prefixSums, s, e, least int) (c ChangePoint, k int, ok bool) {
	c.Q = math.Inf(-1)
	for t := s + least; t+least <= e; t++ {
		n := float64(t - s)
		left := p.block(s, t, s, t) / (n * (n - 1)) // both orders of each pair: 2/(n(n-1)) of each once
		for end := t + least; end <= e; end++ {
			m := float64(end - t)
			between := 2 * p.block(s, t, t, end) / (n * m)
			right := p.block(t, end, t, end) / (m * (m - 1))
			if q := n * m / (n + m) * (between - left - right); q > c.Q {
				c.At, c.Q, k, ok = t, q, end, true
			}
		}
	}
	return c, k, ok
}
