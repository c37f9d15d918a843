package conformance_test

import (
	"context"
	"fmt"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/metrics/conformance"
)

// The golden values of one metric, computed by this implementation of it.
func ExampleRun() {
	cases, err := conformance.Cases()
	if err != nil {
		panic(err)
	}
	var ks []conformance.Case
	for _, c := range cases {
		if c.Metric == "kid_full" {
			ks = append(ks, c)
		}
	}
	failed := 0
	for _, o := range conformance.Run(context.Background(), metrics.All(), ks) {
		if !o.Pass {
			failed++
		}
	}
	fmt.Println(len(ks) > 0, failed)
	// Output: true 0
}
