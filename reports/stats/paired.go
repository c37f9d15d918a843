package stats

import (
	"cmp"
	"math"
	"slices"
)

// exactPairs is the largest number of pairs whose 2^n signs Permutation enumerates; above it the sums of the two halves are merged.
const exactPairs = 40

// SignedRankTest is the outcome of a Wilcoxon signed-rank test.
type SignedRankTest struct {
	W float64 // sum of the ranks of the positive differences
	N int     // differences that are not zero
	P float64
}

// SignedRank tests whether differences of pairs are symmetric about 0 [wilcoxon1945]. Zeros are left out; the others are ranked by size, ties by midranks;
// W sums the ranks of the positive ones. The p-value is exact, ties included: it counts, by dynamic programming over the ranks at hand, all choices of
// signs. Greater finds differences above 0. An infinite difference (one run of the pair failed) has the greatest size; two failures of a pair differ by 0.
// The two-sided p-value doubles the smaller tail, at most 1. Without a difference that is not zero p is 1.
func SignedRank(d []float64, alt Alternative) SignedRankTest {
	d = slices.DeleteFunc(slices.Clone(d), func(v float64) bool { return v == 0 })
	t := SignedRankTest{N: len(d), P: 1}
	if len(d) == 0 {
		return t
	}
	slices.SortFunc(d, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) })
	ranks, w2 := make([]int, 0, len(d)), 0
	for i := 0; i < len(d); {
		j := i + 1 // a NaN, which equals nothing, ends too
		for j < len(d) && math.Abs(d[j]) == math.Abs(d[i]) {
			j++
		}
		for k := i; k < j; k++ {
			ranks = append(ranks, i+1+j) // twice the mean of the ranks i+1..j
			if d[k] > 0 {
				w2 += i + 1 + j
			}
		}
		i = j
	}
	t.W = float64(w2) / 2
	t.P = tail(signTails(ranks, w2))(alt)
	return t
}

// tail picks the p-value of an alternative from P(T <= t) and P(T >= t).
func tail(lower, upper float64) func(Alternative) float64 {
	return func(alt Alternative) float64 {
		switch alt {
		case Greater:
			return upper
		case Less:
			return lower
		default:
			return min(1, 2*min(lower, upper))
		}
	}
}

// signTails returns P(S <= target) and P(S >= target) of the sum S of the ranks that a fair coin picks.
func signTails(ranks []int, target int) (lower, upper float64) {
	chance := signChances(ranks)
	for s, c := range chance {
		if s <= target {
			lower += c
		}
		if s >= target {
			upper += c
		}
	}
	return min(lower, 1), min(upper, 1)
}

// signChances is the distribution of the sum of the ranks that a fair coin picks.
func signChances(ranks []int) []float64 {
	chance := make([]float64, sumOf(ranks)+1)
	chance[0] = 1
	done := 0
	for _, r := range ranks {
		for s := done; s >= 0; s-- {
			half := chance[s] / 2
			chance[s] = half
			chance[s+r] += half
		}
		done += r
	}
	return chance
}

// SmallestSignedP returns the smallest p-value that a one-sided exact test of n pairs can reach, 2^-n.
func SmallestSignedP(n int) float64 { return math.Ldexp(1, -n) }

// Permutation tests whether the mean of differences of pairs is 0 by all 2^n choices of their signs (Fisher's exact test of pairs [fisher1935]): the share of
// them whose sum is at least (Greater), at most (Less) or as far from 0 (TwoSided) as that of the differences as they are. Sums that agree to 1e-12 of the
// sum of sizes count as equal. It is exact up to 40 pairs; above, and for no pairs, P is NaN: use SignedRank. An infinite difference outweighs all finite
// ones together.
func Permutation(d []float64, alt Alternative) float64 {
	if len(d) == 0 || len(d) > exactPairs {
		return math.NaN()
	}
	d = finite(d)
	seen, size := 0.0, 0.0
	for _, v := range d {
		seen += v
		size += math.Abs(v)
	}
	tol := 1e-12 * size
	low, high := signSums(d[:len(d)/2]), signSums(d[len(d)/2:])
	share := func(at float64) float64 { // of the choices whose sum is at least at: the two halves are sorted, so one index falls as the other rises
		n, j := 0, len(high)
		for _, v := range low {
			for j > 0 && v+high[j-1] >= at-tol {
				j--
			}
			n += len(high) - j
		}
		return float64(n) / (float64(len(low)) * float64(len(high)))
	}
	switch alt { // the sums are symmetric about 0
	case Greater:
		return share(seen)
	case Less:
		return share(-seen)
	default:
		if math.Abs(seen) <= tol {
			return 1
		}
		return min(1, 2*share(math.Abs(seen)))
	}
}

// finite puts a size beyond the sum of all others in the place of infinite differences.
func finite(d []float64) []float64 {
	sum := 1.0
	for _, v := range d {
		if !math.IsInf(v, 0) {
			sum += math.Abs(v)
		}
	}
	out := slices.Clone(d)
	for i, v := range out {
		if math.IsInf(v, 0) {
			out[i] = math.Copysign(sum, v)
		}
	}
	return out
}

// signSums returns the sums of all choices of signs in ascending order.
func signSums(d []float64) []float64 {
	sums := []float64{0}
	for _, v := range d {
		next := make([]float64, 0, 2*len(sums))
		for _, s := range sums {
			next = append(next, s-v, s+v)
		}
		sums = next
	}
	slices.Sort(sums)
	return sums
}

// PairedShift returns the Hodges-Lehmann location of differences of pairs [hodges1963], the median of all Walsh averages (d_i + d_j)/2 with i <= j, with the
// bounds that invert the exact one-sided signed-rank test: for the sorted averages w_1 <= ... <= w_K, K = n(n+1)/2,
//
//	Lo = w_(c+1), Hi = w_(K-c), c the greatest integer with P(W <= c) <= 1 - level
//
// under the null distribution without ties. Both need differences that are symmetric about their centre. An average of +Inf and -Inf counts as 0. Without
// differences everything is NaN.
func PairedShift(d []float64, level float64) Shift {
	w := walsh(d)
	if len(w) == 0 {
		return Shift{math.NaN(), math.NaN(), math.NaN(), level, false}
	}
	s := Shift{Estimate: Median(w), Lo: math.Inf(-1), Hi: math.Inf(1), Level: level}
	if c := criticalW(len(d), 1-level); c >= 0 {
		s.Lo, s.Hi, s.Finite = w[c], w[len(w)-1-c], true
	}
	return s
}

func walsh(d []float64) []float64 {
	w := make([]float64, 0, len(d)*(len(d)+1)/2)
	for i, a := range d {
		for _, b := range d[i:] {
			if a == -b { // Inf and -Inf, whose mean would be NaN
				w = append(w, 0)
			} else {
				w = append(w, a/2+b/2)
			}
		}
	}
	slices.Sort(w)
	return w
}

// criticalW returns the greatest c with P(W <= c) <= alpha for n pairs without ties, -1 if there is none.
func criticalW(n int, alpha float64) int {
	ranks := make([]int, n)
	for i := range ranks {
		ranks[i] = i + 1
	}
	sum := 0.0
	for w, c := range signChances(ranks) {
		if sum += c; sum > alpha*(1+1e-12) {
			return w - 1
		}
	}
	return n * (n + 1) / 2
}
