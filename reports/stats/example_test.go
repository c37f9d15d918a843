package stats_test

import (
	"fmt"

	"github.com/assay-gan/assay/reports/stats"
)

// All of one sample below all of another, three against three: one of the 20 ways to deal six values, so p = 1/20 a side.
func ExampleMannWhitney() {
	t := stats.MannWhitney([]float64{1, 2, 3}, []float64{4, 5, 6}, stats.Less)
	fmt.Printf("%.2f\n", t.P)
	// Output: 0.05
}

// The largest p first in Holm's line is multiplied by 1, the smallest by the number of tests.
func ExampleHolm() {
	fmt.Printf("%.2f\n", stats.Holm([]float64{0.01, 0.04}))
	// Output: [0.02 0.04]
}

// Four pairs that all rose: one of the 16 choices of signs.
func ExampleSignedRank() {
	fmt.Println(stats.SignedRank([]float64{0.3, 0.1, 0.4, 0.2}, stats.Greater).P)
	// Output: 0.0625
}

// Two metrics order four models; the middle two change places. Five of six pairs agree, one does not: tau = 4/6, which a third of all orders reaches either way.
func ExampleKendall() {
	tau, p := stats.Kendall([]float64{12.1, 14.0, 19.5, 30.2}, []float64{0.02, 0.05, 0.04, 0.09})
	fmt.Printf("%.3f %.3f\n", tau, p)
	// Output: 0.667 0.333
}
