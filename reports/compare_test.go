package reports

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/assay-gan/assay/reports/stats"
	"github.com/assay-gan/assay/rng"
)

// Real data's own value stands beside the models, on each side that has it and for the same measure only; it is compared with nothing.
func TestCompareShowsTheFloor(t *testing.T) {
	side := func(model string, n int, values ...float64) (recs []Record) {
		for i, v := range values {
			r := rec(id(model, n, v, i), "fd", v)
			r.Model, r.SettingsID, r.N, r.Seed = model, model, n, uint64(i)
			recs = append(recs, r)
		}
		return recs
	}
	a := append(side("wgan", 100, 10, 11, 12), side(Real, 100, 2, 3, 4)...)
	b := append(side("wgan", 100, 5, 6, 7), side(Real, 200, 77, 77, 77)...) // another number of samples is another measure
	got, err := Compare(a, b, CompareOptions{Seed: 1, Reps: 100})
	if err != nil || len(got) != 1 || got[0].FloorA == nil || *got[0].FloorA != 3 || got[0].FloorB != nil {
		t.Fatalf("%+v, %v", got, err)
	}
	text := func(d []Difference) string {
		var w bytes.Buffer
		if err := Markdown(&w, CompareTable(d)); err != nil {
			t.Fatal(err)
		}
		return w.String()
	}
	if s := text(got); !regexp.MustCompile(`\| real +\| real +\|[^|]+\| +3 +\| +– +\|.*floor`).MatchString(s) || strings.Contains(s, "77") {
		t.Error(s)
	}
	if notes := strings.Join(CompareTable(got).Notes, " "); !strings.Contains(notes, "no model can be expected to do better") {
		t.Errorf("the line of real data is not explained: %s", notes)
	}
	j, err := json.Marshal(got)
	if err != nil || !strings.Contains(string(j), `"floor_a":3,`) || strings.Contains(string(j), "floor_b") {
		t.Errorf("%s %v", j, err)
	}
	b = append(side("wgan", 100, 5, 6, 7), side(Real, 100, 8, 9, 10)...)
	if got, err = Compare(a, b, CompareOptions{Seed: 1, Reps: 100}); err != nil || len(got) != 1 || *got[0].FloorB != 9 {
		t.Errorf("%+v, %v", got, err)
	}
	one := append(a, side("gan-ns", 100, 20, 21, 22)...)
	if got, err = CompareModels(one, "gan-ns", "wgan", CompareOptions{Seed: 1, Reps: 100}); err != nil || len(got) != 1 || got[0].A != "gan-ns" || *got[0].FloorA != 3 || *got[0].FloorB != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	if s := text(got); strings.Count(s, "| real") != 2 {
		t.Errorf("want one line of real data:\n%s", s)
	}
	if got, err = Compare(side("wgan", 100, 1, 2), side("wgan", 100, 1, 2), CompareOptions{Seed: 1, Reps: 100}); err != nil || strings.Contains(text(got), "floor") {
		t.Errorf("a floor of nothing: %s, %v", text(got), err)
	}
}

// seeded makes runs of a model on ring, seed by seed; NaN is a failed run.
func seeded(model, metric string, values ...float64) (recs []Record) {
	for i, v := range values {
		r := rec(id(model, i), metric, v)
		r.Model, r.SettingsID, r.Seed, r.Dataset = model, model, uint64(i), "ring"
		if math.IsNaN(v) {
			r.Metric, r.Status, r.Error, r.Value, r.Featurizer = "", Failed, "broke", 0, ""
		}
		recs = append(recs, r)
	}
	return recs
}

func compared(t *testing.T, a, b []Record, metrics ...string) []Difference {
	t.Helper()
	got, err := Compare(a, b, CompareOptions{Seed: 1, Reps: 100, Metrics: metrics})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Eight pairs of one model, each 1 worse, among runs that differ by tens: Mann-Whitney sees nothing. Signed-rank has 2 x 2^-8 = 0.0078, doubled for the two
// tests 0.0156; the ratios are not equal, so the shift is one of logarithms.
func TestComparePairs(t *testing.T) {
	a := []float64{10, 20, 30, 40, 50, 60, 70, 80}
	b := make([]float64, len(a))
	for i := range a {
		b[i] = 1.02 * a[i]
	}
	d := compared(t, seeded("vae", "fd", a...), seeded("vae", "fd", b...))[0]
	if d.Pairs != 8 || d.Test != SignedRankName || math.Abs(d.P-4.0/256) > 1e-12 || d.Verdict() != "B worse" || math.Abs(d.Shift.Estimate-.02) > 1e-9 {
		t.Errorf("%+v", d)
	}
	other := compared(t, seeded("vae", "fd", a...), seeded("gan", "fd", b...))[0] // another model's seeds are no pairs
	if other.Pairs != 0 || other.Test != MannWhitneyTest || other.Verdict() != "~" {
		t.Errorf("%+v", other)
	}
	same := compared(t, seeded("vae", "fd", a...), seeded("vae", "fd", a...))
	if same[0].Verdict() != "identical" || CompareSentence(same) != "1 of 1 identical to the bit" {
		t.Errorf("%+v, %s", same, CompareSentence(same))
	}
	few := compared(t, seeded("vae", "fd", a[:5]...), seeded("vae", "fd", b[:5]...))[0] // 2^-5 in four tails cannot reach 5 %: the pairs are not tested
	if few.Test != MannWhitneyTest || few.Pairs != 5 {
		t.Errorf("%+v", few)
	}
}

// Five runs against five that do not overlap have p = 2/252. It must not drown among values derived from others: Holm over seven rows would make it 0.056.
func TestCompareSeparationStandsAlone(t *testing.T) {
	metrics := []string{"fd", "fd_mean", "fd_bias", "precision", "recall", "density", "coverage"}
	var a, b []Record
	for _, m := range metrics {
		a = append(a, seeded("vae", m, 1, 2, 3, 4, 5)...)
		b = append(b, seeded("gan", m, 11, 12, 13, 14, 15)...)
	}
	head := compared(t, a, b)
	if len(head) != 1 || head[0].Measure.Metric != "fd" || math.Abs(head[0].P-2.0/252) > 1e-12 || head[0].Verdict() != "B worse" {
		t.Errorf("%+v", head)
	}
	if head[0].PBetter != 0 || !math.IsNaN(head[0].PRange.Lo) || head[0].chance() != "0.00" {
		t.Errorf("P(better) %s: a bootstrap of runs that do not overlap knows no interval", head[0].chance())
	}
	if all := compared(t, a, b, "all"); len(all) != 7 || all[0].Verdict() != "too few runs" || !strings.Contains(CompareSentence(all), "on 7 the runs do not overlap at all") {
		t.Errorf("%+v", all)
	}
	if _, err := Compare(a, b, CompareOptions{Metrics: []string{"kid"}}); err == nil || !strings.Contains(err.Error(), "no data set and model has kid") {
		t.Error(err)
	}
}

// One side all failed is the worst there can be, and not nothing: 5 failures against 5 values are 2/252 too.
func TestCompareAllFailed(t *testing.T) {
	nan := math.NaN()
	good, bad := seeded("vae", "fd", 1, 2, 3, 4, 5), seeded("vae", "fd", nan, nan, nan, nan, nan)
	d := compared(t, good, bad)[0]
	if d.FailedB != 5 || d.NB != 5 || math.Abs(d.P-2.0/252) > 1e-12 || d.Verdict() != "B worse" {
		t.Errorf("%+v", d)
	}
	if d := compared(t, bad, good)[0]; d.FailedA != 5 || d.Verdict() != "B better" {
		t.Errorf("%+v", d)
	}
	if d := compared(t, good, seeded("gan", "fd", nan, nan, nan, nan, nan))[0]; d.B != "gan" || d.Verdict() != "B worse" {
		t.Errorf("another model: %+v", d)
	}
	if _, err := Compare(bad, bad, CompareOptions{}); err == nil || !strings.Contains(err.Error(), "every run of both sides failed") {
		t.Error(err)
	}
}

// One run against one says nothing of a probability, and can show nothing.
func TestCompareOneRun(t *testing.T) {
	got := compared(t, seeded("vae", "fd", 1), seeded("vae", "fd", 2))
	if d := got[0]; !math.IsNaN(d.PBetter) || d.chance() != "–" || d.Verdict() != "too few runs" {
		t.Errorf("%+v", d)
	}
	if s := CompareSentence(got); s != "no difference shown; 1 against 1 can show nothing: run more seeds" {
		t.Error(s)
	}
	if j, err := json.Marshal(got); err != nil || !strings.Contains(string(j), `"p_better":null`) || !strings.Contains(string(j), `"detectable":"inf"`) {
		t.Errorf("%s, %v", j, err)
	}
}

func TestCompareText(t *testing.T) {
	nan := math.NaN()
	a := append(seeded("vae", "fd", 10, 11, 12, 13, 14), seeded("a-model-with-a-long-name-of-its-own", "fd", 1, 2, 3, 4, 5)...)
	b := append(seeded("vae", "fd", 10.5, 11.2, 11.9, 13.5, 13), seeded("a-model-with-a-long-name-of-its-own", "fd", 21, 22, 23, 24, nan)...)
	a, b = append(a, seeded("gan", "fd", 1, 2)...), append(b, seeded("gan", "fd", 1, 2)...)
	for i := range a {
		a[i].Featurizer = strings.ReplaceAll(a[i].Featurizer, "none", "inception(pytorch-fid,2048)")
	}
	diffs := compared(t, a, b)
	var w bytes.Buffer
	if err := CompareText(&w, diffs, "runs/before", "runs/after"); err != nil {
		t.Fatal(err)
	}
	text := w.String()
	for _, line := range strings.Split(text, "\n") {
		if utf8.RuneCountInString(line) > 80 {
			t.Errorf("%d columns: %s", utf8.RuneCountInString(line), line)
		}
	}
	for _, want := range []string{"compare: runs/before (A) against runs/after (B)", "\n~ ", "\nB worse ", "\nidentical ", "no difference shown.", "1/5 failed", "no difference shown on 1; 5 against 5 show 40 % or more", "x10.5 [x4.60, ∞]"} {
		if !strings.Contains(text, want) && !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// What is said to be found is found: at the stated size, resampled runs of A are told apart in about 80 % of the draws, and at half of it in fewer.
func TestCompareDetectable(t *testing.T) {
	base := []float64{1, 1.1, 1.25, 1.4, 1.5, 1.7, 1.8, 2}
	s := rng.Stream(5, "detect")
	size := compared(t, seeded("vae", "fd", base...), seeded("gan", "fd", base...))[0].Detectable
	rate := func(worse float64) float64 {
		found := 0
		for range 400 {
			v := make([]float64, len(base))
			for i := range v {
				v[i] = base[s.IntN(len(base))] * (1 + worse)
			}
			if stats.MannWhitney(v, base, stats.TwoSided).P <= .05 {
				found++
			}
		}
		return float64(found) / 400
	}
	// 400 draws at 0.8 have a standard error of 0.02; 1000 behind the stated size one of 0.013.
	if at, half := rate(size), rate(size/2); at < .72 || at > .88 || half > .6 {
		t.Errorf("%.0f %% are found in %.2f of the draws, half of it in %.2f", 100*size, at, half)
	}
}

// One pair is no pairs.
func TestCompareCountsPairs(t *testing.T) {
	for pairs, want := range map[int]string{1: "1 pair equal to the bit", 5: "5 pairs equal to the bit"} {
		if got := (Difference{A: "vae", B: "vae", Dataset: "ring", Pairs: pairs}).cells(); !slices.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}
