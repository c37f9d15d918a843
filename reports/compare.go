package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/reports/stats"
	"github.com/assay-gan/assay/rng"
)

// Difference is how a measure of B stands to that of A on one data set.
type Difference struct {
	Dataset  string         `json:"dataset"`
	A        string         `json:"a"` // model rows compared
	B        string         `json:"b"`
	Measure  Measure        `json:"measure"`
	Better   string         `json:"better"`
	NA       int            `json:"n_a"` // runs, failed ones included
	NB       int            `json:"n_b"`
	FailedA  int            `json:"failed_a"`
	FailedB  int            `json:"failed_b"`
	MedianA  float64        `json:"-"`
	MedianB  float64        `json:"-"`
	FloorA   *float64       `json:"floor_a,omitempty"` // median of A's rows of real data, scored in the same way; nil where there are none
	FloorB   *float64       `json:"floor_b,omitempty"`
	Relative bool           `json:"relative"`       // Shift is a ratio minus 1 (values all positive, log scale); else a difference
	Shift    stats.Shift    `json:"-"`              // of B over A, Hodges-Lehmann; of pairs where Test is signed-rank
	PBetter  float64        `json:"-"`              // probability that a run of B beats one of A; NaN for one run against one
	PRange   stats.Interval `json:"-"`              // bootstrap, 95 %; NaN where the runs do not overlap, which it cannot judge
	Pairs    int            `json:"pairs"`          // runs of one model and seed on both sides
	Equal    int            `json:"equal"`          // pairs that are equal to the bit
	Test     string         `json:"test,omitempty"` // that P is of: Mann-Whitney or signed-rank; "" where all pairs are equal
	P        float64        `json:"p"`              // two-sided exact, Holm over the differences tested, doubled where two tests were made

	Detectable float64 `json:"-"` // smallest worsening found at 5 % after Holm with a power of 0.8, by resampling A: a share if Relative, else a difference; +Inf: none

	reach  float64   // smallest p-value that these runs can reach, before Holm
	va, vb []float64 // the runs, on log scale if Relative
	diffs  []float64 // of the pairs, if the signed-rank test was made
}

// MarshalJSON writes the difference with its statistics; what is infinite is "inf", what does not exist is null.
func (d Difference) MarshalJSON() ([]byte, error) {
	type plain Difference
	return json.Marshal(struct {
		plain
		PBetter Float  `json:"p_better"`
		MedianA Float  `json:"median_a"`
		MedianB Float  `json:"median_b"`
		Shift   Float  `json:"shift"`
		ShiftLo Float  `json:"shift_lo"`
		ShiftHi Float  `json:"shift_hi"`
		PLo     Float  `json:"p_better_lo"`
		PHi     Float  `json:"p_better_hi"`
		Detects Float  `json:"detectable"`
		Verdict string `json:"verdict"`
	}{plain(d), Float(d.PBetter), Float(d.MedianA), Float(d.MedianB), Float(d.Shift.Estimate), Float(d.Shift.Lo), Float(d.Shift.Hi), Float(d.PRange.Lo), Float(d.PRange.Hi), Float(d.Detectable), d.Verdict()})
}

// CompareOptions say what is compared. The zero value is fine.
type CompareOptions struct {
	Metrics []string // names of metrics, "all" for every one; none means the headline measures (see HeadlineMetrics)
	Seed    uint64   // of bootstrap and resampling
	Reps    int      // bootstrap draws; 0 means 2000
}

// comparedAt is the level, over all differences, at which one counts as shown.
const comparedAt = .05

// Compare returns the differences between two sets of records, on every data set and measure that both have, B relative to A. Models are matched by row;
// when each side has one model only, these are compared whatever their names. Failed runs count as the worst possible value, also where a side has nothing else.
// Measures without a better side are left out. The test is the exact two-sided Mann-Whitney; where every run of B has a run of the same model and seed in A,
// none failed, and seven pairs or more let it reach 5 %, the exact signed-rank test of the pairs is made too and the smaller p-value doubled. Differences
// whose pairs are all equal to the bit are not tested. Rows of real
// data are no models: they are the floor beside the models of their side. It is an error if nothing can be compared.
func Compare(a, b []Record, o CompareOptions) ([]Difference, error) {
	if o.Reps == 0 {
		o.Reps = 2000
	}
	as, bs := Summarise(a, 0), Summarise(b, 0)
	floorsA, floorsB := floors(as), floors(bs)
	as, bs = models(as), models(bs)
	as, bs = withFailed(as, bs, a), withFailed(bs, as, b)
	anyName := len(as) > 0 && len(bs) > 0 && one(as) && one(bs)
	var out []Difference
	for _, x := range as {
		for _, y := range bs {
			if x.Dataset != y.Dataset || x.Measure != y.Measure || x.Better != y.Better || !anyName && x.Row != y.Row || x.N() == 0 || y.N() == 0 || len(x.Values)+len(y.Values) == 0 {
				continue
			}
			d := difference(x, y, o)
			d.FloorA, d.FloorB = floorsA[place{x.Dataset, x.Measure}], floorsB[place{y.Dataset, y.Measure}]
			out = append(out, d)
		}
	}
	if len(out) == 0 {
		return nil, nothingShared(a, b)
	}
	out = chosen(out, o.Metrics)
	if len(out) == 0 {
		return nil, fmt.Errorf("nothing to compare: no data set and model has %s on both sides", listed(o.Metrics))
	}
	settleDifferences(out, o.Seed)
	return out, nil
}

// nothingShared says why two sides cannot be compared.
func nothingShared(a, b []Record) error {
	failed := func(recs []Record) bool {
		return len(recs) > 0 && !slices.ContainsFunc(recs, func(r Record) bool { return r.Status != Failed })
	}
	if failed(a) && failed(b) {
		return errors.New("nothing to compare: every run of both sides failed")
	}
	return errors.New("nothing to compare: the two sides share no data set, model and measure (metric, featurizer, protocol, reference, N)")
}

// withFailed adds, to the summaries of a side, the rows of the other side that it has only failed runs of: such a side has no measure by itself.
func withFailed(own, other []Summary, recs []Record) []Summary {
	failed := map[string]map[string]int{} // data set -> model -> cells
	for _, r := range Distinct(recs) {
		if r.CellFailed() && !IsReference(r.Model) && !slices.ContainsFunc(own, func(s Summary) bool { return s.Dataset == r.Dataset }) {
			if failed[r.Dataset] == nil {
				failed[r.Dataset] = map[string]int{}
			}
			failed[r.Dataset][r.Model]++
		}
	}
	for _, s := range other {
		for _, model := range slices.Sorted(maps.Keys(failed[s.Dataset])) {
			if model != s.Model && (len(failed[s.Dataset]) > 1 || !one(other)) {
				continue
			}
			row := model
			if model == s.Model {
				row = s.Row
			}
			add := Summary{Row: row, Model: model, Dataset: s.Dataset, Measure: s.Measure, Better: s.Better, Unit: s.Unit, Failed: failed[s.Dataset][model]}
			describe(&add, .95)
			own = append(own, add)
		}
	}
	return own
}

// chosen keeps the differences of the metrics asked for, or of the headline measures of each model and data set.
func chosen(all []Difference, metrics []string) []Difference {
	if slices.Contains(metrics, "all") {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(d Difference) bool {
		wanted := metrics
		if len(wanted) == 0 {
			var have []Measure
			for _, o := range all {
				if o.Dataset == d.Dataset && o.A == d.A && o.B == d.B {
					have = append(have, o.Measure)
				}
			}
			wanted = HeadlineMetrics(have)
		}
		return !slices.Contains(wanted, d.Measure.Metric)
	})
}

// settleDifferences adjusts the p-values over the differences tested, and says what each could have shown.
func settleDifferences(out []Difference, seed uint64) {
	var p []float64
	var at []int
	for i, d := range out {
		if d.Test != "" {
			p, at = append(p, d.P), append(at, i)
		}
	}
	for i, adjusted := range stats.Holm(p) {
		d := &out[at[i]]
		d.P = adjusted
		d.reach *= float64(len(p))
		d.Detectable = d.detectable(seed, comparedAt/2/float64(len(p)))
	}
}

// detectable is what the test, at a one-sided level, finds with a power of 0.8.
func (d Difference) detectable(seed uint64, level float64) float64 {
	const power = .8
	stream := rng.Stream(seed, "detectable", d.Dataset, d.A, d.B, d.Measure.Metric, d.Measure.Featurizer)
	base := d.va
	if d.Better == Higher {
		base = negated(base)
	}
	if d.diffs != nil {
		level /= 2
	}
	shift := stats.DetectableShift(stream, base, len(d.vb), level, power)
	if d.diffs != nil {
		shift = min(shift, stats.DetectablePaired(stream, d.diffs, level, power))
	}
	switch {
	case d.Relative && d.Better == Higher && !math.IsInf(shift, 1): // a fall, which cannot exceed 100 %
		return -math.Expm1(-shift)
	case d.Relative:
		return math.Expm1(shift)
	}
	return shift
}

func negated(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = -x
	}
	return out
}

// place is where values can be compared.
type place struct {
	dataset string
	measure Measure
}

// floors are the medians of real data; one that failed in half of its runs is none.
func floors(sums []Summary) map[place]*float64 {
	out := map[place]*float64{}
	for _, s := range sums {
		if v := s.Median; s.Model == Real && !math.IsInf(v, 0) && !math.IsNaN(v) {
			out[place{s.Dataset, s.Measure}] = &v
		}
	}
	return out
}

// CompareModels compares two models (rows) of one run, beside the run's rows of real data.
func CompareModels(recs []Record, a, b string, o CompareOptions) ([]Difference, error) {
	side := func(model string) ([]Record, error) {
		out := Where(recs, func(r Record) bool { return r.Model == model })
		if len(out) == 0 {
			return nil, fmt.Errorf("no records of model %q%s", model, suggest.Hint(model, modelNames(recs)))
		}
		if model == Real {
			return out, nil
		}
		return append(out, Where(recs, func(r Record) bool { return r.Model == Real })...), nil
	}
	ra, err := side(a)
	if err != nil {
		return nil, err
	}
	rb, err := side(b)
	if err != nil {
		return nil, err
	}
	return Compare(ra, rb, o)
}

func modelNames(recs []Record) []string {
	var names []string
	for _, r := range recs {
		if !slices.Contains(names, r.Model) {
			names = append(names, r.Model)
		}
	}
	return names
}

func models(sums []Summary) []Summary {
	return slices.DeleteFunc(sums, func(s Summary) bool { return s.Reference() || s.Better != Lower && s.Better != Higher })
}

func one(sums []Summary) bool {
	return !slices.ContainsFunc(sums, func(s Summary) bool { return s.Row != sums[0].Row })
}

func difference(x, y Summary, o CompareOptions) Difference {
	d := Difference{Dataset: x.Dataset, A: x.Row, B: y.Row, Measure: x.Measure, Better: x.Better, NA: x.N(), NB: y.N(), FailedA: x.Failed, FailedB: y.Failed,
		MedianA: x.Median, MedianB: y.Median, Test: MannWhitneyTest}
	d.va, d.vb = x.Ranked(), y.Ranked()
	prob := func(b, a []float64) float64 {
		if x.Better == Lower {
			return stats.ProbGreater(a, b)
		}
		return stats.ProbGreater(b, a)
	}
	d.PBetter, d.PRange = math.NaN(), stats.Interval{Lo: math.NaN(), Hi: math.NaN()}
	if d.NA > 1 || d.NB > 1 { // one run against one is no estimate of a probability
		d.PBetter = prob(d.vb, d.va)
	}
	if d.PBetter > 0 && d.PBetter < 1 { // without overlap every resample says 0, or every one 1
		stream := rng.Stream(o.Seed, "compare", x.Dataset, x.Row, y.Row, x.Measure.Metric, x.Measure.Featurizer)
		d.PRange = stats.Bootstrap(stream, [][]float64{d.vb, d.va}, o.Reps, .95, func(s [][]float64) float64 { return prob(s[0], s[1]) })
	}
	positive := func(v float64) bool { return v > 0 && !math.IsInf(v, 0) }
	if d.Relative = all(x.Values, positive) && all(y.Values, positive); d.Relative {
		d.va, d.vb = logs(d.va), logs(d.vb)
	}
	d.test(x, y)
	if d.Relative {
		s := d.Shift
		d.Shift = stats.Shift{Estimate: math.Expm1(s.Estimate), Lo: math.Expm1(s.Lo), Hi: math.Expm1(s.Hi), Level: s.Level, Finite: s.Finite}
	}
	return d
}

// The tests of a difference.
const (
	MannWhitneyTest = "Mann-Whitney"
	SignedRankName  = "signed-rank"
)

// test makes the tests that the seeds allow, and takes the shift of the one that decided.
func (d *Difference) test(x, y Summary) {
	d.P = stats.MannWhitney(d.vb, d.va, stats.TwoSided).P
	d.Shift = stats.HodgesLehmann(d.vb, d.va, .975)
	d.reach = min(1, 2*stats.SmallestP(d.NA, d.NB))
	pairs, ok := paired(x, y)
	if !ok {
		return
	}
	d.Pairs = len(pairs)
	diffs := make([]float64, len(pairs))
	for i, at := range pairs {
		diffs[i] = d.vb[i] - d.va[at]
		if math.Float64bits(x.Values[at]) == math.Float64bits(y.Values[i]) {
			d.Equal++
		}
	}
	if d.Equal == d.Pairs {
		d.Test, d.P = "", 1
		return
	}
	if 4*stats.SmallestSignedP(d.Pairs) > comparedAt { // which tests are made depends on the seeds alone
		return
	}
	d.diffs = diffs
	signed := stats.SignedRank(diffs, stats.TwoSided).P
	if signed < d.P {
		d.Test, d.Shift = SignedRankName, stats.PairedShift(diffs, .975)
	}
	d.P = min(1, 2*min(d.P, signed))
	d.reach = min(1, 2*min(d.reach, 2*stats.SmallestSignedP(d.Pairs)))
}

// paired returns, for every run of y, the place of the run of x with its seed; not ok where the models differ, a run failed, or a seed is missing or there twice.
func paired(x, y Summary) (at []int, ok bool) {
	if x.Row != y.Row || x.Failed+y.Failed > 0 || len(y.Seeds) == 0 {
		return nil, false
	}
	place := map[uint64]int{}
	for i, s := range x.Seeds {
		if _, twice := place[s]; twice {
			return nil, false
		}
		place[s] = i
	}
	seen := map[uint64]bool{}
	for _, s := range y.Seeds {
		i, has := place[s]
		if !has || seen[s] {
			return nil, false
		}
		seen[s] = true
		at = append(at, i)
	}
	return at, true
}

func all(v []float64, ok func(float64) bool) bool {
	return !slices.ContainsFunc(v, func(x float64) bool { return !ok(x) })
}

// logs returns logarithms; a failure that ranks below every value (-Inf) stays there.
func logs(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = x
		if !math.IsInf(x, -1) {
			out[i] = math.Log(x)
		}
	}
	return out
}
