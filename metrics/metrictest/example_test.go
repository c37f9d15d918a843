package metrictest_test

import (
	"context"
	"fmt"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/metrics/metrictest"
)

// A planted failure is a pair whose fault is known: a metric of one's own should find a generator that knows one mode of eight worse than the perfect one.
func ExamplePlanted() {
	fd, value := metrics.FD{}, map[string]float64{}
	for _, f := range metrictest.Failures() {
		r, err := fd.Compute(context.Background(), metrictest.Planted(f, 500, 1))
		if err != nil {
			panic(err)
		}
		value[f.ID] = r.Values[0].Value
	}
	fmt.Println(metrictest.Worse(fd.Info(), value["single"], value["perfect"]))
	// Output: true
}
