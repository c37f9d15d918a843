package numeric

import "math"

// Unbiased is the estimator of MMD^2 whose mean is MMD^2, negative values included [gretton2012]:
//
//	mean_{i != j} k(x_i, x_j) + mean_{i != j} k(y_i, y_j) - 2 mean_ij k(x_i, y_j)
func (s PairSums) Unbiased() float64 {
	n, m := float64(s.N), float64(s.M)
	return Sum(s.RowXX)/(n*(n-1)) + Sum(s.RowYY)/(m*(m-1)) - 2*Sum(s.RowXY)/(n*m)
}

// Biased is the V-statistic: the squared distance of the two empirical embeddings, never negative but for rounding.
func (s PairSums) Biased() float64 {
	n, m := float64(s.N), float64(s.M)
	return (Sum(s.RowXX)+s.DiagX)/(n*n) + (Sum(s.RowYY)+s.DiagY)/(m*m) - 2*Sum(s.RowXY)/(n*m)
}

// UStatistic is the one-sample U-statistic over pairs (x_i, y_i), which leaves the pairs i = j out of the cross term too. It needs N = M.
func (s PairSums) UStatistic() float64 {
	n := float64(s.N)
	return (Sum(s.RowXX) + Sum(s.RowYY) - 2*(Sum(s.RowXY)-s.DiagXY)) / (n * (n - 1))
}

// Variance estimates the sampling variance of Unbiased from its Hoeffding decomposition:
//
//	4 v_x/n + 4 v_y/m + 2 w_xx/(n(n-1)) + 2 w_yy/(m(m-1)) + 4 w_xy/(nm)
//
// v_x is the variance of E k(x, x') - E k(x, y) over x, corrected for the noise of its row means; the w are what remains of the kernel's variance
// once both row effects are taken off, which is all there is where the populations agree.
func (s PairSums) Variance() float64 { return s.Spread().At(s.N, s.M) }

// Spread is the Hoeffding decomposition of the estimator's variance: what has to be known to tell its variance at any number of rows.
type Spread struct{ VX, VY, WXX, WYY, WXY float64 }

// Add adds w times o, so that several samples of the same populations can be averaged.
func (s *Spread) Add(w float64, o Spread) {
	s.VX += w * o.VX
	s.VY += w * o.VY
	s.WXX += w * o.WXX
	s.WYY += w * o.WYY
	s.WXY += w * o.WXY
}

// At is the variance of Unbiased of n and m rows. Negative components, possible by chance, count as 0.
func (s Spread) At(rowsX, rowsY int) float64 {
	n, m := float64(rowsX), float64(rowsY)
	return 4*max(0, s.VX)/n + 4*max(0, s.VY)/m + 2*s.WXX/(n*(n-1)) + 2*s.WYY/(m*(m-1)) + 4*max(0, s.WXY)/(n*m)
}

// Spread estimates the components from all pairs; see Variance.
func (s PairSums) Spread() Spread {
	n, m := float64(s.N), float64(s.M)
	xx := newRowEffect(s.RowXX, n-1, s.SqXX)
	yy := newRowEffect(s.RowYY, m-1, s.SqYY)
	xy := newRowEffect(s.RowXY, m, s.SqXY)
	yx := newRowEffect(s.RowYX, n, s.SqXY)
	return Spread{
		VX:  diffVariance(s.RowXX, n-1, s.RowXY, m) - xx.rest(2)/(n-1) - (xy.total-xy.between)/m,
		VY:  diffVariance(s.RowYY, m-1, s.RowYX, n) - yy.rest(2)/(m-1) - (yx.total-yx.between)/n,
		WXX: xx.rest(2), WYY: yy.rest(2), WXY: xy.total - xy.between - yx.between,
	}
}

// rowEffect splits the variance of kernel values into what rows explain and the rest.
type rowEffect struct{ total, between float64 }

func newRowEffect(sums []float64, count, squares float64) rowEffect {
	n := float64(len(sums))
	mean := Sum(sums) / (n * count)
	e := rowEffect{total: max(0, squares/(n*count)-mean*mean)}
	for _, v := range sums {
		e.between += (v/count - mean) * (v/count - mean) / (n - 1)
	}
	// The mean of count values varies by within/count even if rows do not matter.
	within := max(0, e.total-e.between)
	e.between = max(0, e.between-within/count)
	return e
}

// rest is the variance left after sides row effects.
func (e rowEffect) rest(sides float64) float64 { return max(0, e.total-sides*e.between) }

// diffVariance is the variance over rows of the difference of two row means.
func diffVariance(a []float64, na float64, b []float64, nb float64) float64 {
	n := float64(len(a))
	mean := (Sum(a)/na - Sum(b)/nb) / n
	v := 0.0
	for i := range a {
		d := a[i]/na - b[i]/nb - mean
		v += d * d
	}
	if n < 2 {
		return math.NaN()
	}
	return v / (n - 1)
}
