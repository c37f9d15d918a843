package metrics

import (
	"math"
)

// confidence is the level of the intervals that metrics attach, and z95 its two-sided normal quantile.
const (
	confidence = 0.95
	z95        = 1.959963984540054
)

// wilson is Wilson's score interval of a share: k of n [wilson1927]. It stays inside [0, 1] and is right for shares near the ends.
func wilson(k, n float64) *Interval {
	if n <= 0 {
		return nil
	}
	p, z2 := k/n, z95*z95
	mid := (p + z2/(2*n)) / (1 + z2/n)
	half := z95 / (1 + z2/n) * math.Sqrt(p*(1-p)/n+z2/(4*n*n))
	lo, hi := mid-half, mid+half
	if k == 0 {
		lo = 0
	}
	if k == n {
		hi = 1
	}
	return &Interval{Lo: max(0, lo), Hi: min(1, hi), Level: confidence, Method: "wilson"}
}

// AtTheseN ends the method of an interval for the mean of the score over samples of the same sizes, where the score of infinitely many rows is another
// number or not defined.
const AtTheseN = ", mean at these N"

// share is k of n as a value with its interval.
func share(name string, k, n int, better Direction) Value {
	return value(name, float64(k)/float64(n), better).within(wilson(float64(k), float64(n)))
}

// around is the normal interval x +- z se, cut to [lo, hi]; nil where the error is not defined.
func around(x, se, lo, hi float64, method string) *Interval {
	if math.IsNaN(se) || math.IsInf(se, 0) || math.IsInf(x, 0) {
		return nil
	}
	return &Interval{Lo: max(lo, x-z95*se), Hi: min(hi, x+z95*se), Level: confidence, Method: method}
}

// meanSE is the mean of x and its standard error (ddof 1).
func meanSE(x []float64) (mean, se float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v
	}
	mean /= n
	s := 0.0
	for _, v := range x {
		s += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(s / (n - 1) / n)
}

// jackknifeSE is the standard error from leave-one-out values:
//
//	se^2 = (n-1)/n sum_i (theta_(i) - mean)^2
func jackknifeSE(loo []float64) float64 {
	n := float64(len(loo))
	mean := 0.0
	for _, v := range loo {
		mean += v / n
	}
	s := 0.0
	for _, v := range loo {
		s += (v - mean) * (v - mean)
	}
	return math.Sqrt(s * (n - 1) / n)
}

func meanStd(x []float64, ddof int) (mean, std float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	for _, v := range x {
		std += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(std / (n - float64(ddof)))
}

// quantile interpolates linearly between order statistics.
func quantile(sorted []float64, q float64) float64 {
	h := q * float64(len(sorted)-1)
	i := int(h)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i])
}

// scale puts an interval of a power, which is nowhere below 0, on the scale of its root. It is safe on nil.
func (iv *Interval) scale(root func(float64) float64) {
	if iv == nil {
		return
	}
	iv.Lo, iv.Hi = root(iv.Lo), root(iv.Hi)
	if iv.Centre != nil {
		centre := root(max(0, *iv.Centre))
		iv.Centre = &centre
	}
}

func clip01(x float64) float64 { return min(1, max(0, x)) }

// medianInterval is the distribution-free interval of a median between order statistics, over unit; nil for fewer than 6.
func medianInterval(sorted []float64, unit float64, method string) *Interval {
	n := float64(len(sorted))
	half := z95 * math.Sqrt(n) / 2
	lo, hi := int(math.Floor(n/2-half)), int(math.Ceil(n/2+half))
	if n < 6 || lo < 0 || hi >= len(sorted) {
		return nil
	}
	return &Interval{Lo: sorted[lo] / unit, Hi: sorted[hi] / unit, Level: confidence, Method: method}
}

// countVariance is the jackknife's: leaving out one of the samples of a bin gives the same value for all of them.
func countVariance(counts []int, f func(counts []int, without int) float64) float64 {
	n, mean, sq := 0.0, 0.0, 0.0
	loo := make([]float64, len(counts))
	for c, k := range counts {
		if k > 0 {
			loo[c] = f(counts, c)
			mean += loo[c] * float64(k)
			n += float64(k)
		}
	}
	mean /= n
	for c, k := range counts {
		if k > 0 {
			sq += (loo[c] - mean) * (loo[c] - mean) * float64(k)
		}
	}
	return sq * (n - 1) / n
}
