package gate

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
)

func TestBaselineFile(t *testing.T) {
	b := baseline(t, lognormal(rng.Stream(1, "file"), 1, 6, .05, 0, 3), "fd")
	path := filepath.Join(t.TempDir(), "baseline.jsonl")
	if err := b.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := LoadBaseline(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(b, got); d != "" {
		t.Error(d)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	crlf := bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	if again, err := ReadBaseline(bytes.NewReader(crlf), "b.jsonl"); err != nil || cmp.Diff(b, again) != "" {
		t.Errorf("line ends matter: %v", err)
	}
	first := strings.IndexByte(string(text), '\n') + 1
	for _, c := range []struct{ text, want string }{
		{string(text[first:]), ":1: no baseline header"},
		{"", ":1: no baseline header"},
		{strings.Replace(string(text), `"assay_baseline":2`, `"assay_baseline":3`, 1), ":1: no baseline header"},
		{strings.Replace(string(text), `"n":1000`, `"n":900`, 1), "changed by hand"},
		{strings.Replace(string(text), `"note":"test"`, `"date":"yesterday"`, 1), "want one as 2026-01-31"},
		{string(text[:len(text)-20]), "cut short"},
		{string(text[:first]) + "{}\n", ":2: not a record"},
	} {
		if _, err := ReadBaseline(strings.NewReader(c.text), "b.jsonl"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: %v, want %q", c.text, err, c.want)
		}
	}
	old := strings.Replace(string(text), `{"assay_baseline":2,`, `{"assay_baseline":1,"config":"73536e",`, 1)
	if _, err := ReadBaseline(strings.NewReader(old), "b.jsonl"); err != nil {
		t.Errorf("version 1: %v", err)
	}
}

// What alpha cannot reach is refused when the baseline is written. Five against five reach 1/252: over 12 checks .048, over 13 more than .05; six against six
// reach 1/924: over 30 checks .032.
func TestBaselineThatCannotFailIsRefused(t *testing.T) {
	s := rng.Stream(1, "many")
	var recs []reports.Record
	for i := range 30 {
		recs = append(recs, model(lognormal(s, 1, 5, .05, 0, 0), fmt.Sprintf("m%02d", i))...)
	}
	_, err := NewBaseline(recs, Making{})
	if err == nil || err.Error() != "baseline: 5 seeds, 30 checks: nothing can fail; gate 12 at most (assay gate --metrics) or run 6 seeds" {
		t.Error(err)
	}
	if _, err = NewBaseline(recs[:12*5], Making{}); err != nil {
		t.Error(err)
	}
	if _, err = NewBaseline(values(1, 1, 2), Making{}); err == nil || !strings.Contains(err.Error(), "2 seeds, 1 check: nothing can fail; run 3 seeds") {
		t.Error(err)
	}
}

func TestBaselineRefusesWrongMetrics(t *testing.T) {
	recs := append(values(1, 1, 2, 3, 4, 5), as(values(1, 1, 2, 3, 4, 5), "fd_mean", reports.Lower)...)
	if _, err := NewBaseline(recs, Making{Metrics: []string{"kid"}}); err == nil || !strings.Contains(err.Error(), `unknown metric "kid"`) {
		t.Error(err)
	}
	if _, err := NewBaseline(recs, Making{Metrics: []string{"fd", "fd_mean"}}); err == nil || !strings.Contains(err.Error(), "fd and fd_mean come from one computation") {
		t.Error(err)
	}
	if _, err := Decide(baseline(t, recs), nil, Options{Alpha: .7}); err == nil {
		t.Error("alpha .7 accepted")
	}
}

func TestOldBaselineWarns(t *testing.T) {
	b := baseline(t, values(1, 1, 2, 3, 4, 5))
	b.Date = "2026-01-31"
	v := decide(t, b, values(1, 1, 2, 3, 4, 5), Options{Today: "2026-08-01"})
	if v.Baseline.AgeDays != 182 || len(v.Warnings) != 1 || !strings.Contains(v.Warnings[0], "182 days old") {
		t.Errorf("%+v", v)
	}
	if v := decide(t, b, values(1, 1, 2, 3, 4, 5), Options{Today: "2026-02-01"}); v.Baseline.AgeDays != 1 || len(v.Warnings) != 0 {
		t.Errorf("%+v", v)
	}
}
