package reports

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/assay-gan/assay/rng"
)

// nights adds n runs of two models and five seeds to a history; from the night change on vae is 60 % worse and narrower.
func nights(t *testing.T, path string, n, change int) {
	t.Helper()
	for night := range n {
		var recs []Record
		for seed := range uint64(5) {
			s := rng.Stream(seed, "history", fmt.Sprint(night))
			for _, model := range []string{"vae", "gan-ns"} {
				r := Record{Cell: fmt.Sprintf("%s%d", model, seed), Model: model, Dataset: "ring", Seed: seed, Metric: "fd", Better: Lower, Status: OK, N: 100, Featurizer: "none",
					Value: .3 + .02*s.Normal(), Settings: map[string]string{"width": "32"}, Provenance: Provenance{Version: "v1"}}
				if model == "vae" && night >= change {
					r.Value *= 1.6
					r.Settings["width"] = "16"
				}
				recs = append(recs, r)
			}
		}
		date := time.Date(2026, 1, 1+night, 4, 0, 0, 0, time.UTC).Format(time.RFC3339)
		if _, err := AddHistory(t.Context(), path, fmt.Sprintf("commit%02d", night), date, recs); err != nil {
			t.Fatal(err)
		}
	}
}

// A planted change is found where it is, with what was changed; the model that did not change has none.
func TestHistoryFindsThePlantedChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	nights(t, path, 20, 12)
	h, err := LoadHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	series, err := h.Series()
	if err != nil || len(series) != 2 {
		t.Fatalf("%v, %d series", err, len(series))
	}
	if len(series[0].Changes) != 0 || series[0].Row != "gan-ns" {
		t.Errorf("%s: %+v", series[0].Name(), series[0].Changes)
	}
	c := series[1].Changes
	if len(c) != 1 || c[0].At != 12 || c[0].Run != "commit12" || c[0].Before != "commit11" || !c[0].Worse || strings.Join(c[0].With, ";") != "width 32 -> 16" {
		t.Fatalf("%+v", c)
	}
	if ratio := c[0].To / c[0].From; ratio < 1.5 || ratio > 1.7 {
		t.Errorf("from %v to %v", c[0].From, c[0].To)
	}
	var text bytes.Buffer
	if err := HistoryText(&text, h, series); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"20 runs from 2026-01-01 to 2026-01-20", "|", "worse since commit12 (2026-01-13)", "with it width 32 -> 16", "2 series: 1 changed, last vae on ring: FD"} {
		if !strings.Contains(strings.Join(strings.Fields(text.String()), " "), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	for _, line := range strings.Split(text.String(), "\n") {
		if utf8.RuneCountInString(line) > 80 {
			t.Errorf("%d columns: %s", utf8.RuneCountInString(line), line)
		}
	}
	if _, err := h.Series("kid"); err == nil {
		t.Error("a metric that is not there is shown")
	}
}

// The band is a prediction interval: of the values 1..5, 3 ± t(0.975, 4) 1.5811 sqrt(6/5) = 3 ± 2.7764 x 1.7321 = 3 ± 4.8088.
func TestBand(t *testing.T) {
	b, ok := bandOf([]float64{1, 2, 3, 4, 5}, false)
	if !ok || b.Centre != 3 || fmt.Sprintf("%.3f %.3f", b.Lo, b.Hi) != "-1.809 7.809" {
		t.Errorf("%+v", b)
	}
	if _, ok := bandOf([]float64{1, 2}, false); ok {
		t.Error("two runs have a band")
	}
}

// One wild run is no change, but is named while it is the last; failed runs rank last.
func TestHistoryOutliersAndFailures(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	nights(t, path, 11, 99)
	wild := Record{Cell: "w", Model: "vae", Dataset: "ring", Seed: 1, Metric: "fd", Better: Lower, Status: OK, N: 100, Featurizer: "none", Value: 9}
	if _, err := AddHistory(t.Context(), path, "commit99", "2026-02-01T00:00:00Z", []Record{wild}); err != nil {
		t.Fatal(err)
	}
	series := func() []HistorySeries {
		h, err := LoadHistory(path)
		if err != nil {
			t.Fatal(err)
		}
		s, err := h.Series()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := series(); len(s[1].Changes) != 0 || !s[1].Outside || s[0].Outside {
		t.Errorf("%+v", s[1].Changes)
	}
	broken := Record{Cell: "w", Model: "vae", Dataset: "ring", Seed: 1, Status: Failed, Error: "broke"}
	other := wild
	other.Seed, other.Cell, other.Value = 2, "w2", .3
	if _, err := AddHistory(t.Context(), path, "commit99", "2026-02-01T00:00:00Z", []Record{broken, other, {Cell: "w3", Model: "vae", Dataset: "ring", Seed: 3, Status: Failed, Error: "broke"}}); err != nil {
		t.Fatal(err)
	}
	s := series()[1]
	if p := s.Points[len(s.Points)-1]; p.Failed != 2 || len(p.Values) != 1 || !s.Outside {
		t.Errorf("%+v: a failure of the same seed takes the value's place", p)
	}
	h, err := LoadHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, write := range []func(*bytes.Buffer) error{
		func(b *bytes.Buffer) error { return HistoryText(b, h, []HistorySeries{s}) },
		func(b *bytes.Buffer) error { return HistoryHTML(b, h, []HistorySeries{s}, "") },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil || strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
			t.Errorf("%v\n%s", err, b.String())
		}
	}
}

func TestHistoryFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "history.jsonl")
	nights(t, path, 2, 99)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	nights(t, path, 2, 99) // the same job again
	after, err := os.ReadFile(path)
	if err != nil || strings.Count(string(after), "\n") != strings.Count(string(before), "\n") {
		t.Errorf("a job that ran twice counts twice")
	}
	good := strings.SplitN(string(before), "\n", 2)[0]
	for text, want := range map[string]string{
		good + "\n{}\n": ":2: not a record: a history line of version 0",
		strings.Replace(good, `"assay_history":1`, `"assay_history":2`, 1) + "\n": "version 2, this build reads 1",
		strings.Replace(good, `"date":"2026`, `"date":"26`, 1) + "\n":             "want RFC 3339",
		strings.Replace(good, `"run":"commit00"`, `"run":""`, 1) + "\n":           `field "run" is empty`,
		`{"assay_baseline":1}` + "\n":                                             "is a baseline of gate",
	} {
		bad := filepath.Join(t.TempDir(), "bad.jsonl")
		if err := os.WriteFile(bad, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadHistory(bad); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if err := os.WriteFile(path, append(before, good[:40]...), 0o644); err != nil {
		t.Fatal(err)
	}
	if h, err := LoadHistory(path); err != nil || len(h.Notes) != 1 || len(h.Runs) != 2 {
		t.Errorf("a torn line: %v, %+v", err, h)
	}
	if _, err := LoadHistory(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no runs in it") {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := AddHistory(t.Context(), path, "x", "", nil); err == nil {
		t.Error("nothing was added without a word")
	}
}

// A folder of runs without dates is read in the order of names; run folders and record files count alike.
func TestHistoryOfAFolder(t *testing.T) {
	dir := t.TempDir()
	for i, place := range []string{"a.jsonl", filepath.Join("b", RecordsFile), "c.jsonl"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, place)), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := Append(t.Context(), filepath.Join(dir, place), []Record{scoreRecord(1, "fd", float64(i))}, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "pictures"), 0o755); err != nil {
		t.Fatal(err)
	}
	h, err := LoadHistory(dir)
	if err != nil || len(h.Runs) != 3 || h.Runs[0].Name != "a" || h.Runs[1].Name != "b" || h.Runs[2].Name != "c" {
		t.Fatalf("%v, %+v", err, h)
	}
	series, err := h.Series()
	if err != nil || len(series) != 1 || len(series[0].Points) != 3 {
		t.Fatalf("%v, %+v", err, series)
	}
	if s := historySentence(series); !strings.Contains(s, "too short to tell") {
		t.Error(s)
	}
}
