package reports

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Records that no writer makes: neither Append nor Read lets them through.
func TestImpossibleRecords(t *testing.T) {
	for want, spoil := range map[string]func(r *Record){
		`"step" is -1`:                 func(r *Record) { r.Step = -1 },
		`"n" is -5`:                    func(r *Record) { r.N = -5 },
		`"n_real" is -5`:               func(r *Record) { r.NReal = -5 },
		`"g_steps" is -2`:              func(r *Record) { r.Cost.GSteps = -2 },
		`"wall_s" is -0.5`:             func(r *Record) { r.Cost.WallSeconds = -0.5 },
		`"model" is empty`:             func(r *Record) { r.Model = " " },
		`"dataset" is empty`:           func(r *Record) { r.Dataset = "" },
		"interval from 2 to 1":         func(r *Record) { r.Interval = &Interval{Lo: 2, Hi: 1, Level: 0.95, Method: "bootstrap"} },
		"interval of level 95":         func(r *Record) { r.Interval = &Interval{Lo: 1, Hi: 2, Level: 95, Method: "bootstrap"} },
		"interval of level 0":          func(r *Record) { r.Interval = &Interval{Lo: 1, Hi: 2, Level: 0, Method: "bootstrap"} },
		`"n\xff" is not UTF-8`:         func(r *Record) { r.Model = "n\xff" },
		`"\xfe" is not UTF-8`:          func(r *Record) { r.Warnings = []string{"\xfe"} },
		`"\xfd\xfd" is not UTF-8`:      func(r *Record) { r.Settings = map[string]string{"\xfd\xfd": "1"} },
		"interval from NaN to 1":       func(r *Record) { r.Interval = &Interval{Lo: math.NaN(), Hi: 1, Level: 0.95, Method: "bootstrap"} },
		"value NaN of \"fd\": write a": func(r *Record) { r.Value = math.NaN() },
	} {
		r := rec("a", "fd", 1)
		spoil(&r)
		if err := r.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		path := filepath.Join(t.TempDir(), RecordsFile)
		if _, err := Append(t.Context(), path, []Record{r}, false); !errors.Is(err, ErrRecord) {
			t.Errorf("appended in spite of %q: %v", want, err)
		}
		line, err := json.Marshal(r)
		if err != nil || strings.Contains(want, "UTF-8") { // JSON cannot hold it
			continue
		}
		if _, _, err := Read(strings.NewReader(string(line)+"\n"), "r.jsonl"); !errors.Is(err, ErrRecord) || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "r.jsonl:1: ") {
			t.Errorf("read: %v, want %q", err, want)
		}
	}
}

func TestBrokenText(t *testing.T) {
	line, err := json.Marshal(rec("a", "fd", 1))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(line), `"model":"`, "\"model\":\"\xff", 1) + "\n"
	if _, _, err := Read(strings.NewReader(text), "r.jsonl"); !errors.Is(err, ErrRecord) || !strings.Contains(err.Error(), "UTF-8") {
		t.Error(err)
	}
	path := filepath.Join(t.TempDir(), "h.jsonl")
	if err := os.WriteFile(path, []byte(`{"assay_history":1,"run":"x","record":`+strings.TrimSpace(text)+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadHistory(path); !errors.Is(err, ErrRecord) {
		t.Error(err)
	}
}

// Two lines of one file that cannot both be true are an error that names both, wherever they stand.
func TestContradictions(t *testing.T) {
	other := rec("a", "fd", 2)
	doubtful := rec("a", "fd", 1)
	doubtful.Status = Unreliable
	moved := rec("a", "is", 1)
	moved.Model += "x"
	text := func(recs ...Record) string {
		var b strings.Builder
		for _, r := range recs {
			line, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			b.WriteString(string(line) + "\n")
		}
		return b.String()
	}
	for name, recs := range map[string][]Record{"value": {rec("a", "fd", 1), rec("b", "fd", 1), other}, "status": {rec("a", "fd", 1), rec("b", "fd", 1), doubtful}, "model": {rec("a", "fd", 1), rec("b", "fd", 1), moved}} {
		for _, end := range []string{"\n", ""} { // a last line without its end may be torn, but this one is whole
			_, torn, err := Read(strings.NewReader(strings.TrimSuffix(text(recs...), "\n")+end), "r.jsonl")
			if torn != nil || !errors.Is(err, ErrRecord) || !strings.HasPrefix(err.Error(), "r.jsonl:3: ") || !strings.Contains(err.Error(), "line 1") {
				t.Errorf("%s: %v, %v", name, torn, err)
			}
		}
	}
	for name, recs := range map[string][]Record{"the same twice": {other, other}, "a second try": {failure("a", "no"), other}, "another N": {other, func() Record { r := rec("a", "fd", 3); r.N += 5; return r }()}} {
		if _, _, err := Read(strings.NewReader(text(recs...)), "r.jsonl"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var history strings.Builder
	for _, run := range []string{"x", "y", "x"} {
		line := text(map[string]Record{"x": rec("a", "fd", 1), "y": other}[run])
		if history.Len() > 200 && run == "x" {
			line = text(other)
		}
		history.WriteString(`{"assay_history":1,"run":"` + run + `","record":` + strings.TrimSpace(line) + "}\n")
	}
	path := filepath.Join(t.TempDir(), "h.jsonl")
	if err := os.WriteFile(path, []byte(history.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadHistory(path); err == nil || !strings.HasPrefix(err.Error(), path+":3: ") { // x says two things; y may differ from x
		t.Errorf("history: %v", err)
	}
}

func TestCausesAreAClosedSet(t *testing.T) {
	r := Record{Cell: "c", Model: "m", Dataset: "d", Status: Failed, Error: "e"}
	for _, c := range append(Causes(), "") {
		if r.Cause = c; r.Check() != nil {
			t.Errorf("%q: %v", c, r.Check())
		}
	}
	r.Cause = "nam"
	if err := r.Check(); err == nil || !strings.Contains(err.Error(), `unknown cause "nam", did you mean "nan"?`) {
		t.Error(err)
	}
	r = Record{Cell: "c", Model: "m", Dataset: "d", Metric: "fd", Status: OK, Cause: NotANumber}
	if r.Check() == nil {
		t.Error("a value with a cause of failure passed")
	}
}
