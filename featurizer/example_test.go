package featurizer_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
)

// The first principal component of points on a line is their place on it: (1,1), (2,2), (3,3) lie at distances of sqrt 2.
func ExampleOpen() {
	points, err := datasets.NewSamples([]int{2}, []float32{1, 1, 2, 2, 3, 3}, nil)
	if err != nil {
		panic(err)
	}
	f, err := featurizer.Open(context.Background(), "pca(1,none)", featurizer.Env{Reference: points})
	if err != nil {
		panic(err)
	}
	out, err := f.Featurize(context.Background(), points)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s %.4f\n", f.ID(), mat.Col(nil, 0, out.Features))
	// Output: pca(1,none) [-1.4142 0.0000 1.4142]
}
