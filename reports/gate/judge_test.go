package gate

import (
	"math"
	"strings"
	"testing"

	"github.com/assay-gan/assay/reports"
)

// What cannot be judged never passes in silence.

func TestMissingValuesAreNotPassed(t *testing.T) {
	base := values(1, 98, 99, 100, 101, 102)
	other := as(values(11, 98, 99, 100, 101, 102), "kid", reports.Lower)
	k := one(t, decide(t, baseline(t, base, "fd"), other, Options{}), "fd")
	if k.Status != Inconclusive || !strings.Contains(k.Reason, "none of its 5 runs has this value") {
		t.Errorf("no value: %+v", k)
	}
	some := append(values(11, 98, 99, 100), other[3:]...)
	if k := one(t, decide(t, baseline(t, base, "fd"), some, Options{}), "fd"); k.Status != Inconclusive || !strings.Contains(k.Reason, "2 of 5 runs ended without this value") {
		t.Errorf("some values: %+v", k)
	}
	for _, line := range []string{
		`{"cell":"c","model":"m","dataset":"d","seed":1,"step":1,"metric":"fd","value":null,"status":"ok"}`,
		`{"cell":"c","model":"m","dataset":"d","seed":1,"step":1,"metric":"fd","status":"ok"}`,
	} {
		if _, _, err := reports.Read(strings.NewReader(line+"\n"), "r.jsonl"); err == nil || !strings.Contains(err.Error(), `field "value" of "fd" is missing or null`) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestUnreliableValuesAreNotPassed(t *testing.T) {
	base := values(1, 98, 99, 100, 101, 102)
	for _, status := range []string{reports.Unreliable, reports.Degenerate} {
		bad := each(values(11, 98, 99, 100, 101, 102), func(r *reports.Record) { r.Status = status })
		if k := one(t, decide(t, baseline(t, base), bad, Options{}), "fd"); k.Status != Inconclusive || !strings.Contains(k.Reason, "5 of 5 values are unreliable") {
			t.Errorf("%s: %+v", status, k)
		}
		// Like with like is compared, and said.
		was := each(base, func(r *reports.Record) { r.Status = status })
		if k := one(t, decide(t, baseline(t, was), bad, Options{}), "fd"); k.Status != Pass || !strings.Contains(strings.Join(k.Notes, " "), "unreliable") {
			t.Errorf("both %s: %+v", status, k)
		}
	}
}

// A baseline of no copies: its median is 0, and so would be any margin that is a share of it.
func TestBaselineOfZeros(t *testing.T) {
	base := as(values(1, 0, 0, 0, 0, 0), "duplicates", reports.Lower)
	worse := as(values(11, .04, .05, .05, .05, .06), "duplicates", reports.Lower)
	if k := one(t, decide(t, baseline(t, base), worse, Options{}), "duplicates"); k.Status != Regression || math.Abs(float64(k.Worse)-50) > 1e-9 { // (.05 + 1/1000) / (1/1000) = 51 times
		t.Errorf("copies from none to 5 %%: %s: %s", k.Status, k.Reason)
	}
	if k := one(t, decide(t, baseline(t, base), as(values(11, 0, 0, 0, 0, 0), "duplicates", reports.Lower), Options{}), "duplicates"); k.Status != Pass {
		t.Errorf("none as before: %+v", k)
	}
}

// 99.9 % of good samples to 96 % is forty times as many bad ones, and not 4 % worse.
func TestShareNearOne(t *testing.T) {
	base := as(values(1, .998, .999, .999, .9985, .9995), "hq", reports.Higher)
	cand := as(values(11, .96, .961, .959, .962, .958), "hq", reports.Higher)
	k := one(t, decide(t, baseline(t, base), cand, margin(.05)), "hq")
	if k.Status != Regression || k.Scale != Ideal || float64(k.Worse) < 15 {
		t.Errorf("%+v", k)
	}
}

// An unbiased distance around 0: its median says nothing about its noise. The worsening is in standard deviations, and no thousands of runs are asked for.
func TestDistanceAroundZero(t *testing.T) {
	base := as(values(1, -.001, .002, 0, .001, -.002, .0005, -.0005, .0015), "kid", reports.Lower)
	same := as(values(11, .0012, -.0011, .0004, -.0018, .0016, -.0002, .0007, -.0009), "kid", reports.Lower)
	k := one(t, decide(t, baseline(t, base), same, margin(.05)), "kid")
	if k.Status != Pass || k.Scale != Spread || k.Needed != 0 || !strings.Contains(strings.Join(k.Notes, " "), "means nothing for values around 0") {
		t.Errorf("%+v", k)
	}
	worse := each(same, func(r *reports.Record) { r.Value += .02 })
	if k := one(t, decide(t, baseline(t, base), worse, Options{}), "kid"); k.Status != Regression || !strings.Contains(k.Reason, "sd worse") {
		t.Errorf("ten standard deviations up: %s: %s", k.Status, k.Reason)
	}
}

func TestBetterThanRealData(t *testing.T) {
	real := model(values(1, 40, 41, 42), reports.Real)
	base := append(values(1, 41, 42, 45, 47, 49), real...)
	cand := append(values(11, 38, 39, 40.5, 46, 48), real...)
	k := one(t, decide(t, baseline(t, base), cand, Options{}), "fd")
	if k.Status != TooGood || !strings.Contains(k.Reason, "better than real data's, 41") {
		t.Errorf("%+v", k)
	}
}

// The deterministic layer: equal to the bit on one machine, noise elsewhere.
func TestEqualByRule(t *testing.T) {
	base := values(1, 98, 99, 100, 101, 102)
	o := Options{Rules: []Rule{{File: "gate.yaml", Line: 2, Measure: "fd", Equal: true}}}
	nudged := each(base, func(r *reports.Record) {
		if r.Seed == 3 {
			r.Value = math.Nextafter(r.Value, 1000)
		}
	})
	v := decide(t, baseline(t, base), nudged, o)
	if k := one(t, v, "fd"); k.Status != Changed || !v.Failed() || !strings.Contains(k.Reason, "1 of 5 values are not equal to the bit, as gate.yaml:2 wants") {
		t.Errorf("%+v", k)
	}
	elsewhere := each(nudged, func(r *reports.Record) { r.Provenance.Kernel = "neon" })
	v = decide(t, baseline(t, base), elsewhere, o)
	if k := one(t, v, "fd"); k.Status != Pass || !strings.Contains(strings.Join(k.Notes, " "), "one kernel set and processor only") || v.Changes[0].String() != "kernel set avx2 -> neon" {
		t.Errorf("another kernel set: %+v, %v", k, v.Changes)
	}
	if v := decide(t, baseline(t, base), base, o); v.Status != Identical {
		t.Errorf("equal: %+v", v)
	}
}

// Ten pairs that are all 10 % worse, of a model whose seeds lie 40 % apart: only pairs can see it.
func TestPairsSeeWhatSeedsHide(t *testing.T) {
	v := []float64{60, 180, 75, 150, 90, 130, 100, 115, 220, 50}
	base := values(1, v...)
	worse := each(base, func(r *reports.Record) { r.Value *= 1.1 + .001*float64(r.Seed) })
	k := one(t, decide(t, baseline(t, base), worse, Options{}), "fd")
	// All ten up: 2 tests x 2^-10.
	if k.Status != Regression || math.Abs(k.P-2.0/1024) > 1e-12 || k.MarginFrom == "noise of the runs" || k.Test != "signed-rank and Mann-Whitney" {
		t.Errorf("the same seeds: %+v", k)
	}
	if k := one(t, decide(t, baseline(t, base), each(worse, func(r *reports.Record) { r.Seed += 100; r.Cell += "x" }), Options{}), "fd"); k.Status != Pass || k.Pairs != 0 {
		t.Errorf("other seeds: %+v", k)
	}
}

// The stated detectable worsening is that of the decision: planted, it is found eight times in ten. Seven pairs reach 2/128 at best and are
// tested as groups, so that the simulated nights and the check make one and the same test.
func TestStatedPowerIsTheDecisions(t *testing.T) {
	b := baseline(t, values(1, 90, 94, 97, 100, 103, 107, 111))
	k := one(t, decide(t, b, values(1, 104, 98, 109, 92, 106, 95, 101), Options{}), "fd")
	c, err := Calibrate(b, Options{}, Simulation{Runs: 7, Nights: 20, Baselines: 1, PowerNights: 1000, Worse: []float64{float64(k.Detectable)}})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Power[0].Fresh; got < .74 || got > .86 { // 1000 nights and 1000 draws: 2 % of standard error
		t.Errorf("a worsening of %v is called detectable with power 0.8 and is found in %v", k.Detectable, got)
	}
}
