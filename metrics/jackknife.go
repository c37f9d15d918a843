package metrics

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// jackknifeGroups is the number of groups a side that the delete-a-group jackknife leaves out in turn.
const jackknifeGroups = 20

// twoSample is the delete-a-group jackknife of a two-sample estimate [efron1979]. full is the estimate from all rows; real[g] and fake[g] are the
// estimates without group g of that side. For each side, with G groups,
//
//	bias = (G - 1)(mean - full),  variance = (G - 1)/G sum (theta_g - mean)^2
//
// and the two sides add. The interval is centred on full - bias with Student's t at 2(G - 1) degrees of freedom: estimates such as the Frechet
// distance grow by resampling, so that a percentile bootstrap around full never covers.
func twoSample(full float64, real, fake []float64, lo, hi float64) (bias float64, iv *Interval) {
	bias, v, df := jackknife(full, real, fake)
	if df == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, nil
	}
	half, mid := studentQuantile(df)*math.Sqrt(v), full-bias
	return bias, &Interval{Lo: min(hi, max(lo, mid-half)), Hi: max(lo, min(hi, mid+half)), Level: confidence, Method: "bias-corrected group jackknife"}
}

// jackknife adds bias and variance over the sides; df is the degrees of freedom behind the variance.
func jackknife(full float64, sides ...[]float64) (bias, variance float64, df int) {
	for _, side := range sides {
		g := float64(len(side))
		if g < 2 {
			continue
		}
		mean := 0.0
		for _, t := range side {
			mean += t / g
		}
		bias += (g - 1) * (mean - full)
		for _, t := range side {
			variance += (g - 1) / g * (t - mean) * (t - mean)
		}
		df += len(side) - 1
	}
	return bias, variance, df
}

// studentQuantile is the two-sided quantile of Student's t at the level of all intervals.
func studentQuantile(df int) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(df)}.Quantile(1 - (1-confidence)/2)
}
