package metrics

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

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
	return bias, &Interval{Lo: min(hi, max(lo, mid-half)), Hi: max(lo, min(hi, mid+half)), Level: confidence, Method: "bias-corrected group jackknife", Centre: &mid}
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

// The splits in halves, the groups otherwise, and the smallest group that is scored alone.
const (
	halvings   = 20
	leastBatch = 50
)

// resampling is how a score is scored again on parts of the rows.
type resampling struct {
	id     string                             // names the random streams
	work   float64                            // multiplications that the whole score takes
	bounds func(name string) (lo, hi float64) // clips
	score  func(context.Context, Pair) (Result, error)

	least int                    // rows that a part must have
	hits  func(name string) bool // values without an upper bound that are 0 where no fake is on the data and near 1 where all are; nil for none
	// halves scores both halves of every split at once, split by split; nil: one by one.
	halves func(context.Context, Pair, splits) ([]Result, error)
}

// errFewGroups ends the work on parts: whole groups cannot be dealt into parts that are large enough.
var errFewGroups = errors.New("the groups are too few, or too unequal, to be dealt into halves that can be scored")

// splits say in which half of each split a row of either side is, [split][row].
type splits struct{ real, fake [][]int }

// costly says that halves would take too long.
func (s resampling) costly() bool { return s.work*halvings/2 > resampleWork }

// byHalves says whether parts of a score of n rows a side are halves; why is set where there are neither halves nor groups.
func (s resampling) byHalves(n int) (halve bool, why string) {
	switch {
	case n < 40:
		return false, "fewer than 40 rows a side: too few to score halves of"
	case s.costly() && n < leastBatch*jackknifeGroups:
		return false, fmt.Sprintf("%d scores of halves would take %.0e multiplications: score fewer rows or features", 2*halvings, s.work*halvings/2)
	default:
		return !s.costly(), ""
	}
}

// resample gives every value of r an interval for the mean of the score over samples of these sizes, by scoring parts of the rows. Real and fake rows are split at random
// into halves a and b, 20 times over, and
//
//	variance = mean of (score_a - score_b)^2 / 4
//
// which is right for scores whose variance falls as 1/N, as nearest-neighbour shares do: their variance at half the rows is twice that at all. (The
// jackknife, which leaves out a few rows, is right for smooth scores only and says up to four times too much here.) Beyond what that may cost, 20
// groups are scored alone, the variance of whose mean stands for the score's. Shares, from 0 to 1, are counts of as many independent rows as have that
// variance, see shareInterval.
func (r *Result) resample(ctx context.Context, p Pair, s resampling) error {
	if isPointOnly(ctx) {
		return r.noIntervals(noPartsWanted)
	}
	halve, why := s.byHalves(min(rows(p.Real), rows(p.Fake)))
	if why != "" {
		return r.noIntervals(why)
	}
	parts, err := s.parts(ctx, p, halve)
	if errors.Is(err, errFewGroups) {
		return r.noIntervals(err.Error())
	}
	if err != nil {
		return err
	}
	least := independent(p)
	for k, v := range r.Values {
		var got []float64 // the parts one after the other
		for _, part := range parts {
			if w, ok := part.Get(v.Name); ok {
				got = append(got, w.Value)
			}
		}
		lo, hi := s.bounds(v.Name)
		iv := partsInterval(v.Value, got, halve, lo, hi, least)
		if iv != nil && v.Value == 0 && s.hits != nil && s.hits(v.Name) {
			_, iv.Hi = clopperPearson(0, float64(least))
		}
		if iv != nil && (p.RealGroups != nil || p.FakeGroups != nil) {
			iv.Method = strings.Replace(iv.Method, AtTheseN, " "+wholeGroups+AtTheseN, 1)
		}
		r.Values[k] = v.withinOr(iv, "not defined on some part of the rows")
	}
	return nil
}

// parts are the scores of all halves, or of the groups.
func (s resampling) parts(ctx context.Context, p Pair, halve bool) ([]Result, error) {
	real, fake := canonical(p.Real), canonical(p.Fake)
	deal := func(groups int, names ...string) (r, f []int) {
		return dealtWhole(real, p.RealGroups, groups, p.Seed, append(names, "real")...), dealtWhole(fake, p.FakeGroups, groups, p.Seed, append(names, "fake")...)
	}
	var all splits
	groups := 2
	if halve {
		for t := range halvings {
			r, f := deal(groups, "metrics", s.id, strconv.Itoa(t))
			all.real, all.fake = append(all.real, r), append(all.fake, f)
		}
	} else {
		groups = jackknifeGroups
		r, f := deal(groups, "metrics", s.id)
		all = splits{[][]int{r}, [][]int{f}}
	}
	for _, at := range slices.Concat(all.real, all.fake) {
		if few := slices.Min(tally(at, groups)); few < s.least {
			return nil, errFewGroups
		}
	}
	if halve && s.halves != nil {
		return s.halves(ctx, p, all)
	}
	var out []Result
	for t := range all.real {
		for g := range groups {
			q := p
			q.Real, q.Fake = only(p.Real, all.real[t], g), only(p.Fake, all.fake[t], g)
			q.RealGroups, q.FakeGroups = onlyOf(p.RealGroups, all.real[t], g), onlyOf(p.FakeGroups, all.fake[t], g)
			part, err := s.score(ctx, q)
			if err != nil {
				return nil, err
			}
			out = append(out, part)
		}
	}
	return out, nil
}

func (r *Result) noIntervals(why string) error {
	for k, v := range r.Values {
		r.Values[k] = v.withinOr(nil, "%s", why)
	}
	return nil
}

// independent is how many rows of the smaller side stand each for themselves.
func independent(p Pair) int {
	n := min(rows(p.Real), rows(p.Fake))
	for _, of := range [][]int{p.RealGroups, p.FakeGroups} {
		if of != nil {
			n = min(n, len(distinctGroups(of)))
		}
	}
	return n
}

// partsInterval is Student's around v from the values of pairs of halves, or of groups, or for a share from 0 to 1 that of as many rows as have this variance.
func partsInterval(v float64, got []float64, halves bool, lo, hi float64, least int) *Interval {
	variance, df, method := 0.0, halvings, "random halves"
	if halves {
		if len(got) < 2*halvings {
			return nil
		}
		for t := 0; t < len(got); t += 2 {
			variance += (got[t] - got[t+1]) * (got[t] - got[t+1]) / 4 / halvings
		}
	} else {
		if len(got) < jackknifeGroups {
			return nil
		}
		_, se := meanSE(got)
		variance, df, method = se*se, len(got)-1, "batches"
	}
	half := studentQuantile(df) * math.Sqrt(variance)
	if !(half < math.MaxFloat64) {
		return nil
	}
	if lo == 0 && hi == 1 {
		lo, hi = shareInterval(v, half/z95, least)
		return &Interval{Lo: lo, Hi: hi, Level: confidence, Method: method + ", effective number" + AtTheseN}
	}
	return &Interval{Lo: max(lo, v-half), Hi: min(hi, v+half), Level: confidence, Method: method + AtTheseN}
}

// shareInterval is the interval of a share whose error is se, as of a count among as many independent rows as have that error [korn1998]:
//
//	n* = v (1-v)/se^2,  Clopper-Pearson [clopper1934] of v n* among n*
//
// At 0 and 1, and next to them, the error that was seen says little: no hole in the support was met, and next time one may be. As many rows as the smaller side has are
// sure to be independent, so the interval never ends short of where none seen among so many would let it end: 1 - .025^(1/least) from 0, and as far from 1.
func shareInterval(v, se float64, least int) (lo, hi float64) {
	number := float64(least)
	if v > 0 && v < 1 && se > 0 {
		number = v * (1 - v) / (se * se)
	}
	lo, hi = clopperPearson(v*number, number)
	_, edge := clopperPearson(0, float64(least))
	return max(0, min(lo, 1-edge)), min(1, max(hi, edge))
}
