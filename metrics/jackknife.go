package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// jackknifeGroups is the number of groups a side that the delete-a-group jackknife leaves out in turn.
const jackknifeGroups = 20

// twoSample is the delete-a-group jackknife of a two-sample estimate [efron1979]. full is the estimate from all rows; real[g] and fake[g] are the
// estimates without group g of that side. For each side, with G groups,
//
//	bias = (G - 1)(mean - full),  variance = (G - 1)/G sum (theta_g - mean)^2
//
// and the two sides add. The interval is centred on full - bias with Student's t at 2(G - 1) degrees of freedom: estimates such as the Frechet
// distance grow by resampling, so that a percentile bootstrap around full never covers.
func twoSample(full float64, real, fake []float64, lo, hi float64) (bias float64, iv *Interval) {
	bias, v, df := jackknife(full, real, fake)
	if df == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, nil
	}
	half, mid := studentQuantile(df)*math.Sqrt(v), full-bias
	return bias, &Interval{Lo: min(hi, max(lo, mid-half)), Hi: max(lo, min(hi, mid+half)), Level: confidence, Method: "bias-corrected group jackknife"}
}

// jackknifeFails is why there is no interval where the variance overflows.
const jackknifeFails = "its variance is beyond the range of numbers"

// jackknife adds bias and variance over the sides; df is the degrees of freedom behind the variance.
func jackknife(full float64, sides ...[]float64) (bias, variance float64, df int) {
	for _, side := range sides {
		g := float64(len(side))
		if g < 2 {
			continue
		}
		mean := 0.0
		for _, t := range side {
			mean += t / g
		}
		bias += (g - 1) * (mean - full)
		for _, t := range side {
			variance += (g - 1) / g * (t - mean) * (t - mean)
		}
		df += len(side) - 1
	}
	return bias, variance, df
}

// studentQuantile is the two-sided quantile of Student's t at the level of all intervals.
func studentQuantile(df int) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(df)}.Quantile(1 - (1-confidence)/2)
}

// resampleWork is how many multiplications the repeats behind an interval may take: some seconds.
const resampleWork = 4e10

// resample gives every value of r an interval for the mean of the score over samples of these sizes, by scoring parts of the rows again. Real and fake
// rows are dealt at random into as many groups, and a group of both is one draw; work is how many multiplications the whole score takes.
//
// Where that is affordable each group is left out in turn: the jackknife's variance is too large on average rather than too small, whatever the score
// [efronstein1981]. Its bias estimate would be for N without end and is left alone. Beyond, each group is scored alone, and the variance of their mean
// stands for the score's: right for scores whose variance falls as 1/N, which nearest-neighbour shares are. bounds clips.
func (r *Result) resample(ctx context.Context, p Pair, id string, work float64, bounds func(name string) (lo, hi float64), score func(context.Context, Pair) (Result, error)) error {
	const groups = jackknifeGroups
	n := min(rows(p.Real), rows(p.Fake))
	leave, why := true, ""
	switch {
	case n < 2*groups:
		why = fmt.Sprintf("fewer than %d rows a side for a jackknife in %d groups", 2*groups, groups)
	case work*groups > resampleWork:
		if leave = false; n < leastBatch*groups {
			why = fmt.Sprintf("%d repeats would take %.0e multiplications: score fewer rows or features", groups, work*groups)
		}
	}
	if why != "" {
		for k, v := range r.Values {
			r.Values[k] = v.withinOr(nil, "%s", why)
		}
		return nil
	}
	gr, gf := groupsOf(p.Real, groups, p.Seed, "metrics", id, "real"), groupsOf(p.Fake, groups, p.Seed, "metrics", id, "fake")
	got := make([][]float64, len(r.Values))
	for g := range groups {
		q := p
		if leave {
			q.Real, q.Fake = without(p.Real, gr, g), without(p.Fake, gf, g)
		} else {
			q.Real, q.Fake = only(p.Real, gr, g), only(p.Fake, gf, g)
		}
		part, err := score(ctx, q)
		if err != nil {
			return err
		}
		for k, v := range r.Values {
			if w, ok := part.Get(v.Name); ok {
				got[k] = append(got[k], w.Value)
			}
		}
	}
	for k, v := range r.Values {
		lo, hi := bounds(v.Name)
		r.Values[k] = v.withinOr(groupInterval(v.Value, got[k], leave, lo, hi), "not defined without some of the rows")
	}
	return nil
}

// leastBatch is the smallest group that is scored alone.
const leastBatch = 50

// groupInterval is Student's around v from the values without each group, or of each group alone.
func groupInterval(v float64, got []float64, leave bool, lo, hi float64) *Interval {
	if len(got) < jackknifeGroups {
		return nil
	}
	_, variance, df := jackknife(v, got)
	method := "group jackknife"
	if !leave {
		g := float64(len(got))
		variance /= (g - 1) * (g - 1) // of the mean of the groups
		method = "batches"
	}
	half := studentQuantile(df) * math.Sqrt(variance)
	if !(half < math.MaxFloat64) {
		return nil
	}
	return &Interval{Lo: max(lo, v-half), Hi: min(hi, v+half), Level: confidence, Method: method + atTheseN}
}
