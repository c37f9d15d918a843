package sanity_test

import (
	"context"
	"fmt"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/metrics/sanity"
)

// One check on a distance: two clouds six standard deviations apart in one dimension, whatever the scale of the other.
func Example() {
	for _, check := range sanity.Checks() {
		if check.ID != "gaussian-scaling-one-dimension" {
			continue
		}
		curves, err := sanity.Trace(context.Background(), check.Scenarios[0], []sanity.Measure{{Metric: metrics.FDDiag{}}}, sanity.Options{Repeats: 10, Nulls: 5, Seed: 1}, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, f := range sanity.Judge(curves[0]) {
			fmt.Printf("%s: %s\n", f.Criterion, f.Outcome)
		}
	}
	// Output:
	// shape: pass
	// left extreme value: pass
	// right extreme value: pass
}
