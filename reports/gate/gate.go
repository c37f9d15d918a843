package gate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
	"github.com/assay-gan/assay/rng"
)

// ErrIncomparable is wrapped by the error for records that were not measured in the same way as the baseline.
var ErrIncomparable = errors.New("not comparable with the baseline")

// Options are the gate's constants.
type Options struct {
	Alpha  float64 // chance of a false alarm over all comparisons together (Holm), and of a false pass in each; 0 means 0.05
	Margin float64 // a worsening up to this share of the value is accepted; 0 accepts none
	Power  float64 // at which the smallest detectable worsening is stated; 0 means 0.8
	Seed   uint64  // of the simulation behind it
}

// group is the runs of one model on one data set.
type group struct {
	model, dataset string
	recs           []reports.Record
}

// Decide compares a candidate's records with a baseline. For each model, data set and gated metric of the baseline, on values turned so that greater is
// worse (on log scale where all are positive and lower is better):
//
//	pass          the upper bound of the Hodges-Lehmann shift lies below the margin: it is not worse by that much (non-inferiority)
//	regression    the exact one-sided Mann-Whitney test finds it worse at alpha (Holm over all checks), by more than the margin
//	inconclusive  else, with what is missing
//
// and the rate of failed runs by Fisher's exact test. Measures without a better side are not gated. A regression needs both: a significant change below the margin is accepted, since significance is not
// size. Errors: a baseline without a comparable metric; ErrIncomparable when featurizer, protocol, reference, sample sizes, settings, data or weights hash
// differ, naming the field.
func Decide(b *Baseline, candidate []reports.Record, o Options) (*Verdict, error) {
	o.Alpha, o.Power = cmp.Or(o.Alpha, .05), cmp.Or(o.Power, .8)
	if o.Alpha <= 0 || o.Alpha >= .5 || o.Margin < 0 || o.Power <= 0 || o.Power >= 1 {
		return nil, fmt.Errorf("gate: alpha %v, margin %v, power %v: want 0 < alpha < 0.5, margin >= 0, 0 < power < 1", o.Alpha, o.Margin, o.Power)
	}
	res := &Verdict{Status: Pass, Alpha: o.Alpha, Power: o.Power}
	cand := groups(reports.Final(reports.Distinct(candidate)))
	for _, base := range groups(reports.Final(reports.Distinct(b.Records))) {
		at := slices.IndexFunc(cand, func(g group) bool { return g.model == base.model && g.dataset == base.dataset })
		if at < 0 {
			res.Checks = append(res.Checks, Check{Model: base.model, Dataset: base.dataset, Status: Inconclusive, Family: Values, P: 1, NBase: cells(base.recs), Reason: "the candidate has no run of it"})
			continue
		}
		checks, err := b.compare(base, cand[at], o)
		if err != nil {
			return nil, err
		}
		res.Checks = append(res.Checks, checks...)
	}
	if len(res.Checks) == 0 {
		return nil, errors.New("gate: the baseline holds no model: record one with more runs")
	}
	res.settle(o)
	return res, nil
}

func groups(recs []reports.Record) []group {
	var out []group
	for _, r := range recs {
		if reports.IsReference(r.Model) {
			continue
		}
		at := slices.IndexFunc(out, func(g group) bool { return g.model == r.Model && g.dataset == r.Dataset })
		if at < 0 {
			out = append(out, group{model: r.Model, dataset: r.Dataset})
			at = len(out) - 1
		}
		out[at].recs = append(out[at].recs, r)
	}
	slices.SortStableFunc(out, func(a, b group) int {
		return cmp.Or(strings.Compare(a.dataset, b.dataset), strings.Compare(a.model, b.model))
	})
	return out
}

func cells(recs []reports.Record) int {
	seen := map[string]bool{}
	for _, r := range recs {
		seen[r.Cell] = true
	}
	return len(seen)
}

// compare makes the checks of one model on one data set: a check a gated measure, and the failure rate.
func (b *Baseline) compare(base, cand group, o Options) ([]Check, error) {
	if err := sameFingerprint(base, cand); err != nil {
		return nil, err
	}
	sums := func(recs []reports.Record) []reports.Summary {
		out := reports.Summarise(recs, 1-2*o.Alpha)
		return slices.DeleteFunc(out, func(s reports.Summary) bool {
			return s.Better != reports.Lower && s.Better != reports.Higher || !b.gates(s.Measure.Metric)
		})
	}
	fail := failureCheck(base, cand, o)
	var out []Check
	have := sums(cand.recs)
	for _, s := range sums(base.recs) {
		at := slices.IndexFunc(have, func(c reports.Summary) bool { return c.Measure == s.Measure && c.Row == s.Row })
		if at < 0 && fail.Failed == fail.N { // every run failed: no measure is known, all are as bad as can be
			all := reports.Summary{Model: s.Model, Dataset: s.Dataset, Measure: s.Measure, Better: s.Better, Failed: fail.N}
			out = append(out, valueCheck(s, all, o))
			continue
		}
		if at < 0 {
			out = append(out, Check{Model: s.Model, Dataset: s.Dataset, Measure: s.Measure, Status: Inconclusive, Family: Values, P: 1, NBase: s.N(), Reason: "the candidate has no such value"})
			continue
		}
		out = append(out, valueCheck(s, have[at], o))
	}
	return append(out, fail), nil
}

// worse turns values so that greater is worse, on log scale where that makes sense, and returns how a shift reads as a share of the baseline.
func worse(base, cand reports.Summary) (b, c []float64, share func(shift float64) float64) {
	b, c = base.Ranked(), cand.Ranked()
	positive := !slices.ContainsFunc(slices.Concat(base.Values, cand.Values), func(v float64) bool { return v <= 0 })
	if base.Better == reports.Lower && positive {
		return logs(b), logs(c), math.Expm1
	}
	scale := math.Abs(stats.Median(base.Values))
	if scale == 0 || math.IsNaN(scale) {
		scale = 1
	}
	if base.Better == reports.Higher {
		b, c = negative(b), negative(c)
	}
	return b, c, func(s float64) float64 { return s / scale }
}

func logs(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Log(x)
	}
	return out
}

func negative(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = -x
	}
	return out
}

func valueCheck(base, cand reports.Summary, o Options) Check {
	b, c, share := worse(base, cand)
	shift := stats.HodgesLehmann(c, b, 1-o.Alpha)
	k := Check{Model: base.Model, Dataset: base.Dataset, Measure: base.Measure, N: cand.N(), NBase: base.N(), Failed: cand.Failed, FailBase: base.Failed,
		Median: reports.Float(stats.Median(cand.Ranked())), MedianBase: reports.Float(base.Median), Worse: reports.Float(share(shift.Estimate)), Better: base.Better, Family: Values, Scale: Ratio, Test: "Mann-Whitney", Margin: reports.Float(o.Margin),
		WorseLo: reports.Float(share(shift.Lo)), WorseHi: reports.Float(share(shift.Hi)), P: stats.MannWhitney(c, b, stats.Greater).P}
	sd := pooled(b, c)
	d := stats.Detectable(rng.Stream(o.Seed, "gate", "detectable").Normal, k.NBase, k.N, o.Alpha, o.Power)
	if k.Detectable = reports.Float(share(d * sd)); sd == 0 {
		k.Detectable = 0
	}
	return k
}

// pooled is the standard deviation of the runs that ended, of both sides together.
func pooled(sides ...[]float64) float64 {
	ss, df := 0.0, 0
	for _, v := range sides {
		ended := slices.DeleteFunc(slices.Clone(v), func(x float64) bool { return math.IsInf(x, 0) })
		if len(ended) > 1 {
			d := stats.StdDev(ended)
			ss, df = ss+d*d*float64(len(ended)-1), df+len(ended)-1
		}
	}
	if df == 0 {
		return math.NaN()
	}
	return math.Sqrt(ss / float64(df))
}

// failureCheck tests whether the candidate's runs fail more often.
func failureCheck(base, cand group, o Options) Check {
	failed := func(recs []reports.Record) int {
		return cells(reports.Where(recs, reports.Record.CellFailed))
	}
	k := Check{Family: Failures, Scale: Rate, Test: "Fisher", Model: base.model, Dataset: base.dataset, N: cells(cand.recs), NBase: cells(base.recs), Failed: failed(cand.recs), FailBase: failed(base.recs)}
	k.P = stats.Fisher(k.Failed, k.N, k.FailBase, k.NBase, stats.Greater)
	rate, before := float64(k.Failed)/float64(k.N), float64(k.FailBase)/float64(k.NBase)
	k.Median, k.MedianBase, k.Worse = reports.Float(rate), reports.Float(before), reports.Float(rate-before)
	k.WorseHi, k.WorseLo, k.Detectable = reports.Float(stats.RateBound(k.Failed, k.N, 1-o.Alpha)-before), reports.Float(math.NaN()), reports.Float(math.NaN())
	return k
}
