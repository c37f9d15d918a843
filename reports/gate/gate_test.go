package gate

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
)

// cellOf is a finished cell of wgan on ring with one value of fd.
func cellOf(seed int, value float64) reports.Record {
	return reports.Record{Cell: fmt.Sprintf("c%d", seed), Model: "wgan", Dataset: "ring", SettingsID: "s1", Settings: map[string]string{"width": "32", "steps": "100"}, Seed: uint64(seed), Step: 100,
		Featurizer: "pixels", Protocol: "p1", Reference: "test", N: 1000, NReal: 1000, Metric: "fd", Value: value, Better: reports.Lower, Status: reports.OK,
		Provenance: reports.Provenance{DatasetHash: "d1", WeightsHash: "w1", Kernel: "avx2", CPU: "a", Version: "1"}}
}

// fail makes the failure of a cell of a record.
func fail(r reports.Record) reports.Record {
	r.Metric, r.Status, r.Error, r.Value, r.Featurizer = "", reports.Failed, "loss is NaN at step 7", 0, ""
	return r
}

// values makes cells with seeds first, first+1 and so on.
func values(first int, v ...float64) []reports.Record {
	var recs []reports.Record
	for i, x := range v {
		recs = append(recs, cellOf(first+i, x))
	}
	return recs
}

// lognormal makes n cells whose fd is 10 exp(sd z + shift); every failEvery-th fails (0: none).
func lognormal(s *rng.Source, first, n int, sd, shift float64, failEvery int) []reports.Record {
	var recs []reports.Record
	for i := range n {
		r := cellOf(first+i, 10*math.Exp(sd*s.Normal()+shift))
		if failEvery > 0 && i%failEvery == 0 {
			r = fail(r)
		}
		recs = append(recs, r)
	}
	return recs
}

// each changes every record.
func each(recs []reports.Record, change func(*reports.Record)) []reports.Record {
	out := append([]reports.Record(nil), recs...)
	for i := range out {
		change(&out[i])
	}
	return out
}

// as gives records another metric, direction and value times a factor.
func as(recs []reports.Record, metric, better string) []reports.Record {
	return each(recs, func(r *reports.Record) { r.Metric, r.Better = metric, better })
}

// model gives records another model.
func model(recs []reports.Record, name string) []reports.Record {
	return each(recs, func(r *reports.Record) { r.Model, r.Cell = name, name+r.Cell })
}

func baseline(t *testing.T, recs []reports.Record, metrics ...string) *Baseline {
	t.Helper()
	b, err := NewBaseline(recs, Making{Metrics: metrics, Reason: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decide(t *testing.T, b *Baseline, cand []reports.Record, o Options) *Verdict {
	t.Helper()
	v, err := Decide(b, cand, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// one is the check of the metric ("": the failure rate).
func one(t *testing.T, v *Verdict, metric string) Check {
	t.Helper()
	for _, c := range v.Checks {
		if c.Measure.Metric == metric && (metric != "" || c.Family == Failures) {
			return c
		}
	}
	t.Fatalf("no check of %q in %+v", metric, v.Checks)
	return Check{}
}

func margin(m float64) Options { return Options{Margin: &m} }

func TestOutcomes(t *testing.T) {
	base := values(1, 98, 99, 100, 101, 102)
	for _, c := range []struct {
		name string
		cand []reports.Record
		o    Options
		want Status
		says string
	}{
		{"equal to the bit", values(1, 98, 99, 100, 101, 102), Options{}, Identical, "5 values identical to the bit"},
		// 3 % worse is within 10 %: the greatest log ratio is 105/98.
		{"within", values(11, 101, 102, 103, 104, 105), margin(.1), Pass, "within the margin of 10 %"},
		{"better", values(11, 95, 96, 97, 98, 99), Options{}, Pass, "better"},
		// All above, beyond the margin of the noise: p = 1/C(10,5) = 1/252 = .0040, one check of values.
		{"worse", values(11, 150, 151, 152, 153, 154), Options{}, Regression, "p 0.0040"},
		{"the same seeds, worse", values(1, 9800, 9900, 10000, 10100, 10200), Options{}, Regression, "x100 worse"},
		// As significant of being worse at all, but not of 10 %.
		{"worse, by more than the margin or not", values(11, 108, 109, 112, 113, 114), margin(.1), Inconclusive, "not by more than the margin of 10 %"},
		{"wide", values(11, 90, 95, 100, 120, 130), Options{}, Pass, "no worsening beyond the margin of"},
		{"same constant", values(11, 100, 100, 100, 100), Options{}, Pass, "unchanged"},
		{"too good", values(11, 10, 11, 12, 13, 14), Options{}, TooGood, "look for what leaks"},
		{"nothing", nil, Options{}, Inconclusive, "the run has no cell of it"},
	} {
		v := decide(t, baseline(t, base), c.cand, c.o)
		k := one(t, v, "fd")
		if k.Status != c.want || !strings.Contains(k.Reason, c.says) || v.Status != c.want && c.want != TooGood {
			t.Errorf("%s: %s (%s): %s", c.name, k.Status, v.Status, k.Reason)
		}
		if wantFail := c.want == Regression; v.Failed() != wantFail {
			t.Errorf("%s: failed is %v", c.name, v.Failed())
		}
	}
}

// One run against five reaches 1/6 at best; two against six 1/28, over two checks .07; three 1/84, .024: enough. The remedy that is named works: with as many seeds the check
// is no longer too few.
func TestTooFewSeedsSayHowMany(t *testing.T) {
	two := func(first int, v ...float64) []reports.Record {
		return append(values(first, v...), model(values(first, v...), "vae")...)
	}
	b := baseline(t, two(1, 98, 99, 100, 101, 102, 103))
	v := decide(t, b, two(11, 150), Options{})
	k := one(t, v, "fd")
	if v.Status != Inconclusive || !strings.Contains(k.Reason, "1 run against 6 can show nothing") || k.Needed == 0 {
		t.Fatalf("%+v", k)
	}
	many := []float64{150, 151, 152, 153, 154, 155}
	if v := decide(t, b, two(11, many[:k.Needed]...), Options{}); v.Status != Regression {
		t.Errorf("with %d seeds: %+v", k.Needed, v.Checks)
	}
	if v := decide(t, b, two(11, many[:k.Needed-1]...), Options{}); v.Status == Regression {
		t.Errorf("%d seeds were enough", k.Needed-1)
	}
}

// Two models on two data sets, five seeds, many measures: one model times 100 in all five seeds. The identical run passes, the worse one fails, and the stated
// p-value is the one compared with the level.
func TestPlantedHundredfold(t *testing.T) {
	var recs []reports.Record
	s := rng.Stream(1, "hundredfold")
	for _, name := range []string{"vae", "gan-ns"} {
		for _, set := range []string{"ring", "grid"} {
			for _, metric := range []string{"fd", "fd_mean", "modes", "modes_kl", "modes_jsd"} {
				rows := as(model(lognormal(s, 1, 5, .4, 0, 0), name), metric, reports.Lower)
				recs = append(recs, each(rows, func(r *reports.Record) { r.Dataset, r.Cell = set, r.Cell+set })...)
			}
		}
	}
	b := baseline(t, recs)
	if v := decide(t, b, recs, Options{}); v.Status != Identical || v.Counts.Identical != v.Counts.Checks || v.Counts.Checks != 12 {
		t.Errorf("the identical run: %+v", v.Counts)
	}
	worse := each(recs, func(r *reports.Record) {
		if r.Model == "vae" && r.Dataset == "ring" && r.Metric == "fd" {
			r.Value *= 100
		}
	})
	v := decide(t, b, worse, Options{})
	if v.Status != Regression || v.Counts.Regression != 1 || v.Counts.Identical != 11 || v.Checks[0].P > v.Checks[0].Level {
		t.Errorf("x100: %+v", v.Checks[0])
	}
}

// Every run differs, so that all checks are tested together: the planted one is still found, and its p-value is adjusted over all of them (4 x 1/252).
func TestReasonCountsEveryCheck(t *testing.T) {
	s := rng.Stream(2, "every check")
	var base, cand []reports.Record
	for _, name := range []string{"a", "b", "c", "d"} {
		base = append(base, model(lognormal(s, 1, 5, .05, 0, 0), name)...)
		shift := 0.0
		if name == "c" {
			shift = math.Log(3)
		}
		cand = append(cand, model(lognormal(s, 11, 5, .05, shift, 0), name)...)
	}
	v := decide(t, baseline(t, base), cand, Options{})
	k := v.Checks[0]
	if k.Model != "c" || k.Status != Regression || math.Abs(k.P-4.0/252) > 1e-12 || k.Level < k.P*(1-1e-9) || !strings.Contains(k.Reason, "after Holm over 4 checks") {
		t.Errorf("%+v", k)
	}
}

// A margin of 0 is raised to what the noise needs, and says so: with less, an unlucky baseline alarms for as long as it is kept.
func TestMarginIsRaisedToTheNoise(t *testing.T) {
	base := values(1, 90, 95, 100, 105, 110)
	k := one(t, decide(t, baseline(t, base), values(11, 91, 95, 101, 105, 110), margin(0)), "fd")
	// The luck of five runs: t(.95, 8) = 1.8595 times the standard deviation of the logarithms, of both sides, over sqrt 5.
	sd := 0.077653
	if got, want := float64(k.Margin), math.Expm1(1.859548*sd/math.Sqrt(5)); math.Abs(got-want) > 2e-4 || k.MarginFrom != "noise of the runs" || !strings.Contains(strings.Join(k.Notes, " "), "raised") {
		t.Errorf("margin %v from %s, want %v: %q", got, k.MarginFrom, want, k.Notes)
	}
}

func TestHigherIsBetter(t *testing.T) {
	up := func(first int, v ...float64) []reports.Record { return as(values(first, v...), "is", reports.Higher) }
	b := baseline(t, up(1, 8, 8.1, 8.2, 8.3, 8.4))
	// Ratios: 6.2/8.2 = 1 - 0.244.
	if k := one(t, decide(t, b, up(11, 6, 6.1, 6.2, 6.3, 6.4), Options{}), "is"); k.Status != Regression || math.Abs(float64(k.Worse)-(1-6.2/8.2)) > 2e-3 {
		t.Errorf("a fall: %+v", k)
	}
	if v := decide(t, b, up(11, 9, 9.1, 9.2, 9.3, 9.4), Options{}); v.Failed() {
		t.Errorf("a rise: %+v", v.Checks)
	}
}

// Failed runs are never dropped: the five that ended look fine, but half of ten failed.
func TestFailuresCount(t *testing.T) {
	b := baseline(t, lognormal(rng.Stream(1, "base"), 1, 10, .05, 0, 0))
	v := decide(t, b, lognormal(rng.Stream(2, "cand"), 11, 10, .05, 0, 2), Options{})
	// Fisher: 5 of 10 against 0 of 10: C(10,5)/C(20,5) = 252/15504.
	if k := one(t, v, ""); v.Status != Regression || k.Failed != 5 || k.N != 10 || math.Abs(k.P-252.0/15504) > 1e-9 || k.Status != Regression {
		t.Errorf("%+v", k)
	}
	if all := decide(t, b, lognormal(rng.Stream(2, "cand"), 11, 6, .05, 0, 1), Options{}); all.Status != Regression || one(t, all, "fd").Status != Inconclusive && one(t, all, "fd").Status != Regression {
		t.Errorf("all failed: %+v", all.Checks)
	}
}

func TestCrashesThatAreNewAreNotPassed(t *testing.T) {
	b := baseline(t, lognormal(rng.Stream(1, "base"), 1, 10, .05, 0, 0))
	cand := lognormal(rng.Stream(2, "cand"), 11, 10, .05, 0, 0)
	for failed, want := range map[int]Status{0: Pass, 1: Pass, 2: Inconclusive, 4: Regression} { // 4 of 10: C(10,4)/C(20,4) = 210/4845 = .043
		recs := each(cand, func(r *reports.Record) {
			if int(r.Seed) < 11+failed {
				*r = fail(*r)
			}
		})
		k := one(t, decide(t, b, recs, Options{}), "")
		if k.Status != want || failed == 0 && !strings.Contains(k.Reason, "4 of 10 would be one") {
			t.Errorf("%d of ten crash where none did: %s: %s", failed, k.Status, k.Reason)
		}
	}
}

func TestIncomparableNamesTheField(t *testing.T) {
	base := values(1, 98, 99, 100, 101, 102)
	for name, change := range map[string]func(*reports.Record){
		"featurizer":    func(r *reports.Record) { r.Featurizer = "glyphnet" },
		"N":             func(r *reports.Record) { r.N = 500 },
		"N real":        func(r *reports.Record) { r.NReal = 500 },
		"protocol":      func(r *reports.Record) { r.Protocol = "p2" },
		"reference":     func(r *reports.Record) { r.Reference = "train" },
		"step":          func(r *reports.Record) { r.Step = 50 },
		"data set hash": func(r *reports.Record) { r.Provenance.DatasetHash = "d2" },
		"weights hash":  func(r *reports.Record) { r.Provenance.WeightsHash = "w2" },
		"direction":     func(r *reports.Record) { r.Better = reports.Higher },
	} {
		_, err := Decide(baseline(t, base), each(base, change), Options{Across: name != "step"})
		if !errors.Is(err, ErrIncomparable) || !strings.Contains(err.Error(), name+" is ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestChangedSettingsAreNamed(t *testing.T) {
	base := values(1, 98, 99, 100, 101, 102)
	narrow := each(base, func(r *reports.Record) {
		r.SettingsID, r.Settings, r.Value = "s2", map[string]string{"width": "4", "steps": "100"}, r.Value*2
	})
	_, err := Decide(baseline(t, base), narrow, Options{})
	if !errors.Is(err, ErrIncomparable) || !strings.Contains(err.Error(), "width 32 -> 4") || strings.Contains(err.Error(), "steps") {
		t.Errorf("%v", err)
	}
	v := decide(t, baseline(t, base), narrow, Options{Across: true})
	if v.Status != Regression || len(v.Changes) != 1 || v.Changes[0].String() != "width 32 -> 4" {
		t.Errorf("across settings: %+v", v)
	}
	// A setting that the baseline's build did not have, at its default, is no change; at another value it is.
	newer := func(value string) []reports.Record {
		return each(base, func(r *reports.Record) {
			r.SettingsID, r.Settings = "s3", map[string]string{"width": "32", "steps": "100", "ema": value}
		})
	}
	o := Options{Default: func(model, setting string) (string, bool) { return "0", model == "wgan" && setting == "ema" }}
	if v := decide(t, baseline(t, base), newer("0"), o); v.Status != Identical {
		t.Errorf("a new setting at its default: %+v", v)
	}
	// Another hash with the same settings: the suite has one more metric, or one has another option. It is said, not refused.
	more := each(base, func(r *reports.Record) { r.SettingsID = "s4" })
	if v := decide(t, baseline(t, base), more, Options{}); v.Status != Identical || len(v.Changes) != 1 || !strings.Contains(v.Changes[0].Name, "metrics") {
		t.Errorf("another hash: %+v", v)
	}
	if _, err := Decide(baseline(t, base), newer("0.9"), o); !errors.Is(err, ErrIncomparable) || !strings.Contains(err.Error(), "ema none -> 0.9") {
		t.Errorf("a new setting at another value: %v", err)
	}
}
