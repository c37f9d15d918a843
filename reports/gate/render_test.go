package gate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/reports"
)

// verdict is one made by hand, with a check in every state.
func verdict() *Verdict {
	fd := reports.Measure{Metric: "fd", Featurizer: "glyphnet"}
	value := func(model string, s Status, base, now, worse, lo, hi, p float64, reason string) Check {
		return Check{Model: model, Dataset: "ring", Measure: fd, Better: reports.Lower, Family: Values, Status: s, Reason: reason, Test: "signed-rank", N: 5, NBase: 5, Pairs: 5,
			Median: reports.Float(now), MedianBase: reports.Float(base), Scale: Ratio, Worse: reports.Float(worse), WorseLo: reports.Float(lo), WorseHi: reports.Float(hi), P: p, Margin: .05, MarginFrom: "flag"}
	}
	same := value("gan-ns", Identical, 12, 12, 0, 0, 0, 1, "all 5 values are equal to the baseline's to the bit")
	same.Test, same.Equal = "", 5
	rate := Check{Model: "vae", Dataset: "ring", Better: "", Family: Failures, Status: Pass, Reason: "0 of 5 runs failed, 0 of 5 in the baseline", Test: "Fisher", N: 5, NBase: 5, Scale: Rate,
		WorseLo: reports.Float(math.NaN()), WorseHi: .45, P: 1}
	wide := value("wgan", Inconclusive, 100, 104, .04, -.1, .31, .4, "neither within the margin nor worse beyond chance; 9 seeds would tell")
	wide.Notes = []string{"2 of 5 values are unreliable"}
	v := &Verdict{Alpha: .05, Power: .8,
		Baseline: Side{File: "baseline.jsonl", Seeds: []uint64{1, 2, 3, 4, 5}, Date: "2026-01-31", Reason: "first one"}, Run: Side{File: "runs/pr-17", Seeds: []uint64{1, 2, 3, 4, 5}},
		Changes: []Change{{Name: "build", From: "123a6b2", To: "9f0e1aa"}, {Model: "vae", Dataset: "ring", Name: "width", From: "32", To: "4"}},
		Checks: []Check{
			value("vae", Regression, .318, .572, .8, .62, .98, .03, "80 % worse, beyond the margin of 5 %"),
			value("dcgan", Changed, 3, 3.0001, .00003, 0, .0001, 1, "rule 2 wants it equal to the bit"),
			wide,
			value("cgan", TooGood, 3.5, .1, -.97, -.98, -.95, 1, "better than real data: is it a copy?"),
			value("r1", Pass, 6.17, 6.21, .006, -.01, .03, .5, "0.6 % worse, within the margin of 5 %"),
			rate, same,
		},
		Warnings: []string{"the baseline is 400 days old"},
		Calibration: &Calibration{Nights: 500, Runs: 5, Alarms: .004, AlarmsWorst: .016, Baselines: 100, Inconclusive: .08,
			Power: []PowerPoint{{Worse: .1, Fresh: .4, Paired: .93}}},
	}
	v.Count()
	return v
}

func render(t *testing.T, o View, v *Verdict, format string) string {
	t.Helper()
	var b bytes.Buffer
	if err := o.Render(&b, v, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The goldens are read by people: what they look like is the claim.
func TestRenderGolden(t *testing.T) {
	for _, f := range Formats() {
		got := render(t, View{Report: "https://example.org/report.html"}, verdict(), f)
		path := filepath.Join("testdata", "verdict."+f)
		if testutil.UpdateGolden() {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s: UPDATE_GOLDEN=1 rewrites it if this is meant\n%s", path, d)
		}
	}
	if err := verdict().Render(&bytes.Buffer{}, "xml"); err == nil || !strings.Contains(err.Error(), "have text, json, junit, github, md, codequality") {
		t.Error(err)
	}
}

// many is a verdict of n checks with long and hostile names.
func many(n int, s Status) *Verdict {
	v := verdict()
	v.Calibration, v.Checks = nil, nil
	for i := range n {
		c := verdict().Checks[0]
		c.Model, c.Status = fmt.Sprintf("a-generator|with\na<name>-of-some--length @team *%d*", i), s
		c.Measure.Featurizer = "inception(pytorch-fid,2048)"
		v.Checks = append(v.Checks, c)
	}
	v.Count()
	return v
}

func TestTextFits80Columns(t *testing.T) {
	for _, v := range []*Verdict{verdict(), many(1, Regression), many(40, Pass), many(40, Identical), many(40, Inconclusive), {Status: Pass}} {
		text := render(t, View{Title: strings.Repeat("night ", 30)}, v, "text")
		for _, line := range strings.Split(text, "\n") {
			if utf8.RuneCountInString(line) > 80 {
				t.Errorf("%d columns: %s", utf8.RuneCountInString(line), line)
			}
		}
	}
	if text := render(t, View{}, many(40, Pass), "text"); strings.Count(text, "pass ") > 2*mostNames || !strings.Contains(text, "28 more within their margins") {
		t.Errorf("40 passes are not folded:\n%s", text)
	}
}

func TestSentence(t *testing.T) {
	with := func(states ...Status) *Verdict {
		v := &Verdict{}
		for _, s := range states {
			v.Checks = append(v.Checks, Check{Status: s})
		}
		v.Count()
		return v
	}
	for want, v := range map[string]*Verdict{
		"PASS  all 2 checks identical to the bit":                                             with(Identical, Identical),
		"PASS  3 checks: 2 within the margin, 1 identical to the bit; 1 too good to be noise": with(Identical, Pass, TooGood),
		"INCONCLUSIVE  1 of 2 checks cannot be told with these runs":                          with(Inconclusive, Pass),
		"FAIL  2 of 4 checks worse, 1 inconclusive":                                           with(Regression, Regression, Inconclusive, Pass),
		"FAIL  1 of 1 check not equal to the bit":                                             with(Changed),
		"PASS  nothing was checked":                                                           with(),
	} {
		if got := v.Sentence(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// GitHub shows ten annotations of a step: a hundred regressions are one error and one notice.
func TestGitHubIsTwoLines(t *testing.T) {
	for status, want := range map[Status][]string{
		Regression: {"::error title=", "::notice title="}, Inconclusive: {"::warning title=", "::notice title="}, Pass: {"::notice title="}, Identical: {"::notice title="},
	} {
		lines := strings.Split(strings.TrimSuffix(render(t, View{}, many(100, status), "github"), "\n"), "\n")
		if len(lines) != len(want) {
			t.Fatalf("%s: %d lines", status, len(lines))
		}
		for i, l := range lines {
			if !strings.HasPrefix(l, want[i]) {
				t.Errorf("%s: %s", status, l)
			}
		}
	}
	if text := render(t, View{}, many(100, Regression), "github"); !strings.Contains(text, "and 90 more") {
		t.Errorf("%s", text)
	}
}

// A comment of GitHub holds 65 536 characters, begins with the line by which it is found again, and calls nobody.
func TestMarkdownIsAComment(t *testing.T) {
	for _, v := range []*Verdict{verdict(), many(5000, Regression), many(5000, Pass)} {
		text := render(t, View{Title: "night --> x"}, v, "md")
		if n := utf8.RuneCountInString(text); n > 65536 {
			t.Errorf("%d characters", n)
		}
		if first, _, _ := strings.Cut(text, "\n"); first != "<!-- assay gate: night - -> x -->" {
			t.Errorf("marker %q", first)
		}
		if strings.Contains(text, "@team") || strings.Contains(text, "a<name>") || strings.Contains(text, "generator|with") {
			t.Error("a name is not escaped")
		}
	}
}

func TestCodeQuality(t *testing.T) {
	var got []map[string]any
	if err := json.Unmarshal([]byte(render(t, View{}, verdict(), "codequality")), &got); err != nil {
		t.Fatal(err)
	}
	prints := map[any]bool{}
	for _, v := range got {
		for _, key := range []string{"description", "check_name", "fingerprint", "severity", "location"} {
			if v[key] == nil || v[key] == "" {
				t.Errorf("no %s in %v", key, v)
			}
		}
		prints[v["fingerprint"]] = true
	}
	if len(got) != 3 || len(prints) != 3 { // regression, changed, inconclusive
		t.Errorf("%v", got)
	}
	if text := render(t, View{}, many(3, Identical), "codequality"); strings.TrimSpace(text) != "[]" {
		t.Errorf("nothing to say is %q", text)
	}
}
