package metrics

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// bandwidthRows is how many rows the automatic bandwidth is found from: 125 000 pairs.
const bandwidthRows = 500

// bandwidth is that of the real rows, found once where they last.
func (p Pair) bandwidth(modes int) float64 {
	s, _ := once(p.Shared, fact{fmt.Sprint("bandwidth ", p.Seed), p.Real, nil, modes}, func() (float64, error) { // it has no errors
		return bandwidth(inOrder(Pair{Real: p.Real}).Real, modes, p.Seed), nil
	})
	return s
}

// bandwidth is the width s of the Gaussian kernel exp(-|x-y|^2 / 2 s^2) under which the rows of x have so many effective modes by Renyi's kernel entropy of order 2:
//
//	mean over i != j of k(x_i, x_j)^2 = 1/modes
//
// It follows the unit of the features, depends on x alone, so that models scored against one reference share it, and is found by bisection to the last digits. Rows
// must be in an order of their own (inOrder). Where repeated rows alone exceed the mean, a twentieth of the other pairs stands for it; rows that are all equal give 1.
func bandwidth(x *mat.Dense, modes int, seed uint64) float64 {
	x = choose(x, bandwidthRows, seed, "bandwidth")
	var d2 []float64
	same, n := 0, rows(x)
	all := numeric.SqDists(x, x)
	for i := range n {
		for _, v := range all.RawRowView(i)[i+1:] {
			if v > 0 {
				d2 = append(d2, v)
			} else {
				same++
			}
		}
	}
	if len(d2) == 0 {
		return 1
	}
	least, most := d2[0], d2[0]
	for _, v := range d2 {
		least, most = min(least, v), max(most, v)
	}
	pairs := float64(same + len(d2))
	target := pairs / float64(modes)
	if float64(same) >= target {
		target = float64(same) + float64(len(d2))/20
	}
	lo, hi := math.Log(least)/2-3, math.Log(most)/2+3
	for range 60 {
		mid := (lo + hi) / 2
		scale, sum := -math.Exp(-2*mid), float64(same)
		for _, v := range d2 {
			sum += math.Exp(v * scale)
		}
		if sum < target {
			lo = mid
		} else {
			hi = mid
		}
	}
	return math.Exp((lo + hi) / 2)
}
