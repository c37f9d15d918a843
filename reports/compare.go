package reports

import (
	"encoding/json"
	"errors"
	"fmt"
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
	Relative bool           `json:"relative"` // Shift is a ratio minus 1 (values all positive, log scale); else a difference
	Shift    stats.Shift    `json:"-"`        // of B over A, Hodges-Lehmann
	PBetter  float64        `json:"p_better"` // probability that a run of B beats one of A
	PRange   stats.Interval `json:"-"`        // bootstrap, 95 %
	P        float64        `json:"p"`        // two-sided exact Mann-Whitney, Holm over all differences of the comparison
}

// MarshalJSON writes the difference with its statistics; what is infinite is "inf", what does not exist is null.
func (d Difference) MarshalJSON() ([]byte, error) {
	type plain Difference
	return json.Marshal(struct {
		plain
		MedianA Float  `json:"median_a"`
		MedianB Float  `json:"median_b"`
		Shift   Float  `json:"shift"`
		ShiftLo Float  `json:"shift_lo"`
		ShiftHi Float  `json:"shift_hi"`
		PLo     Float  `json:"p_better_lo"`
		PHi     Float  `json:"p_better_hi"`
		Verdict string `json:"verdict"`
	}{plain(d), Float(d.MedianA), Float(d.MedianB), Float(d.Shift.Estimate), Float(d.Shift.Lo), Float(d.Shift.Hi), Float(d.PRange.Lo), Float(d.PRange.Hi), d.Verdict()})
}

// Compare returns the differences between two sets of records, on every data set and measure that both have, B relative to A. Models are matched by row;
// when each side has one model only, these are compared whatever their names. Failed runs count as the worst possible value. reps bootstrap draws (2000 if
// 0) from the seed give the interval of P(better). Measures without a better side are left out. Rows of real
// data are no models: they are the floor beside the models of their side. It is an error if nothing can be compared.
func Compare(a, b []Record, seed uint64, reps int) ([]Difference, error) {
	if reps == 0 {
		reps = 2000
	}
	as, bs := Summarise(a, 0), Summarise(b, 0)
	floorsA, floorsB := floors(as), floors(bs)
	as, bs = models(as), models(bs)
	anyName := one(as) && one(bs)
	var out []Difference
	for _, x := range as {
		for _, y := range bs {
			if x.Dataset != y.Dataset || x.Measure != y.Measure || x.Better != y.Better || !anyName && x.Row != y.Row || x.N() == 0 || y.N() == 0 {
				continue
			}
			d := difference(x, y, seed, reps)
			d.FloorA, d.FloorB = floorsA[place{x.Dataset, x.Measure}], floorsB[place{y.Dataset, y.Measure}]
			out = append(out, d)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("nothing to compare: the two sides share no data set, model and measure (metric, featurizer, protocol, reference, N)")
	}
	p := make([]float64, len(out))
	for i, d := range out {
		p[i] = d.P
	}
	for i, adjusted := range stats.Holm(p) {
		out[i].P = adjusted
	}
	return out, nil
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
func CompareModels(recs []Record, a, b string, seed uint64, reps int) ([]Difference, error) {
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
	return Compare(ra, rb, seed, reps)
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

func difference(x, y Summary, seed uint64, reps int) Difference {
	d := Difference{Dataset: x.Dataset, A: x.Row, B: y.Row, Measure: x.Measure, Better: x.Better, NA: x.N(), NB: y.N(), FailedA: x.Failed, FailedB: y.Failed,
		MedianA: x.Median, MedianB: y.Median}
	va, vb := x.Ranked(), y.Ranked()
	d.P = stats.MannWhitney(vb, va, stats.TwoSided).P
	prob := func(b, a []float64) float64 {
		if x.Better == Lower {
			return stats.ProbGreater(a, b)
		}
		return stats.ProbGreater(b, a)
	}
	d.PBetter = prob(vb, va)
	stream := rng.Stream(seed, "compare", x.Dataset, x.Row, y.Row, x.Measure.Metric, x.Measure.Featurizer)
	d.PRange = stats.Bootstrap(stream, [][]float64{vb, va}, reps, .95, func(s [][]float64) float64 { return prob(s[0], s[1]) })
	positive := func(v float64) bool { return v > 0 && !math.IsInf(v, 0) }
	if d.Relative = all(x.Values, positive) && all(y.Values, positive); d.Relative {
		s := stats.HodgesLehmann(logs(vb), logs(va), .975)
		d.Shift = stats.Shift{Estimate: math.Expm1(s.Estimate), Lo: math.Expm1(s.Lo), Hi: math.Expm1(s.Hi), Level: s.Level, Finite: s.Finite}
		return d
	}
	d.Shift = stats.HodgesLehmann(vb, va, .975)
	return d
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
