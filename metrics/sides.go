package metrics

import (
	"slices"

	"gonum.org/v1/gonum/mat"
)

// same says whether both sides are the same matrix, number for number.
func same(p Pair) bool { return p.Real != nil && p.Fake != nil && mat.Equal(p.Real, p.Fake) }

// identicalResult is the stated answer to identical inputs: exactly 0.
func identicalResult(s settings, values ...Value) Result {
	r := newResult(s, values...)
	r.degenerate("real and fake are the same rows in the same order: 0 by definition; compare with another sample of the real data")
	return r
}

// describeSides adds what every distance of feature sets should say about its input.
func describeSides(r *Result, real, fake *mat.Dense) {
	if a, b := rows(real), rows(fake); a != b {
		r.note("%d real rows and %d fake rows: compare only with values at the same two counts", a, b)
	}
	for _, side := range []struct {
		role string
		x    *mat.Dense
	}{{"real", real}, {"fake", fake}} {
		if c := constantColumns(side.x); c > 0 {
			_, d := side.x.Dims()
			r.note("%d of %d features are the same in every %s row: they carry a shift only; look at the featurizer or for collapse", c, d, side.role)
		}
	}
}

func constantColumns(x *mat.Dense) int {
	n, d := x.Dims()
	constant, first := identity(d), x.RawRowView(0)
	for i := 1; i < n && len(constant) > 0; i++ { // few rows leave none
		row := x.RawRowView(i)
		constant = slices.DeleteFunc(constant, func(j int) bool { return row[j] != first[j] })
	}
	return len(constant)
}
