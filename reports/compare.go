package reports

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/rng"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/reports/stats"
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
// 0) from the seed give the interval of P(better). Measures without a better side are left out. It is an error if nothing can be compared.
func Compare(a, b []Record, seed uint64, reps int) ([]Difference, error) {
	if reps == 0 {
		reps = 2000
	}
	as, bs := models(Summarise(a, 0)), models(Summarise(b, 0))
	anyName := one(as) && one(bs)
	var out []Difference
	for _, x := range as {
		for _, y := range bs {
			if x.Dataset != y.Dataset || x.Measure != y.Measure || x.Better != y.Better || !anyName && x.Row != y.Row || x.N() == 0 || y.N() == 0 {
				continue
			}
			out = append(out, difference(x, y, seed, reps))
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

// CompareModels compares two models (rows) of one run.
func CompareModels(recs []Record, a, b string, seed uint64, reps int) ([]Difference, error) {
	side := func(model string) ([]Record, error) {
		out := Where(recs, func(r Record) bool { return r.Model == model })
		if len(out) == 0 {
			return nil, fmt.Errorf("no records of model %q%s", model, suggest.Hint(model, modelNames(recs)))
		}
		return out, nil
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

// CompareTable shows differences as a table.
func CompareTable(diffs []Difference) Table {
	t := Table{ID: "compare", Title: "B relative to A", Head: []string{"data set", "A", "B", "metric", "median A", "median B", "shift of B", "95 % interval", "P(B better)", "p", "verdict"}}
	diffs = slices.Clone(diffs)
	slices.SortStableFunc(diffs, func(x, y Difference) int {
		return cmp.Or(strings.Compare(x.Dataset, y.Dataset), compareMeasures(x.Measure, y.Measure), strings.Compare(x.B, y.B))
	})
	for _, d := range diffs {
		shift := func(v float64) string {
			if d.Relative && !math.IsInf(v, 0) {
				return fmt.Sprintf("%+.1f %%", 100*v)
			}
			return Number(v)
		}
		interval := shift(d.Shift.Lo) + " to " + shift(d.Shift.Hi)
		if !d.Shift.Finite {
			interval = "too few runs"
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: d.Dataset, Left: true}, {Text: d.A, Left: true}, {Text: d.B, Left: true},
			{Text: columnTitle(d.Measure.Metric) + measureSuffix(d.Measure), Left: true}, {Text: withFailures(d.MedianA, d.FailedA, d.NA)}, {Text: withFailures(d.MedianB, d.FailedB, d.NB)},
			{Text: shift(d.Shift.Estimate)}, {Text: interval}, {Text: fmt.Sprintf("%.2f [%.2f, %.2f]", d.PBetter, d.PRange.Lo, d.PRange.Hi)}, {Text: PValue(d.P)}, {Text: d.Verdict(), Left: true}}})
	}
	t.Notes = []string{"shift: Hodges-Lehmann; its interval inverts the exact Mann-Whitney test. p: two-sided, Holm over the rows. P(B better): bootstrap interval."}
	return t
}

func withFailures(v float64, failed, n int) string {
	if failed == 0 {
		return Number(v)
	}
	return fmt.Sprintf("%s, %d/%d failed", Number(v), failed, n)
}

// Verdict is the comparison in two words; "~" where the two cannot be told apart, as benchstat has it.
func (d Difference) Verdict() string {
	switch {
	case d.P > .05 && 2*stats.SmallestP(d.NA, d.NB) > .05:
		return "too few runs"
	case d.P > .05:
		return "~"
	case d.PBetter > .5:
		return "B better"
	default:
		return "B worse"
	}
}

// PValue formats a p-value: two digits, "<0.0001" below.
func PValue(p float64) string {
	switch {
	case p < .0001:
		return "<0.0001"
	case p < .01:
		return fmt.Sprintf("%.4f", p)
	default:
		return fmt.Sprintf("%.2f", p)
	}
}
