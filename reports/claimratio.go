package reports

import (
	"math"

	"github.com/assay-gan/assay/reports/stats"
	"github.com/assay-gan/assay/rng"
)

// The bootstrap behind the intervals of ratios, and the runs a side that it needs: below five the range itself misses a median in one of eight cases and more.
const (
	claimReps = 2000
	claimRuns = 6
)

// ratios decides the claims about a ratio.
func (j judged) ratios(v *ClaimVerdict) {
	c := v.Claim
	var groups [][]ClaimPart // each must keep the share
	for _, dataset := range c.Datasets {
		var group []ClaimPart
		for i, m := range c.Models {
			group = append(group, j.ratio(c, i, m, dataset))
		}
		if v.Parts = append(v.Parts, group...); c.Test == ClaimSimilar {
			groups = append(groups, group)
		}
	}
	if c.Test != ClaimSimilar {
		groups = [][]ClaimPart{v.Parts}
	}
	v.Word = Holds
	for _, g := range groups {
		kept, open := 0, 0
		why := ""
		for _, p := range g {
			switch p.Word {
			case Holds:
				kept++
			case CannotTell:
				open++
				why = p.Dataset + ": " + p.Model + ": " + p.Why
			}
		}
		switch need := needed(c.Share, len(g)); {
		case kept >= need:
		case kept+open < need:
			v.Word, v.Why = DoesNotHold, ""
		case v.Word != DoesNotHold:
			v.Word, v.Why = CannotTell, why
		}
	}
}

// ratio judges one model on one data set.
func (j judged) ratio(c Claim, i int, model, dataset string) ClaimPart {
	strata, statistic, why := j.quantity(c, i, model, dataset)
	part := ClaimPart{Dataset: dataset, Model: model, Word: CannotTell, Why: why, Value: Float(math.NaN()), Lo: Float(math.NaN()), Hi: Float(math.NaN())}
	if why != "" {
		return part
	}
	part.Runs = len(strata[0])
	value := statistic(strata)
	part.Value = Float(value)
	if math.IsNaN(value) {
		part.Why = "the ratio is not defined"
		return part
	}
	ci := stats.BootstrapSorted(rng.Stream(1, "claim", c.Test, c.Metric, model, dataset), strata, claimReps, 1-claimAlpha, statistic)
	part.Lo, part.Hi = Float(ci.Lo), Float(ci.Hi)
	for _, x := range strata {
		if len(x) < claimRuns {
			part.Why = "too few seeds: an interval needs five runs"
			return part
		}
	}
	switch {
	case math.IsNaN(ci.Lo) || math.IsNaN(ci.Hi):
		part.Why = "the ratio is not defined in some resamples"
	case c.keeps(ci.Lo) && c.keeps(ci.Hi):
		part.Word = Holds
	case c.AtMost != nil && ci.Lo > *c.AtMost || c.AtLeast != nil && ci.Hi < *c.AtLeast:
		part.Word = DoesNotHold
	default:
		part.Why = "the interval crosses the bound: too few seeds"
	}
	return part
}

// quantity returns the runs that a ratio is of, the model's own first, and the ratio as a function of them; or why there is none.
func (j judged) quantity(c Claim, i int, model, dataset string) (strata [][]float64, statistic func([][]float64) float64, why string) {
	own, side := j.runs(c, model, dataset, c.Of)
	if len(own) == 0 {
		return nil, nil, "no runs"
	}
	strata = [][]float64{own}
	switch c.Test {
	case ClaimSimilar:
		for k, other := range c.Models {
			if x, _ := j.runs(c, other, dataset, c.Of); k != i && len(x) > 0 {
				strata = append(strata, x)
			}
		}
		return strata, func(x [][]float64) float64 { return behind(x, side) }, ""
	case ClaimSpread:
		statistic = func(x [][]float64) float64 { return ninety(x[0]) / math.Abs(stats.Median(x[0])) }
		if c.Against != "" {
			statistic = func(x [][]float64) float64 { return ninety(x[0]) / ninety(x[1]) }
		}
	default:
		statistic = c.bestOfRatio(side)
	}
	if c.Against != "" {
		x, _ := j.runs(c, model, dataset, c.Against)
		if strata = append(strata, x); len(x) == 0 {
			return nil, nil, "no runs of " + c.Against
		}
	}
	if c.Test == ClaimBestOf && (c.Draws[0] > mostOf(len(own)) || c.Draws[len(c.Draws)-1] > mostOf(len(strata[len(strata)-1]))) {
		return nil, nil, "too few draws: the best of k wants 2k of them"
	}
	return strata, statistic, ""
}

// behind is by which factor the median of the first is worse than the best of all medians: 1 for the best itself.
func behind(x [][]float64, side string) float64 {
	own := stats.Median(x[0])
	best := own
	for _, o := range x[1:] {
		if m := stats.Median(o); better(side, m, best) {
			best = m
		}
	}
	if own == best && !math.IsInf(own, 0) {
		return 1
	}
	if side == Higher {
		return best / own
	}
	return own / best
}

// ninety is the distance from the 5 % to the 95 % quantile: wide enough to see the few runs that go wrong. It is infinite where more than that failed.
func ninety(x []float64) float64 {
	lo, hi := stats.Quantile(x, .05), stats.Quantile(x, .95)
	if math.IsInf(lo, 0) || math.IsInf(hi, 0) || math.IsNaN(lo) || math.IsNaN(hi) {
		return math.Inf(1)
	}
	return hi - lo
}

// bestOfRatio is the median best of Draws[0] of the first runs over that of the last of Draws of the last runs.
func (c Claim) bestOfRatio(side string) func([][]float64) float64 {
	best := func(x []float64, k int) float64 {
		if side != Higher {
			return stats.MinQuantile(x, k, .5, true)
		}
		v := make([]float64, len(x))
		for i := range x {
			v[i] = -x[i]
		}
		return -stats.MinQuantile(v, k, .5, true)
	}
	return func(x [][]float64) float64 {
		return best(x[0], c.Draws[0]) / best(x[len(x)-1], c.Draws[len(c.Draws)-1])
	}
}
