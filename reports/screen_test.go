package reports

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func screenOf(t *testing.T, run *Run, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Screen(&b, report(t, run, o)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The screen of a wide terminal, whole; those of 80 columns are among the goldens of the formats.
func TestScreenWide(t *testing.T) {
	for _, name := range []string{"bench", "study"} {
		recs, _, err := ReadFile(filepath.Join(fixtures, name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		run := NewRun(name, recs)
		run.Dir = "runs/with a blank"
		got := screenOf(t, run, Options{Title: "Golden run", Width: 160})
		golden(t, filepath.Join("testdata", name+".screen160.txt"), []byte(got))
	}
}

// However much there is, it is one screen: lines end where the terminal does, and there are at most fifty of them.
func TestScreenIsOneScreen(t *testing.T) {
	var recs []Record
	run := func() *Run { r := NewRun("many", recs); r.Dir = "runs/many"; return r }
	for m := range 40 {
		for d := range 12 {
			for seed := range uint64(3) {
				r := Record{Cell: fmt.Sprintf("%d-%d-%d", m, d, seed), Model: fmt.Sprintf("a-model-with-a-name-%02d", m), Dataset: fmt.Sprintf("data-set-%02d", d), SettingsID: "s", Seed: seed, Metric: "fd",
					Value: float64(m+d) + float64(seed)/10, Better: Lower, Status: OK, N: 1000}
				for w := range 7 {
					r.Warnings = append(r.Warnings, fmt.Sprintf("warning of kind %c with the number %d and quite a few words behind it, which are of no great use", 'a'+w, seed))
				}
				recs = append(recs, r)
			}
		}
	}
	many := run()
	for _, r := range recs {
		many.Artifacts[r.Cell] = Artifacts{Verdict: &Verdict{Word: []string{"collapsed", "dropped", "blurred", "imbalanced"}[len(r.Model+r.Dataset)%2+int(r.Seed)%2]}}
	}
	for _, width := range []int{40, 80, 160} {
		got := screenOf(t, many, Options{Width: width})
		if n := widest(strings.ReplaceAll(got, "assay gate --write baseline.jsonl runs/many", "")); n > width {
			t.Errorf("a line of %d at %d:\n%s", n, width, got)
		}
		if n := strings.Count(got, "\n"); n > 60 || width >= 80 && n > 50 {
			t.Errorf("%d lines at %d:\n%s", n, width, got)
		}
		for _, want := range []string{"a-model-with-a-name-00", "and 24 models more", "left out at this width: ", "more", "runs/many/report.html", "and 4 kinds of warning more"} {
			if !strings.Contains(got, want) {
				t.Errorf("no %q at %d:\n%s", want, width, got)
			}
		}
	}
}

// The best come first, by their mean rank; of a study what was trained again with the best settings is ranked, and nothing that was only searched.
func TestScreenOrder(t *testing.T) {
	var recs []Record
	for m, v := range map[string][2]float64{"middle": {2, 2}, "last": {3, 9}, "first": {1, 1}} {
		for i, d := range []string{"x", "y"} {
			recs = append(recs, Record{Cell: m + d, Model: m, Dataset: d, SettingsID: "s", Metric: "fd", Value: v[i], Better: Lower, Status: OK, N: 10})
		}
	}
	got := screenOf(t, NewRun("r", recs), Options{})
	if a, b, c := strings.Index(got, "first"), strings.Index(got, "middle"), strings.Index(got, "last"); a < 0 || a > b || b > c {
		t.Error(got)
	}
	if strings.Contains(got, "report.html") {
		t.Errorf("records alone have no folder:\n%s", got)
	}
}
