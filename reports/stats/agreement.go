package stats

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-gan/assay/rng"
)

// Kendall returns Kendall's tau-b of paired values [kendall1938], which corrects for ties,
//
//	tau = (concordant - discordant) / sqrt((pairs - ties in x)(pairs - ties in y)),
//
// and its two-sided permutation p-value, the share of the orders of y with so large a |tau|. It is exact without ties up to 200 pairs (by counting inversions) and with ties up to 8 (by
// all orders); beyond it is the normal approximation, corrected for ties, for which KendallPermutation is the better one. NaN and 1 if a side is constant or the lengths differ. +Inf is
// a value as others are, the greatest. It says, for one, how far two metrics rank the same models alike.
func Kendall(x, y []float64) (tau, p float64) {
	k, ok := newKendall(x, y)
	if !ok {
		return math.NaN(), 1
	}
	s := k.score(k.y)
	tau = float64(s) / k.scale
	switch n := len(x); {
	case !k.tied() && n <= 200:
		return tau, inversionTail(n, s)
	case n <= 8:
		all, extreme := 0, 0
		permute(k.y, n, func() {
			all++
			if abs(k.score(k.y)) >= abs(s) {
				extreme++
			}
		})
		return tau, float64(extreme) / float64(all)
	}
	return tau, min(1, 2*distuv.UnitNormal.Survival(math.Abs(float64(s))/math.Sqrt(k.variance())))
}

// KendallPermutation is Kendall with the p-value of so many random orders of y, (1 + as large) / (1 + reps), where there are ties among more than 8 pairs, and with the exact one else: what
// settings of few values, and runs that failed alike, ask for.
func KendallPermutation(s *rng.Source, x, y []float64, reps int) (tau, p float64) {
	tau, p = Kendall(x, y)
	k, ok := newKendall(x, y)
	if !ok || !k.tied() || len(x) <= 8 {
		return tau, p
	}
	seen, extreme := abs(k.score(k.y)), 1
	for range reps {
		for i := len(k.y) - 1; i > 0; i-- {
			j := s.IntN(i + 1)
			k.y[i], k.y[j] = k.y[j], k.y[i]
		}
		if abs(k.score(k.y)) >= seen {
			extreme++
		}
	}
	return tau, float64(extreme) / float64(1+reps)
}

// kendall holds the pairs in the order of x, as ranks, for the counting of many orders of y.
type kendall struct {
	x, y  []int // dense ranks from 0
	seen  []int // Fenwick tree over the ranks of y
	scale float64
}

func newKendall(x, y []float64) (k kendall, ok bool) {
	if len(x) != len(y) || len(x) < 2 || slices.ContainsFunc(slices.Concat(x, y), math.IsNaN) {
		return k, false
	}
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return x[order[a]] < x[order[b]] })
	rx, ry := denseRanks(x), denseRanks(y)
	for _, i := range order {
		k.x, k.y = append(k.x, rx[i]), append(k.y, ry[i])
	}
	k.seen = make([]int, slices.Max(k.y)+2)
	k.scale = math.Sqrt(float64(untied(k.x)) * float64(untied(k.y)))
	return k, k.scale > 0
}

func denseRanks(v []float64) []int {
	s := slices.Compact(sorted(v))
	out := make([]int, len(v))
	for i, one := range v {
		out[i], _ = slices.BinarySearch(s, one)
	}
	return out
}

// groups are the sizes of the groups of equal ranks.
func groups(ranks []int) []int {
	n := make([]int, slices.Max(ranks)+1)
	for _, r := range ranks {
		n[r]++
	}
	return n
}

// untied is how many pairs of values differ.
func untied(ranks []int) int {
	n := len(ranks) * (len(ranks) - 1) / 2
	for _, g := range groups(ranks) {
		n -= g * (g - 1) / 2
	}
	return n
}

func (k kendall) tied() bool { return len(groups(k.x)) < len(k.x) || len(groups(k.y)) < len(k.y) }

// score is concordant less discordant pairs, when y stands in this order beside x: of each value those seen that are less, less those that are greater.
func (k kendall) score(y []int) (s int) {
	clear(k.seen)
	below := func(r int) (n int) { // values seen with a rank below r
		for ; r > 0; r -= r & -r {
			n += k.seen[r]
		}
		return n
	}
	for i := 0; i < len(y); {
		j := i
		for ; j < len(y) && k.x[j] == k.x[i]; j++ { // those of equal x are no pair of each other
			s += below(y[j]) - (i - below(y[j]+1))
		}
		for ; i < j; i++ {
			for r := y[i] + 1; r < len(k.seen); r += r & -r {
				k.seen[r]++
			}
		}
	}
	return s
}

// variance is that of the score under the null hypothesis, corrected for ties [kendall1938].
func (k kendall) variance() float64 {
	n := float64(len(k.x))
	sum := func(v []int, of func(t float64) float64) (s float64) {
		for _, g := range groups(v) {
			s += of(float64(g))
		}
		return s
	}
	whole := func(t float64) float64 { return t * (t - 1) * (2*t + 5) }
	three := func(t float64) float64 { return t * (t - 1) * (t - 2) }
	two := func(t float64) float64 { return t * (t - 1) }
	return (whole(n)-sum(k.x, whole)-sum(k.y, whole))/18 + sum(k.x, three)*sum(k.y, three)/(9*max(three(n), 1)) + sum(k.x, two)*sum(k.y, two)/(2*two(n))
}

// inversionTail is P(|S| >= |s|) over all orders of n values: with k inversions S is n(n-1)/2 - 2k, and the chances of k follow from those of n-1 by where the last one stands.
func inversionTail(n, s int) float64 {
	chance := []float64{1}
	for m := 2; m <= n; m++ {
		next := make([]float64, m*(m-1)/2+1)
		window := 0.0
		for i := range next { // the mean of the last m of the chances before
			if i < len(chance) {
				window += chance[i]
			}
			if i >= m {
				window -= chance[i-m]
			}
			next[i] = max(0, window/float64(m))
		}
		chance = next
	}
	p := 0.0 // of the lower tail: it loses no digits there, and the upper one is its mirror image
	for k := 0; n*(n-1)/2-2*k >= abs(s) && k < len(chance); k++ {
		p += chance[k]
	}
	return min(1, 2*p)
}

func abs(v int) int { return max(v, -v) }

// permute visits all permutations (Heap's algorithm).
func permute(v []int, k int, visit func()) {
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
