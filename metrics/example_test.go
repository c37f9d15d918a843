package metrics_test

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/metrics"
)

// Real rows have mean 1 and variance 2, fakes mean 4 and variance 8: (4-1)^2 + (sqrt 8 - sqrt 2)^2 = 9 + 2.
func ExampleFD() {
	real, fake := mat.NewDense(2, 1, []float64{0, 2}), mat.NewDense(2, 1, []float64{2, 6})
	r, err := metrics.FD{}.Compute(context.Background(), metrics.Pair{Real: real, Fake: fake})
	fmt.Printf("%.3f %v\n", r.Values[0].Value, err)
	// Output: 11.000 <nil>
}

// Two shards of a set, accumulated apart, in other processes if need be, and merged.
func ExampleMoments() {
	var first metrics.Moments
	second, err := metrics.NewMoments(2, 1) // its first row is row 1 of the set
	if err != nil {
		panic(err)
	}
	if err := first.Add(mat.NewDense(1, 2, []float64{1, 2})); err != nil {
		panic(err)
	}
	if err := second.Add(mat.NewDense(1, 2, []float64{3, 6})); err != nil {
		panic(err)
	}
	if err := first.Merge(second); err != nil {
		panic(err)
	}
	s, err := first.Stats()
	fmt.Println(s.N, s.Mean, s.Cov.At(0, 0), s.Cov.At(0, 1), s.Cov.At(1, 1), err)
	// Output: 2 [2 4] 2 4 8 <nil>
}

// A missing input is an error that says which one, not a number.
func ExampleCheck() {
	err := metrics.Check(metrics.FD{}.Info(), metrics.Pair{Real: mat.NewDense(2, 1, []float64{0, 2})})
	fmt.Println(errors.Is(err, metrics.ErrMissing))
	// Output: true
}
