package datasettest_test

import (
	"context"
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/datasets/datasettest"
)

// The laws outside a test: every breach is an error.
func ExampleCheck() {
	breaches := datasettest.Check(context.Background(), datasets.Grid{}, datasets.Options{Seed: 1, Train: 200, Test: 200, Hold: 100})
	fmt.Println(len(breaches))
	// Output: 0
}
