package stats

import (
	"cmp"
	"slices"

	"github.com/assay-gan/assay/rng"
)

// Bootstrap returns the percentile interval of a statistic under resampling with replacement within each stratum (a task, a data set) [agarwal2021]. The
// statistic gets the resampled strata in their order and must not keep them. With one stratum it is the ordinary bootstrap [efron1979].
func Bootstrap(s *rng.Source, strata [][]float64, reps int, level float64, statistic func([][]float64) float64) Interval {
	return BootstrapAll(s, strata, reps, level, func(drawn [][]float64) []float64 { return []float64{statistic(drawn)} })[0]
}

// BootstrapAll is Bootstrap for several statistics of the same draws, an interval for each: those of all models, say, whose ranks hang together. The statistic returns as many
// numbers each time. It returns none for reps < 1.
func BootstrapAll(s *rng.Source, strata [][]float64, reps int, level float64, statistic func([][]float64) []float64) []Interval {
	draw := make([][]float64, len(strata))
	for i, x := range strata {
		draw[i] = make([]float64, len(x))
	}
	return resampled(reps, level, func() []float64 {
		for i, x := range strata {
			for j := range x {
				draw[i][j] = x[s.IntN(len(x))]
			}
		}
		return statistic(draw)
	})
}

// BootstrapSorted is Bootstrap of a statistic that asks nothing of the order of values, such as a quantile, and sorts them: it gets every resampled stratum sorted, by counting, so that its own sorting finds nothing to do. The interval is
// that of Bootstrap, to the bit.
func BootstrapSorted(s *rng.Source, strata [][]float64, reps int, level float64, statistic func([][]float64) float64) Interval {
	draw, values, rank, count := make([][]float64, len(strata)), make([][]float64, len(strata)), make([][]int, len(strata)), make([][]int, len(strata))
	for i, x := range strata {
		order := make([]int, len(x))
		for j := range x {
			order[j] = j
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
		rank[i], count[i], draw[i] = make([]int, len(x)), make([]int, len(x)), make([]float64, len(x))
		for at, j := range order {
			rank[i][j], values[i] = at, append(values[i], x[j])
		}
	}
	one := make([]float64, 1)
	return resampled(reps, level, func() []float64 {
		for i, n := range count {
			clear(n)
			for range n {
				n[rank[i][s.IntN(len(n))]]++
			}
			out := draw[i][:0]
			for at, times := range n {
				for range times {
					out = append(out, values[i][at])
				}
			}
		}
		one[0] = statistic(draw)
		return one
	})[0]
}

// resampled are the intervals between quantiles of so many draws of some values.
func resampled(reps int, level float64, draw func() []float64) []Interval {
	var values [][]float64 // by statistic
	for r := range reps {
		for k, v := range draw() {
			if r == 0 {
				values = append(values, make([]float64, reps))
			}
			values[k][r] = v
		}
	}
	out := make([]Interval, len(values))
	for k, v := range values {
		slices.Sort(v)
		out[k] = Interval{quantileSorted(v, (1-level)/2), quantileSorted(v, (1+level)/2), level}
	}
	return out
}
