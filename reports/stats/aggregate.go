package stats

import "slices"

// PooledIQM returns the interquartile mean over the runs of all strata together (tasks, data sets) [agarwal2021]: a quarter of all runs is trimmed on each side, so that it rests on
// more than the median and on no outlier. The values of the strata must be on one scale. Failures as +Inf leave it finite while at most a quarter of all runs failed. NaN without values.
func PooledIQM(strata [][]float64) float64 { return IQM(slices.Concat(strata...)) }

// Improvement returns the probability that a run of x has a greater value than one of y, a tie counting one half, as the mean over the strata (data sets) in which both have runs
// [agarwal2021]:
//
//	mean over strata of U / (n m).
//
// No value is compared with one of another stratum, so that they need no common scale. Where less is better, P(x better) is Improvement(y, x). NaN where no stratum has both.
func Improvement(x, y [][]float64) float64 {
	var all []float64
	for i := range min(len(x), len(y)) {
		if len(x[i]) > 0 && len(y[i]) > 0 {
			all = append(all, ProbGreater(x[i], y[i]))
		}
	}
	return Mean(all)
}

// Profile returns the performance profile of costs [dolan2002], by runs instead of by tasks [agarwal2021]: for each limit the share of the runs whose value is at most that, as the mean over
// the strata. Failures as +Inf are within no finite limit, so that the profile of a model whose runs fail ends below 1. Strata without runs count for nothing; without any all are NaN.
func Profile(strata [][]float64, limits []float64) []float64 {
	out := make([]float64, len(limits))
	for i, limit := range limits {
		var shares []float64
		for _, x := range strata {
			if len(x) == 0 {
				continue
			}
			within := 0
			for _, v := range x {
				if v <= limit {
					within++
				}
			}
			shares = append(shares, float64(within)/float64(len(x)))
		}
		out[i] = Mean(shares)
	}
	return out
}

// MeanRanks returns the mean ranks of models over data sets by their medians, 1 the least, ties sharing a rank. values[model][data set] are its runs; a model without any on a data set is
// the last there. Empty without models.
func MeanRanks(values [][][]float64) []float64 {
	ranks := make([]float64, len(values))
	if len(values) == 0 {
		return ranks
	}
	for d := range values[0] {
		medians := make([]float64, len(values))
		for m := range values {
			if medians[m] = worst; len(values[m][d]) > 0 {
				medians[m] = Median(values[m][d])
			}
		}
		for m := range medians {
			rank := 1.0
			for o := range medians {
				switch {
				case medians[o] < medians[m]:
					rank++
				case medians[o] == medians[m] && o != m:
					rank += 0.5
				}
			}
			ranks[m] += rank / float64(len(values[0]))
		}
	}
	return ranks
}
