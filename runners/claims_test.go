package runners

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/reports"
)

const claimed = hidden + "models: [quick, slow]\nsearch: {draws: 4}\nrerun: 2\n"

func TestClaimsChangeNoCell(t *testing.T) {
	plain, with := mustPlan(t, claimed), mustPlan(t, claimed+"claims:\n- {say: one is lower, test: lower, metric: gap, models: quick, than: slow}\n- {say: all are small, test: every, metric: gap, at_most: 9, of: search}\n")
	if plain.Hash != with.Hash || len(plain.Cells) != len(with.Cells) {
		t.Fatalf("plan %s has become %s", plain.Hash, with.Hash)
	}
	for i := range plain.Cells {
		if plain.Cells[i].Hash != with.Cells[i].Hash {
			t.Errorf("%s has another hash", plain.Cells[i].Title())
		}
	}
	nine := 9.
	want := []reports.Claim{
		{Say: "one is lower", Test: "lower", Metric: "gap", Datasets: []string{"ring"}, Models: []string{"quick"}, Than: []string{"slow"}, Of: Best, Share: 1},
		{Say: "all are small", Test: "every", Metric: "gap", Datasets: []string{"ring"}, Models: []string{"quick", "slow"}, Of: "search", AtMost: &nine, Share: 1},
	}
	if d := cmp.Diff(want, with.Claims); d != "" {
		t.Error(d)
	}
}

func TestClaimsSayWhenTheyWereStated(t *testing.T) {
	one, two := "- {say: one, test: lower, metric: gap, models: quick, than: slow}\n", "- {say: two, test: lower, metric: gap, models: slow, than: quick}\n"
	dir := t.TempDir()
	mustRun(t, mustPlan(t, claimed+"claims:\n"+one), Options{Dir: dir, Workers: 1})
	stated := func() map[string]string {
		t.Helper()
		run, err := reports.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, c := range run.Claims {
			out[c.Say] = c.Stated()
		}
		return out
	}
	if d := cmp.Diff(map[string]string{"one": ""}, stated()); d != "" {
		t.Error(d)
	}
	// One is dropped and another comes when all is known: 2 models x (4 draws + 2 x 2 fresh seeds).
	s := mustRun(t, mustPlan(t, claimed+"claims:\n"+two), Options{Dir: dir, Workers: 1})
	if s.Ran != 0 || s.Total != 16 {
		t.Errorf("%d of %d cells ran again", s.Ran, s.Total)
	}
	want := map[string]string{"one": "withdrawn after 16 cells had ended", "two": "stated after 16 cells had ended"}
	if d := cmp.Diff(want, stated()); d != "" {
		t.Error(d)
	}
	// Nothing changes it back: one is stated anew, and late.
	mustRun(t, mustPlan(t, claimed+"claims:\n"+one+two), Options{Dir: dir, Workers: 1})
	want["one"] = "stated after 16 cells had ended"
	if d := cmp.Diff(want, stated()); d != "" {
		t.Error(d)
	}
}

func TestFaultyClaimsAreOneLine(t *testing.T) {
	plain := "name: plain\nfeaturizers: [none]\nmetrics: [gap]\nbudget: 8\ndatasets: [ring]\nmodels: [quick, slow]\n"
	for _, c := range []struct{ text, want string }{
		{claimed + "claims: {say: x, test: lowr, metric: gap, models: quick, than: slow}", `line 13: claims: test: unknown test "lowr", did you mean "lower"?`},
		{claimed + "claims: {say: x, test: lower, metric: gpa, models: quick, than: slow}", `line 13: claims: metric: unknown metric "gpa"`},
		{claimed + "claims: {say: x, test: lower, metric: gpa, datasets: ring, models: quick, than: slow}", `data set ring: unknown metric "gpa"`},
		{claimed + "claims: {say: x, test: lower, metric: gap, models: quik, than: slow}", `data set ring: unknown model "quik", did you mean "quick"?`},
		{claimed + "claims: {say: x, test: lower, metric: gap, datasets: grid, models: quick, than: slow}", `unknown data set "grid"`},
		{claimed + "claims: {say: x, test: lower, metric: gap, models: quick, than: slow, of: wide}", `unknown runs "wide", have best, defaults`},
		{claimed + "claims: {say: x, source: nobody1999, test: lower, metric: gap, models: quick, than: slow}", `source: unknown source "nobody1999"`},
		{claimed + "claims: {say: x, test: every, metric: gap, at_most: 1, featurizer: pixels}", `unknown featurizer "pixels"`},
		{claimed + "claims: {say: x, test: every, metric: gap}", "needs a bound"},
		{claimed + "claims: {test: every, metric: gap, at_most: 1}", `key "say" is missing`},
		{claimed + "claims: {say: x, test: every, metric: gap, at_most: 1, bound: 2}", `unknown key "bound"`},
		{claimed + "claims:\n- {say: x, test: every, metric: gap, at_most: 1}\n- {say: x, test: every, metric: gap, at_most: 1}\n", "is there twice"},
		{plain + "claims: {say: x, test: lower, metric: gap, models: quick, than: slow, of: best}", "has no search"},
	} {
		cfg, err := ParseConfig("x.yaml", []byte(c.text))
		if err == nil {
			_, err = NewPlan(fakeKit(), cfg)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q, want %q", err, c.want)
		}
	}
	if p := mustPlan(t, plain+"claims: {say: x, test: lower, metric: gap, models: quick, than: slow}\n"); p.Claims[0].Of != "" {
		t.Errorf("a suite without a search has no runs of %q", p.Claims[0].Of)
	}
}
