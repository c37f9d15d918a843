package reports

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// scored is a run of a model on a set with one value of a metric, against a reference.
func scored(model, dataset, metric, reference string, seed int, v float64) Record {
	r := rec(id(model, dataset, seed), metric, v)
	r.Model, r.Dataset, r.Reference, r.Seed = model, dataset, reference, uint64(seed)
	if metric != "fd" {
		r.Better = Higher
	}
	return r
}

// series is six runs of a model from a value on, each an hundredth above the last.
func series(model, dataset, metric, reference string, from float64) (recs []Record) {
	for seed := range 6 {
		recs = append(recs, scored(model, dataset, metric, reference, seed, from*(1+float64(seed)/100)))
	}
	return recs
}

// A line a data set, by the test split where there are two: the winner where tests can tell (six against six, all below: p = 2/924), the tie where they cannot, and
// what cannot be confirmed said so.
func TestAnswers(t *testing.T) {
	recs := slices.Concat(
		series("a", "clear", "fd", "test", 2), series("b", "clear", "fd", "test", 4), series(Real, "clear", "fd", "test", 1), series("a", "clear", "fd", "train", 3), series("b", "clear", "fd", "train", 1),
		series("a", "tie", "fd", "test", 2), series("b", "tie", "fd", "test", 2.01), series(Noise, "tie", "fd", "test", .5),
		[]Record{scored("a", "few", "fd", "test", 1, 5), scored("b", "few", "fd", "test", 1, 7)},
		[]Record{scored("a", "lone", "fd", "test", 1, 5)})
	bad := failure(id("b", "few", 2), "nan")
	bad.Model, bad.Dataset, bad.Seed = "b", "few", 2
	r := report(t, NewRun("x", append(recs, bad)), Options{})
	r.Run.Artifacts = map[string]Artifacts{}
	for seed, word := range []string{"collapsed", "collapsed", "healthy"} {
		r.Run.Artifacts[id("b", "clear", seed)] = Artifacts{Verdict: &Verdict{Word: word}}
	}
	r.Run.Artifacts[id("a", "clear", 0)] = Artifacts{Verdict: &Verdict{Word: "healthy"}}
	got := map[string]string{}
	for _, a := range answers(r) {
		line := fmt.Sprintf("%s | %s | %s | %s | %s", a.Measure, a.Best, a.Sure, a.Value, a.Times)
		for _, c := range a.Chips {
			line += fmt.Sprintf(" | %s %s: %s", c.Kind, c.Word, strings.Join(c.Who, ", "))
		}
		got[a.Dataset] = line
	}
	want := map[string]string{ // medians: 2 x 1.025; the floor's 1.025
		"clear": "FD (vs test), lower is better | a | best of 2 beyond chance | 2.05 | 2 × real data | good healthy: a, 1 run | bad collapsed: b 2 of 3 runs",
		"tie":   "FD, lower is better | a | cannot be told from b | 2.05 |  | bad like untrained: a, b",
		"few":   "FD, lower is better | a | first of 2, unconfirmed: 1 run a model | 5 |  | bad failed: b 1 of 2 runs",
		"lone":  "FD, lower is better | a | the only model | 5 | ",
	}
	for d, line := range want {
		if got[d] != line {
			t.Errorf("%s:\n got %s\nwant %s", d, got[d], line)
		}
	}
}

// Two sentences on one data set say which reference each is of.
func TestFindingsNameTheirReference(t *testing.T) {
	recs := slices.Concat(series("a", "set", "fd", "test", 2), series("b", "set", "fd", "test", 4), series("a", "set", "fd", "train", 3), series("b", "set", "fd", "train", 5))
	var all []string
	r := report(t, NewRun("x", recs), Options{})
	for _, f := range r.Findings {
		all = append(all, f.Text)
	}
	if text := strings.Join(all, "\n"); !strings.Contains(text, "a has the best FD (vs test), 2.05") || !strings.Contains(text, "a has the best FD (vs train), 3.08") {
		t.Error(text)
	}
	charts, err := distributions(r)
	if err != nil || len(charts) != 2 {
		t.Fatal(len(charts), err)
	}
	if a, b := charts[0], charts[1]; a.Title != "set: FD (vs test)" || a.Other || b.Title != "set: FD (vs train)" || !b.Other {
		t.Errorf("%q %v, %q %v", a.Title, a.Other, b.Title, b.Other)
	}
}

// The six first columns are of measures with a better side, each one way, the asked one before all; a column that only real data have is none.
func TestSetTables(t *testing.T) {
	var recs []Record
	for i, metric := range []string{"fd", "is", "precision", "recall", "density", "coverage", "realism"} {
		for _, reference := range []string{"train", "test"} {
			recs = append(recs, scored("a", "set", metric, reference, 1, float64(i)), scored("b", "set", metric, reference, 1, float64(i)))
		}
	}
	sideless := scored("a", "set", "kid", "test", 1, 3)
	sideless.Better = ""
	recs = append(recs, sideless, scored(Real, "set", "mifid", "test", 1, 3))
	for asked, want := range map[string]string{"": "FD IS Precision Recall Density Coverage", "recall": "Recall FD IS Precision Density Coverage"} {
		sets := setTables(report(t, NewRun("x", recs), Options{Metric: asked}))
		if len(sets) != 1 {
			t.Fatal(len(sets))
		}
		v := sets[0].View
		var heads []string
		for _, h := range v.Head[1 : headColumns+1] {
			name, _, _ := strings.Cut(h, " (vs test)")
			heads = append(heads, name)
		}
		if got := strings.Join(heads, " "); got != want || v.More != 15-headColumns || slices.ContainsFunc(v.Head, func(h string) bool { return strings.HasPrefix(h, "MiFID") }) {
			t.Errorf("%q: %s, %d more, all %q", asked, got, v.More, v.Head)
		}
	}
	only := []Record{scored(Real, "set", "fd", "test", 1, 3)}
	if head := Tabulate(Summarise(only, 0), Select{Dataset: "set"}).Head; len(head) != 2 {
		t.Errorf("a table of yardsticks alone has lost its columns: %q", head)
	}
}

// Failures of a model that differ in numbers alone are one row with all of their seeds; more kinds than a page holds are counted.
func TestFailureKinds(t *testing.T) {
	var recs []Record
	for seed := range 3 {
		f := failure(id("a", seed), fmt.Sprintf("step %d: loss is NaN | lower lr", 10*(seed+1)))
		f.Model, f.Dataset, f.Seed, f.Step = "a", "set", uint64(seed), 10*(seed+1)
		recs = append(recs, f)
	}
	table := failureKinds(recs)
	if len(table.Rows) != 1 || table.Rows[0].Cells[2].Text != "3" || table.Rows[0].Cells[4].Text != "step 10: loss is NaN | lower lr (one of 3)" || table.Rows[0].Cells[4].Sub != "seeds 0, 1, 2, steps 10 to 30" {
		t.Errorf("%+v", table.Rows)
	}
	recs = nil
	for i := range pageRows + 5 {
		f := failure(id(i), "broken")
		f.Model = fmt.Sprint("m", i)
		recs = append(recs, f)
	}
	if table = failureKinds(recs); len(table.Rows) != pageRows || len(table.Notes) != 1 || !strings.Contains(table.Notes[0], "and 5 kinds of failure more") {
		t.Error(len(table.Rows), table.Notes)
	}
}

// Where there are too many pictures each data set has its first ones, and the rest is told.
func TestPicturesInTurn(t *testing.T) {
	var shown []Shown
	for i := range 5 {
		shown = append(shown, Shown{Dataset: "a", Row: fmt.Sprint(i)})
	}
	shown = append(shown, Shown{Dataset: "b", Row: "x"}, Shown{Dataset: "b", Row: "y"})
	got := ""
	for _, s := range inTurn(shown, 4) {
		got += s.Dataset + s.Row + " "
	}
	if got != "a0 a1 bx by " {
		t.Error(got)
	}
}
