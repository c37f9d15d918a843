package numeric

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Pick is the rows of x at the places, in their order; nil where there are no places, or no x.
func Pick(x *mat.Dense, places []int) *mat.Dense {
	if x == nil || len(places) == 0 {
		return nil
	}
	_, d := x.Dims()
	out := mat.NewDense(len(places), d, nil)
	for k, i := range places {
		out.SetRow(k, x.RawRowView(i))
	}
	return out
}

// Standard is the mean of each column and its standard deviation (divided by n), 1 for columns without spread.
func Standard(x *mat.Dense) (mean, scale []float64) {
	n, d := x.Dims()
	mean, scale = make([]float64, d), make([]float64, d)
	for i := range n {
		for l, v := range x.RawRowView(i) {
			mean[l] += v / float64(n)
		}
	}
	for i := range n {
		for l, v := range x.RawRowView(i) {
			scale[l] += (v - mean[l]) * (v - mean[l]) / float64(n)
		}
	}
	for l, v := range scale {
		scale[l] = 1
		if v > 0 {
			scale[l] = math.Sqrt(v)
		}
	}
	return mean, scale
}
