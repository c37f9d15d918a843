package gate_test

import (
	"fmt"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/gate"
)

// Ten runs a side: the same values are identical to the bit, ten times the distance is a regression.
func ExampleDecide() {
	runs := func(factor float64) (recs []reports.Record) {
		for seed := range uint64(10) {
			recs = append(recs, reports.Record{Cell: fmt.Sprint(factor, seed), Model: "gan", Dataset: "ring", Seed: seed, Metric: "fd", Value: factor * (1 + 0.01*float64(seed)), Better: reports.Lower, Status: reports.OK})
		}
		return recs
	}
	base, err := gate.NewBaseline(runs(1), gate.Making{Metrics: []string{"fd"}, Reason: "ten seeds"})
	if err != nil {
		panic(err)
	}
	for _, factor := range []float64{1, 10} {
		v, err := gate.Decide(base, runs(factor), gate.Options{})
		if err != nil {
			panic(err)
		}
		fmt.Println(v.Status)
	}
	// Output:
	// identical
	// regression
}
