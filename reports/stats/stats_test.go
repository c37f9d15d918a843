package stats

import (
	"math"
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-gan/assay/rng"
)

const exactTol = 1e-12 // algebra in float64

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*(1+math.Abs(want)) || got == want || math.IsNaN(got) && math.IsNaN(want)) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

var inf = math.Inf(1)

func TestDescriptive(t *testing.T) {
	x := []float64{9, 2, 4, 7} // sorted 2 4 7 9, sum 22, squares 150, ss = 150 - 121 = 29
	near(t, "mean", Mean(x), 5.5, exactTol)
	near(t, "sd", StdDev(x), math.Sqrt(29.0/3), exactTol)
	near(t, "se", StdErr(x), math.Sqrt(29.0/12), exactTol)
	near(t, "median", Median(x), 5.5, exactTol)
	near(t, "median with failures", Median([]float64{3, inf, 1, inf, 2}), 3, 0)
	near(t, "median, half failed", Median([]float64{3, inf}), inf, 0)
	near(t, "median of failures", Median([]float64{inf, inf}), inf, 0)
	near(t, "quantile", Quantile(x, .25), 3.5, exactTol) // at 0.75 between 2 and 4
	near(t, "quantile next to a failure", Quantile([]float64{1, 2, inf}, .5), 2, 0)
	near(t, "iqm 4", IQM(x), 5.5, exactTol)                            // the middle two: (4 + 7)/2
	near(t, "iqm 5", IQM([]float64{1, 2, 4, 8, 100}), 11.5/2.5, 1e-12) // weights 0 .75 1 .75 0: (1.5 + 4 + 6)/2.5 = 4.6
	near(t, "median of nothing", Median(nil), math.NaN(), 0)
}

func TestMedianCI(t *testing.T) {
	var x []float64
	for i := range 20 {
		x = append(x, float64(20-i))
	}
	for _, c := range []struct {
		n      int
		lo, hi float64
		level  float64
		ok     bool
	}{
		{5, 16, 20, 1 - 2.0/32, false},           // 93.75 %: no 95 % interval exists
		{6, 15, 20, 1 - 2.0/64, true},            // 96.9 %
		{9, 13, 19, 1 - 2.0*(1+9)/512, true},     // 96.1 %: the second from each end
		{20, 6, 15, 1 - 2*21700.0/1048576, true}, // tables: ranks 6 and 15; sum of C(20,0..5) = 21700
	} {
		ci, ok := MedianCI(x[:c.n], .95)
		if ok != c.ok || ci.Lo != c.lo || ci.Hi != c.hi {
			t.Errorf("n=%d: %v %v, want %v", c.n, ci, ok, c)
		}
		near(t, "level", ci.Level, c.level, exactTol)
	}
}

// bruteMannWhitney enumerates all choices of n of the pooled values.
func bruteMannWhitney(x, y []float64) (less, greater float64) {
	pool := slices.Concat(x, y)
	u := func(mask uint) (u float64) {
		for i := range pool {
			for j := range pool {
				if mask>>i&1 == 1 && mask>>j&1 == 0 {
					u += (sign(pool[i], pool[j]) + 1) / 2
				}
			}
		}
		return u
	}
	seen := u(1<<len(x) - 1)
	all := 0.0
	for mask := range uint(1) << len(pool) {
		if bits.OnesCount(mask) != len(x) {
			continue
		}
		all++
		v := u(mask)
		if v <= seen {
			less++
		}
		if v >= seen {
			greater++
		}
	}
	return less / all, greater / all
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

func TestMannWhitneyAgainstEnumeration(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.SampledFrom([]float64{1, 2, 3, 3.5, 4, 7, 9, inf}) // few values: many ties
		x := rapid.SliceOfN(value, 1, 6).Draw(rt, "x")
		y := rapid.SliceOfN(value, 1, 6).Draw(rt, "y")
		less, greater := bruteMannWhitney(x, y)
		l, g, two := MannWhitney(x, y, Less), MannWhitney(x, y, Greater), MannWhitney(x, y, TwoSided)
		if math.Abs(l.P-less) > exactTol || math.Abs(g.P-greater) > exactTol || math.Abs(two.P-min(1, 2*min(less, greater))) > exactTol || !l.Exact {
			rt.Fatalf("x %v y %v: %v %v %v, want %v %v", x, y, l, g, two, less, greater)
		}
		if math.Abs(l.U+MannWhitney(y, x, Less).U-float64(len(x)*len(y))) > exactTol {
			rt.Fatalf("U of x and of y do not add up to n m")
		}
	})
}

// The smallest attainable two-sided p-values: n=3 .10, 4 .029, 5 .0079, 6 .0022; and the textbook count for n = m = 3: P(U <= 1) = 2/20.
func TestMannWhitneyKnown(t *testing.T) {
	lo, hi := []float64{1, 2, 3, 4, 5, 6}, []float64{7, 8, 9, 10, 11, 12}
	for n, want := range map[int]float64{3: 2.0 / 20, 4: 2.0 / 70, 5: 2.0 / 252, 6: 2.0 / 924} {
		near(t, "two-sided p", MannWhitney(lo[:n], hi[:n], TwoSided).P, want, exactTol)
		near(t, "smallest p", SmallestP(n, n), want/2, exactTol)
	}
	near(t, "one exchange", MannWhitney([]float64{1, 2, 4}, []float64{3, 5, 6}, Less).P, 2.0/20, exactTol)
	if p := MannWhitney([]float64{1, inf, inf}, []float64{2, 3, 4}, Greater).P; p > .36 {
		t.Errorf("failures do not count as the worst: p = %v", p)
	}
	near(t, "an empty side", MannWhitney(nil, lo, Less).P, 1, 0)
	near(t, "constant", MannWhitney([]float64{8, 8, 8}, []float64{8, 8, 8}, TwoSided).P, 1, 0)
}

// The normal approximation, used for large tables only, must agree with the exact tail where both are to be had: n = m = 40 with ties, within 0.002.
func TestNormalApproximation(t *testing.T) {
	s := rng.Stream(1, "normal approximation")
	var x, y []float64
	for range 40 {
		x = append(x, math.Round(4*s.Normal()))
		y = append(y, math.Round(4*s.Normal()+1.5))
	}
	u2, ranks := midranks2(x, y)
	lower, upper := gaussTails(float64(u2)/2, 40*40/2, varianceU(ranks, 40, 40))
	near(t, "lower", lower, MannWhitney(x, y, Less).P, .002)
	near(t, "upper", upper, MannWhitney(x, y, Greater).P, .002)
	big := make([]float64, 400)
	for i := range big {
		big[i] = s.Normal()
	}
	if r := MannWhitney(big[:200], big[200:], TwoSided); r.Exact || r.P < .001 {
		t.Errorf("200 against 200: %+v", r)
	}
}

func TestProbGreater(t *testing.T) {
	// pairs: 1>0, 1<2, 3>0, 3>2, 2>0, 2=2: 4.5 of 6.
	near(t, "P(X>Y)", ProbGreater([]float64{1, 3, 2}, []float64{0, 2}), 4.5/6, exactTol)
}

func TestHodgesLehmann(t *testing.T) {
	// differences of {10 13 14} and {1 2 4}: 6 8 9 9 10 11 12 12 13: median 10; n = m = 3 at 95 %: P(U = 0) = 1/20, so the outermost differences.
	s := HodgesLehmann([]float64{10, 13, 14}, []float64{1, 2, 4}, .95)
	if s.Estimate != 10 || s.Lo != 6 || s.Hi != 13 || !s.Finite {
		t.Errorf("%+v", s)
	}
	// At 90 % P(U <= 1) = 2/20: the next ones.
	if s := HodgesLehmann([]float64{10, 13, 14}, []float64{1, 2, 4}, .9); s.Lo != 8 || s.Hi != 12 {
		t.Errorf("%+v", s)
	}
	if s := HodgesLehmann([]float64{1, 2}, []float64{1, 2}, .95); s.Finite || !math.IsInf(s.Hi, 1) {
		t.Errorf("two against two has no bound: %+v", s)
	}
	if s := HodgesLehmann([]float64{inf, inf, 1, 2, 3}, []float64{1, 2, 3, 4, inf}, .95); math.IsNaN(s.Estimate) || !math.IsInf(s.Hi, 1) {
		t.Errorf("failures: %+v", s)
	}
}

// The upper bound holds in 95 % of 2000 repetitions at least (standard error 0.5 %), and the interval is not wasteful (at most 98 %).
func TestHodgesLehmannCovers(t *testing.T) {
	s, held := rng.Stream(3, "cover"), 0
	x, y := make([]float64, 8), make([]float64, 10)
	for range 2000 {
		for i := range x {
			x[i] = s.Normal() + 2
		}
		for i := range y {
			y[i] = s.Normal()
		}
		if HodgesLehmann(x, y, .95).Hi >= 2 {
			held++
		}
	}
	if held < 1880 || held > 1960 {
		t.Errorf("the bound held %d times of 2000", held)
	}
}

func TestHolm(t *testing.T) {
	p := []float64{.01, .04, .03, .005}
	// Holm, ascending .005 .01 .03 .04: x4 .02, x3 .03, x2 .06, x1 .04 -> .06.
	for i, want := range []float64{.03, .06, .06, .02} {
		near(t, "holm", Holm(p)[i], want, exactTol)
	}
	near(t, "at most 1", Holm([]float64{.9, .8})[0], 1, 0)
}

func TestFisher(t *testing.T) {
	// The lady tasting tea: 3 of 4 against 1 of 4: (C(4,3)C(4,1) + 1)/C(8,4) = 17/70; two-sided 34/70.
	near(t, "greater", Fisher(3, 4, 1, 4, Greater), 17.0/70, 1e-10)
	near(t, "two-sided", Fisher(3, 4, 1, 4, TwoSided), 34.0/70, 1e-10)
	near(t, "less", Fisher(3, 4, 1, 4, Less), 69.0/70, 1e-10)
	near(t, "no events", Fisher(0, 4, 0, 9, Greater), 1, 0)
	// 3 of 3 failed against 0 of 10: 1/C(13,3).
	near(t, "all against none", Fisher(3, 3, 0, 10, Greater), 1.0/286, 1e-10)
}

func TestRateBound(t *testing.T) {
	near(t, "0 of 10", RateBound(0, 10, .95), 1-math.Pow(.05, .1), 1e-12) // .2589
	near(t, "0 of 30", RateBound(0, 30, .95), 1-math.Pow(.05, 1.0/30), 1e-12)
	near(t, "9 of 10", RateBound(9, 10, .95), math.Pow(.95, .1), 1e-9) // 1 - p^10 = .05
	near(t, "all", RateBound(4, 4, .95), 1, 0)
}

// Enumerate all draws of k of n and take the mean of the least.
func TestExpectedMinAgainstEnumeration(t *testing.T) {
	x := []float64{5, 1, 3, 3, 8}
	for k := 1; k <= 4; k++ {
		sum, count, sumDistinct, countDistinct := 0.0, 0.0, 0.0, 0.0
		var mins []float64
		index := make([]int, k)
		for {
			least, seen := inf, 0
			for _, i := range index {
				least = min(least, x[i])
				seen |= 1 << i
			}
			sum, count = sum+least, count+1
			mins = append(mins, least)
			if bits.OnesCount(uint(seen)) == k {
				sumDistinct, countDistinct = sumDistinct+least, countDistinct+1
			}
			at := 0
			for at < k {
				if index[at]++; index[at] < len(x) {
					break
				}
				index[at], at = 0, at+1
			}
			if at == k {
				break
			}
		}
		near(t, "with replacement", ExpectedMin(x, k, true), sum/count, 1e-12)
		near(t, "without", ExpectedMin(x, k, false), sumDistinct/countDistinct, 1e-10)
		slices.Sort(mins)
		for _, q := range []float64{.1, .5, .9} {
			near(t, "quantile of the min", MinQuantile(x, k, q, true), mins[int(math.Ceil(q*float64(len(mins))))-1], 0)
		}
	}
	near(t, "failures can be the least", ExpectedMin([]float64{1, inf}, 2, true), inf, 0)
	near(t, "the median is finite", MinQuantile([]float64{1, inf}, 2, .5, true), 1, 0)
	near(t, "without replacement of all", ExpectedMin([]float64{2, inf}, 2, false), 2, exactTol)
	near(t, "k > n", ExpectedMin(x, 6, false), math.NaN(), 0)
}

// A 90 % bootstrap interval of the mean of 400 normal values is mean +- 1.645 se, within 10 % of its width; strata are resampled apart.
func TestBootstrap(t *testing.T) {
	s := rng.Stream(9, "values")
	x := make([]float64, 400)
	for i := range x {
		x[i] = 3 + 2*s.Normal()
	}
	mean := func(d [][]float64) float64 { return Mean(d[0]) }
	ci := Bootstrap(rng.Stream(1, "bootstrap"), [][]float64{x}, 4000, .9, mean)
	near(t, "lo", ci.Lo, Mean(x)-1.645*StdErr(x), .01)
	near(t, "hi", ci.Hi, Mean(x)+1.645*StdErr(x), .01)
	if again := Bootstrap(rng.Stream(1, "bootstrap"), [][]float64{x}, 4000, .9, mean); again != ci {
		t.Error("the same stream gave another interval")
	}
	two := Bootstrap(rng.Stream(1, "strata"), [][]float64{{1, 1}, {10, 10, 10}}, 100, .9, func(d [][]float64) float64 { return Mean(d[0]) + Mean(d[1]) })
	if two.Lo != 11 || two.Hi != 11 {
		t.Errorf("strata were mixed: %v", two)
	}
}

func TestAgreement(t *testing.T) {
	// One exchange of neighbours among 4: 5 concordant, 1 discordant: 4/6; p: |tau| >= 2/3 in 2 (1 + 3) = 8 of 24.
	tau, p := Kendall([]float64{1, 2, 3, 4}, []float64{10, 30, 20, 40})
	near(t, "tau", tau, 4.0/6, exactTol)
	near(t, "p", p, 8.0/24, exactTol)
	// With a tie in x: 2 concordant of pairs 3, one tied in x: 2 / sqrt(2 * 3).
	tau, _ = Kendall([]float64{1, 1, 2}, []float64{1, 2, 3})
	near(t, "tau-b", tau, 2/math.Sqrt(6), exactTol)
	if v, p := Kendall([]float64{1, 1}, []float64{1, 2}); !math.IsNaN(v) || p != 1 {
		t.Errorf("a constant side: %v %v", v, p)
	}
	var x []float64
	for i := range 12 {
		x = append(x, float64(i))
	}
	if v, p := Kendall(x, x); v != 1 || p > 1e-5 {
		t.Errorf("12 equal rankings: %v, p %v", v, p)
	}
}

func TestInputsStayUntouched(t *testing.T) {
	x, y := []float64{3, 1, 2}, []float64{9, 8, 7}
	Median(x)
	IQM(x)
	MedianCI(x, .95)
	MannWhitney(x, y, Less)
	HodgesLehmann(x, y, .9)
	ExpectedMin(x, 2, true)
	Kendall(x, y)
	Holm(y)
	if !slices.Equal(x, []float64{3, 1, 2}) || !slices.Equal(y, []float64{9, 8, 7}) {
		t.Error("an input was changed")
	}
}
