package stats

import (
	"slices"

	"github.com/assay-gan/assay/rng"
)

// Bootstrap returns the percentile interval of a statistic under resampling with replacement within each stratum (a task, a data set) [agarwal2021]. The
// statistic gets the resampled strata in their order and must not keep them. With one stratum it is the ordinary bootstrap [efron1979].
func Bootstrap(s *rng.Source, strata [][]float64, reps int, level float64, statistic func([][]float64) float64) Interval {
	draw := make([][]float64, len(strata))
	for i, x := range strata {
		draw[i] = make([]float64, len(x))
	}
	values := make([]float64, reps)
	for r := range values {
		for i, x := range strata {
			for j := range x {
				draw[i][j] = x[s.IntN(len(x))]
			}
		}
		values[r] = statistic(draw)
	}
	slices.Sort(values)
	return Interval{quantileSorted(values, (1-level)/2), quantileSorted(values, (1+level)/2), level}
}
