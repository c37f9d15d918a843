package stats

import (
	"math"
	"slices"
)

func sorted(x []float64) []float64 {
	s := slices.Clone(x)
	slices.Sort(s)
	return s
}

// Mean returns the arithmetic mean; NaN for no values. An infinite value makes it infinite.
func Mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// StdDev returns the standard deviation with ddof 1; NaN for fewer than 2 values.
func StdDev(x []float64) float64 {
	if len(x) < 2 {
		return math.NaN()
	}
	m, ss := Mean(x), 0.0
	for _, v := range x {
		ss += (v - m) * (v - m)
	}
	return math.Sqrt(ss / float64(len(x)-1))
}

// StdErr returns the standard error of the mean, StdDev / sqrt(n); NaN for fewer than 2 values.
func StdErr(x []float64) float64 { return StdDev(x) / math.Sqrt(float64(len(x))) }

// Median returns the middle value, or the mean of the two middle ones; NaN for no values. With failures as +Inf it stays finite while fewer than half
// failed.
func Median(x []float64) float64 {
	n := len(x)
	if n == 0 {
		return math.NaN()
	}
	s := sorted(x)
	if n%2 == 1 || s[n/2-1] == s[n/2] {
		return s[n/2]
	}
	return s[n/2-1]/2 + s[n/2]/2
}

// Quantile returns the q-quantile by linear interpolation between order statistics, s[(n-1)q] (type 7 of Hyndman and Fan); NaN for no values.
func Quantile(x []float64, q float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	return quantileSorted(sorted(x), q)
}

func quantileSorted(s []float64, q float64) float64 {
	at := q * float64(len(s)-1)
	i := min(max(int(math.Floor(at)), 0), len(s)-1)
	f := at - float64(i)
	if f <= 0 || i+1 >= len(s) || s[i] == s[i+1] {
		return s[i]
	}
	return s[i]*(1-f) + s[i+1]*f
}

// IQM returns the interquartile mean: the mean of the middle half, the border values weighted by the part of them that lies inside [agarwal2021]
// (who round the trimmed count down instead). It needs one value and is NaN for none; it stays finite while at most a quarter are infinite.
func IQM(x []float64) float64 {
	s := sorted(x)
	n := float64(len(s))
	lo, hi := n/4, 3*n/4
	sum, weight := 0.0, 0.0
	for i, v := range s {
		w := math.Min(float64(i+1), hi) - math.Max(float64(i), lo)
		if w > 0 {
			sum += w * v
			weight += w
		}
	}
	return sum / weight
}

// Interval is a confidence interval. Level is what it really covers, which for order statistics of few values is not what was asked for.
type Interval struct{ Lo, Hi, Level float64 }

// MedianCI returns the narrowest symmetric interval of order statistics (s[k], s[n-1-k]) that covers the population's median with at least the level,
//
//	P(covers) = 1 - 2 P(Binomial(n, 1/2) <= k),
//
// with no assumption on the distribution. ok is false where none exists, n < 6 for 95 %: then it is the whole range, with the level that has.
func MedianCI(x []float64, level float64) (ci Interval, ok bool) {
	n := len(x)
	if n == 0 {
		return Interval{math.NaN(), math.NaN(), 0}, false
	}
	s := sorted(x)
	ci = Interval{s[0], s[n-1], 1 - 2*math.Pow(.5, float64(n))}
	tail, term := 0.0, math.Pow(.5, float64(n))
	for k := 0; k < n/2; k++ {
		tail += term
		term *= float64(n-k) / float64(k+1)
		if 1-2*tail < level {
			break
		}
		ci, ok = Interval{s[k], s[n-1-k], 1 - 2*tail}, true
	}
	return ci, ok
}
