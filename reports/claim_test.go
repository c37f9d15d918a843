package reports

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/reports/stats"
)

// claimRecords makes the records of models with one value a seed; NaN is a run that failed.
func claimRecords(dataset, metric, better string, values map[string][]float64) []Record {
	var recs []Record
	for model, v := range values {
		for seed, x := range v {
			r := Record{Cell: fmt.Sprint(dataset, model, seed), Model: model, Dataset: dataset, SettingsID: model, Seed: uint64(seed), Metric: metric, Featurizer: "none", Reference: "test", N: 5, Value: x, Better: better, Status: OK}
			if math.IsNaN(x) {
				r = Record{Cell: r.Cell, Model: model, Dataset: dataset, SettingsID: model, Seed: r.Seed, Status: Failed, Error: "NaN", Cause: NotANumber}
			}
			recs = append(recs, r)
		}
	}
	return recs
}

// seq is from, from+step, ...: n values.
func seq(n int, from, step float64) (v []float64) {
	for i := range n {
		v = append(v, from+step*float64(i))
	}
	return v
}

func limit(v float64) *float64 { return &v }

func judgeOne(recs []Record, c Claim) ClaimVerdict {
	if c.Share == 0 {
		c.Share = 1
	}
	return JudgeClaims(Summarise(recs, 0), []Claim{c})[0]
}

func TestClaimsOfOrderAreDecidedByExactRanks(t *testing.T) {
	recs := claimRecords("ring", "fd", Lower, map[string][]float64{"a": seq(4, 1, .1), "b": seq(4, 2, .1), "c": seq(4, 1.05, .1)})
	v := judgeOne(recs, Claim{Test: ClaimLower, Metric: "fd", Datasets: []string{"ring"}, Models: []string{"a"}, Than: []string{"b"}})
	// All four of a below all four of b: 1 of C(8,4) = 70 orders.
	if v.Word != Holds || v.P == nil || math.Abs(*v.P-1./70) > 1e-12 {
		t.Errorf("lower: %+v", v)
	}
	v = judgeOne(recs, Claim{Test: ClaimHigher, Metric: "fd", Datasets: []string{"ring"}, Models: []string{"a"}, Than: []string{"b"}})
	if v.Word != DoesNotHold || *v.P != 1 {
		t.Errorf("higher: %+v", v)
	}
	// Two comparisons that must both hold: the greater p-value, that of a against c. Ranks of a are 1, 3, 5, 7 of 8: U = 6 pairs with a > c; the exact tail by counting.
	v = judgeOne(recs, Claim{Test: ClaimLower, Metric: "fd", Datasets: []string{"ring"}, Models: []string{"a"}, Than: []string{"b", "c"}})
	want := subsets(8, 4, 1+3+5+7)
	if v.Word != DoesNotHold || math.Abs(*v.P-want) > 1e-12 {
		t.Errorf("both: %+v, want p %g", v, want)
	}
	// One of two is enough: twice the least.
	v = judgeOne(recs, Claim{Test: ClaimLower, Metric: "fd", Datasets: []string{"ring"}, Models: []string{"a"}, Than: []string{"b", "c"}, Share: .5})
	if v.Word != Holds || math.Abs(*v.P-2./70) > 1e-12 {
		t.Errorf("one of two: %+v", v)
	}
}

// subsets is the share of the k-subsets of 1..n whose sum is at most s, by counting them all.
func subsets(n, k, s int) float64 {
	all, hit := 0, 0
	for bits := range 1 << n {
		size, sum := 0, 0
		for i := range n {
			if bits>>i&1 == 1 {
				size, sum = size+1, sum+i+1
			}
		}
		if size == k {
			all++
			if sum <= s {
				hit++
			}
		}
	}
	return float64(hit) / float64(all)
}

func TestClaimsAreAdjustedByHolmOverTheSuite(t *testing.T) {
	recs := claimRecords("ring", "fd", Lower, map[string][]float64{"a": seq(5, 1, .1), "b": seq(5, 2, .1), "c": seq(5, 3, .1)})
	lower := func(a, b string) Claim {
		return Claim{Test: ClaimLower, Metric: "fd", Datasets: []string{"ring"}, Models: []string{a}, Than: []string{b}, Share: 1}
	}
	every := Claim{Test: ClaimEvery, Metric: "fd", Datasets: []string{"ring"}, Models: []string{"a"}, AtMost: limit(1.4), Share: 1}
	got := JudgeClaims(Summarise(recs, 0), []Claim{lower("a", "b"), every, lower("b", "c"), lower("c", "a")})
	p := 1. / 252 // C(10,5)
	for i, want := range []struct {
		word string
		p    float64
	}{{Holds, 3 * p}, {Holds, -1}, {Holds, 3 * p}, {DoesNotHold, 1}} {
		if got[i].Word != want.word || want.p >= 0 && math.Abs(*got[i].P-want.p) > 1e-12 || want.p < 0 && got[i].P != nil {
			t.Errorf("claim %d: %+v, want %v", i, got[i], want)
		}
	}
}

func TestTooFewSeedsCannotTell(t *testing.T) {
	recs := claimRecords("ring", "fd", Lower, map[string][]float64{"a": seq(3, 1, .1), "b": seq(3, 2, .1)})
	// 1 of 20 is not below 0.05: nothing that three seeds a side can do is significant.
	v := judgeOne(recs, Claim{Test: ClaimLower, Metric: "fd", Datasets: []string{"ring"}, Models: []string{"a"}, Than: []string{"b"}})
	if v.Word != CannotTell || !strings.Contains(v.Found(), "too few seeds") {
		t.Errorf("%+v", v)
	}
	// 1 of 70 is, but not four times it: of four claims with four seeds a side none can be decided by a rank that is not the least of all.
	four := claimRecords("ring", "fd", Lower, map[string][]float64{"a": seq(4, 1, .1), "b": seq(4, 1.05, .1)})
	one := Claim{Test: ClaimLower, Metric: "fd", Datasets: []string{"ring"}, Models: []string{"a"}, Than: []string{"b"}, Share: 1}
	for i, each := range JudgeClaims(Summarise(four, 0), []Claim{one, one, one, one}) {
		if each.Word != CannotTell {
			t.Errorf("claim %d of four: %+v", i, each)
		}
	}
	if alone := judgeOne(four, one); alone.Word != DoesNotHold {
		t.Errorf("one claim of four seeds: %+v", alone)
	}
	v = judgeOne(recs, Claim{Test: ClaimLower, Metric: "fd", Datasets: []string{"ring"}, Models: []string{"a"}, Than: []string{"nobody"}})
	if v.Word != CannotTell || !strings.Contains(v.Found(), "no runs") {
		t.Errorf("no runs: %+v", v)
	}
	v = judgeOne(recs, Claim{Test: ClaimSimilar, Metric: "fd", Datasets: []string{"ring"}, Models: []string{"a", "b"}, AtMost: limit(10)})
	if v.Word != CannotTell {
		t.Errorf("a ratio of three runs: %+v", v)
	}
}

func TestUnbeatenNeedsAModelThatIsBetterEverywhere(t *testing.T) {
	ring := claimRecords("ring", "fd", Lower, map[string][]float64{"ref": seq(8, 2, .1), "a": seq(8, 1, .1), "b": seq(8, 3, .1)})
	worse := claimRecords("grid", "fd", Lower, map[string][]float64{"ref": seq(8, 2, .1), "a": seq(8, 3, .1), "b": seq(8, 3, .1)})
	better := claimRecords("grid", "fd", Lower, map[string][]float64{"ref": seq(8, 2, .1), "a": seq(8, 1, .1), "b": seq(8, 3, .1)})
	c := Claim{Test: ClaimUnbeaten, Metric: "fd", Datasets: []string{"ring", "grid"}, Models: []string{"a", "b"}, Than: []string{"ref"}}
	for _, order := range [][]string{{"ring", "grid"}, {"grid", "ring"}} {
		c.Datasets = order
		if v := judgeOne(append(ring, worse...), c); v.Word != Holds || *v.P != 1 {
			t.Errorf("a is better on ring alone: %+v", v)
		}
	}
	// Better on both: the greater of two p-values, 1 of C(16,8) each, times two models.
	v := judgeOne(append(ring, better...), c)
	if v.Word != DoesNotHold || math.Abs(*v.P-2./12870) > 1e-12 {
		t.Errorf("a is better on both: %+v", v)
	}
	few := claimRecords("ring", "fd", Lower, map[string][]float64{"ref": seq(3, 2, .1), "a": seq(3, 1, .1)})
	c.Datasets, c.Models = []string{"ring"}, []string{"a"}
	if v := judgeOne(few, c); v.Word != CannotTell {
		t.Errorf("three seeds cannot beat anyone: %+v", v)
	}
}

func TestEveryRunCountsAndAFailedOneKeepsNoBound(t *testing.T) {
	recs := claimRecords("ring", "modes", Higher, map[string][]float64{"a": {8, 8, 7, 8}, "b": {8, 8, 8, math.NaN()}})
	c := Claim{Test: ClaimEvery, Metric: "modes", Datasets: []string{"ring"}, Models: []string{"a"}, AtLeast: limit(7)}
	if v := judgeOne(recs, c); v.Word != Holds {
		t.Errorf("%+v", v)
	}
	c.AtLeast = limit(8)
	if v := judgeOne(recs, c); v.Word != DoesNotHold || float64(v.Parts[0].Value) != .75 {
		t.Errorf("one run has seven: %+v", v)
	}
	if c.Share = .75; judgeOne(recs, c).Word != Holds {
		t.Error("three of four runs are three quarters")
	}
	c.Share, c.Models = 1, []string{"b"}
	if v := judgeOne(recs, c); v.Word != DoesNotHold || v.Parts[0].Runs != 4 {
		t.Errorf("a failed run: %+v", v)
	}
}

func TestRatiosAreDecidedByTheirWholeInterval(t *testing.T) {
	recs := claimRecords("ring", "fd", Lower, map[string][]float64{
		"best": seq(20, 1, .001), "near": seq(20, 1.2, .001), "far": seq(20, 3, .001), "wild": seq(20, 1, .2), "lost": append(seq(16, 1.1, .001), math.NaN(), math.NaN(), math.NaN(), math.NaN())})
	c := Claim{Test: ClaimSimilar, Metric: "fd", Datasets: []string{"ring"}, Models: []string{"best", "near", "far"}, AtMost: limit(1.5), Share: .6}
	v := judgeOne(recs, c)
	if v.Word != Holds { // two of three
		t.Errorf("similar: %+v", v)
	}
	// Medians are 1.0095, 1.2095 and 3.0095.
	for i, want := range []float64{1, 1.2095 / 1.0095, 3.0095 / 1.0095} {
		if got := float64(v.Parts[i].Value); math.Abs(got-want) > 1e-9 {
			t.Errorf("ratio %d is %g, want %g", i, got, want)
		}
	}
	if c.Share = .9; judgeOne(recs, c).Word != DoesNotHold {
		t.Error("far is no nine tenths")
	}
	spread := Claim{Test: ClaimSpread, Metric: "fd", Datasets: []string{"ring"}, Models: []string{"near"}, AtMost: limit(.5)}
	v = judgeOne(recs, spread)
	// 20 values .001 apart: the quantiles are 18.05 and .95 steps from the least, so 17.1 of them apart.
	if got, want := float64(v.Parts[0].Value), .0171/1.2095; v.Word != Holds || math.Abs(got-want) > 1e-9 {
		t.Errorf("spread %g, want %g: %+v", got, want, v)
	}
	// The spread of wild is 3.42 / 2.9 = 1.18, known to some tenths by 20 runs: whether it is at most that, or at least that, they cannot tell.
	for _, c := range []Claim{{AtMost: limit(3.42 / 2.9)}, {AtLeast: limit(3.42 / 2.9)}} {
		c.Test, c.Metric, c.Datasets, c.Models = ClaimSpread, "fd", []string{"ring"}, []string{"wild"}
		if v := judgeOne(recs, c); v.Word != CannotTell || math.Abs(float64(v.Parts[0].Value)-3.42/2.9) > 1e-9 {
			t.Errorf("a bound inside of the interval: %+v", v)
		}
	}
	for _, m := range []string{"wild", "lost"} { // a fifth of the runs failed: no spread holds that
		spread.Models = []string{m}
		if v := judgeOne(recs, spread); v.Word != DoesNotHold {
			t.Errorf("%s: %+v", m, v)
		}
	}
}

func TestBestOfComparesEqualNumbersOfDraws(t *testing.T) {
	draw := func(role string, v []float64) (recs []Record) {
		for i, x := range v {
			recs = append(recs, Record{Cell: fmt.Sprint(role, i), Model: "gan", Dataset: "ring", SettingsID: fmt.Sprint(role, i), Seed: 1, Metric: "fd", Featurizer: "none", Reference: "test", N: 5, Value: x, Better: Lower, Status: OK,
				Study: []Draw{{Phase: role, Number: i + 1}}})
		}
		return recs
	}
	wide, narrow := seq(40, 1, 1), seq(40, 101, 1)
	recs := append(draw("wide", wide), draw("narrow", narrow)...)
	c := Claim{Test: ClaimBestOf, Metric: "fd", Datasets: []string{"ring"}, Models: []string{"gan"}, Of: "wide", Against: "narrow", Draws: []int{10}, AtMost: limit(1)}
	v := judgeOne(recs, c)
	want := stats.MinQuantile(wide, 10, .5, true) / stats.MinQuantile(narrow, 10, .5, true)
	// The median of the least of 10 of 40: P(least > k/40) = (1-k/40)^10 falls below a half at k = 3, so the third values, 3 and 103.
	if want != 3./103 || v.Word != Holds || float64(v.Parts[0].Value) != want {
		t.Errorf("%+v, want a ratio of %g", v, want)
	}
	c.Against, c.Draws, c.AtMost = "", []int{20, 2}, limit(.5)
	if v := judgeOne(recs, c); v.Word != Holds { // about 2 against about 12
		t.Errorf("more draws: %+v", v)
	}
	c.Draws = []int{21, 2}
	if v := judgeOne(recs, c); v.Word != CannotTell || !strings.Contains(v.Found(), "too few draws") {
		t.Errorf("more than half the draws: %+v", v)
	}
}

func TestAStudysClaimsReadItsRoles(t *testing.T) {
	sums := Summarise(drawsFixture(), 0)
	c := Claim{Test: ClaimLower, Metric: "fd", Datasets: []string{"ring"}, Models: []string{"gan"}, Of: "best", Against: "defaults", Share: 1}
	v := JudgeClaims(sums, []Claim{c})[0]
	// 1.5 to 2 against 7 to 7.5, six each: 1 of C(12,6) = 924.
	if v.Word != Holds || math.Abs(*v.P-1./924) > 1e-12 {
		t.Errorf("%+v", v)
	}
}

func TestPooledClaimsTakeTheirModelsTogether(t *testing.T) {
	recs := claimRecords("ring", "is", Higher, map[string][]float64{"a1": seq(2, 5, .1), "a2": seq(2, 6, .1), "b1": seq(2, 1, .1), "b2": seq(2, 2, .1)})
	v := judgeOne(recs, Claim{Test: ClaimHigher, Metric: "is", Datasets: []string{"ring"}, Models: []string{"a1", "a2"}, Than: []string{"b1", "b2"}, Pool: true})
	if v.Word != Holds || len(v.Parts) != 1 || math.Abs(*v.P-1./70) > 1e-12 {
		t.Errorf("%+v", v)
	}
}

func TestClaimsThatLackSomethingAreRefused(t *testing.T) {
	whole := Claim{Say: "x", Test: ClaimEvery, Metric: "fd", AtMost: limit(1), Share: 1}
	if err := whole.Check(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Claim){
		`key "say"`:                     func(c *Claim) { c.Say = "" },
		`unknown test "lowr"`:           func(c *Claim) { c.Test = "lowr" },
		"give than":                     func(c *Claim) { c.Test, c.AtMost = ClaimLower, nil },
		"needs no bound":                func(c *Claim) { c.Test, c.Than = ClaimLower, []string{"a"} },
		"needs a bound":                 func(c *Claim) { c.AtMost = nil },
		"no value is at least 2":        func(c *Claim) { c.AtLeast = limit(2) },
		"share: 1.5":                    func(c *Claim) { c.Share = 1.5 },
		"than belongs":                  func(c *Claim) { c.Than = []string{"a"} },
		"pool belongs":                  func(c *Claim) { c.Pool = true },
		"draws belong":                  func(c *Claim) { c.Draws = []int{3} },
		"such as [50, 5]":               func(c *Claim) { c.Test = ClaimBestOf },
		"such as 25":                    func(c *Claim) { c.Test, c.Against = ClaimBestOf, "narrow" },
		"against belongs":               func(c *Claim) { c.Against = "defaults" },
		"leave out share":               func(c *Claim) { c.Test, c.AtMost, c.Than, c.Share = ClaimUnbeaten, nil, []string{"a"}, .5 },
		"about one model: than has two": func(c *Claim) { c.Test, c.AtMost, c.Than = ClaimUnbeaten, nil, []string{"a", "b"} },
	} {
		c := whole
		change(&c)
		want = strings.ReplaceAll(want, "has two", "has 2")
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestClaimsAreReadWithTheRunAndShownInEveryFormat(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	if err := WriteRecords(&b, drawsFixture()...); err != nil {
		t.Fatal(err)
	}
	claims := []Claim{{Say: "What was chosen is better than the defaults", Source: "lucic2018", Test: ClaimLower, Metric: "fd", Datasets: []string{"ring"}, Models: []string{"gan"}, Of: "best", Against: "defaults", Share: 1, After: 3}}
	text, err := MarshalClaims(claims)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{RecordsFile: b.String(), ClaimsFile: string(text)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(claims, run.Claims); d != "" {
		t.Error(d)
	}
	r, err := New(run, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Files(Formats()) {
		if f.ID == "csv" || f.ID == "bench" {
			continue
		}
		var out strings.Builder
		if err := f.Write(&out, r); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"What was chosen is better than the defaults", "holds", "stated after 3 cells had ended"} {
			if f.ID == "json" {
				want = strings.Replace(want, "stated after 3 cells had ended", `"after": 3`, 1)
			}
			if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), want) {
				t.Errorf("%s lacks %q", f.ID, want)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, ClaimsFile), []byte(`{"claims": [{"say": "x", "test": "best-of", "metric": "fd", "share": 1, "at_most": 1}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	run, err = Load(dir)
	if err != nil || len(run.Claims) != 0 || len(run.Notes) != 1 || !strings.Contains(run.Notes[0], "claims.json") {
		t.Errorf("a claim that lacks its draws: %v, %v, %v", err, run.Claims, run.Notes)
	}
}
