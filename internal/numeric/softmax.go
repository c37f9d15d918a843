package numeric

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// SoftmaxRows turns rows of unnormalised scores into probabilities: exp(x - max) / sum, in a new matrix.
func SoftmaxRows(scores *mat.Dense) *mat.Dense {
	p := mat.DenseCopyOf(scores)
	n, _ := p.Dims()
	for i := range n {
		row := p.RawRowView(i)
		top, sum := slices.Max(row), 0.0
		for j, v := range row {
			row[j] = math.Exp(v - top)
			sum += row[j]
		}
		for j := range row {
			row[j] /= sum
		}
	}
	return p
}
