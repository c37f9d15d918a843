package export

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/assay-gan/assay/reports"
)

// hostile are records with names that mean something elsewhere.
func hostile() []reports.Record {
	r := reports.Record{Cell: "c1", Model: "=cmd|' /C calc'!A0", Dataset: "ring, \"quoted\"\nline", Settings: map[string]string{"lr": "1e-4", "@x": "<b>"}, SettingsID: "s", Seed: 18446744073709551615,
		Step: 3, Featurizer: "none", Reference: "test", N: 5, NReal: 6, Metric: "fd", Value: -0.1, Unit: "u", Better: reports.Lower, Interval: &reports.Interval{Lo: -1, Hi: .5, Level: .95, Method: "t"},
		Status: reports.OK, Warnings: []string{"a; b", "c\td"}, Cost: reports.Cost{WallSeconds: 1.5, CPUSeconds: 2, DSteps: 3, GSteps: 4, Samples: 5},
		Provenance: reports.Provenance{Version: "v", Kernel: "k", CPU: "p", DatasetHash: "d", WeightsHash: "w"}}
	f := reports.Record{Cell: "c2", Model: "m\x1b[31m", Dataset: "+1+cmd", Status: reports.Failed, Cause: reports.NotANumber, Error: "-2+3"}
	return []reports.Record{r, f}
}

// The head and every row of CSV have the columns in their order; a cell that a spreadsheet would calculate does nothing there.
func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := CSV(&b, hostile()); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatal(len(rows), err)
	}
	at := map[string]int{}
	for i, c := range Columns() {
		if rows[0][i] != c.Name {
			t.Errorf("column %d is %q, want %q", i, rows[0][i], c.Name)
		}
		at[c.Name] = i
	}
	for name, want := range map[string][2]string{"seed": {"18446744073709551615", "0"}, "value": {"-0.1", ""}, "lo": {"-1", ""}, "status": {"ok", "failed"}, "cause": {"", "nan"},
		"settings": {`{"@x":"\u003cb\u003e","lr":"1e-4"}`, ""}, "warnings": {`["a; b","c\td"]`, ""}, "samples": {"5", "0"}, "weights_hash": {"w", ""}} {
		if got := [2]string{rows[1][at[name]], rows[2][at[name]]}; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, row := range rows[1:] {
		for _, name := range []string{"model", "dataset", "error"} {
			if f := row[at[name]]; strings.HasPrefix(f, "=") || strings.HasPrefix(f, "+") || strings.HasPrefix(f, "-") || strings.Contains(f, "\x1b") {
				t.Errorf("%s: %q acts where it is read", name, f)
			}
		}
	}
}

func TestParquetReadsBack(t *testing.T) {
	recs := hostile()
	var b, again bytes.Buffer
	if err := Parquet(&b, recs); err != nil {
		t.Fatal(err)
	}
	if err := Parquet(&again, recs); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Errorf("the same records give other bytes: %v", err)
	}
	rows, err := parquet.Read[row](bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]row{rowOf(&recs[0], object(recs[0].Settings)), rowOf(&recs[1], "")}, rows); d != "" {
		t.Error(d)
	}
	if rows[1].Value != nil || *rows[0].Value != -.1 || rows[0].Model != recs[0].Model {
		t.Errorf("rows %+v", rows)
	}
	for i, c := range Columns() {
		tag, _, _ := strings.Cut(reflect.TypeFor[row]().Field(i).Tag.Get("parquet"), ",")
		if tag != c.Name {
			t.Errorf("column %d is %q, want %q", i, tag, c.Name)
		}
	}
}

// Another reader of Parquet sees the same: pyarrow, where ASSAY_PEERS names a Python that has it.
func TestParquetInPyarrow(t *testing.T) {
	python := os.Getenv("ASSAY_PEERS")
	if python == "" {
		t.Skip("no Python with pyarrow: name one in ASSAY_PEERS")
	}
	var b bytes.Buffer
	if err := Parquet(&b, hostile()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.parquet")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "-c", `
import sys, pyarrow.parquet as pq
t = pq.read_table(sys.argv[1]).to_pylist()
a, b = t
assert a["seed"] == 2**64 - 1 and a["value"] == -0.1 and a["lo"] == -1 and a["model"].startswith("=cmd"), a
assert b["value"] is None and b["cause"] == "nan" and b["settings"] is None, b
print(len(t), len(a))`, path).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "2 34" {
		t.Errorf("%s, %v", out, err)
	}
}

func TestLookup(t *testing.T) {
	if _, err := Lookup("parquett"); err == nil || !strings.Contains(err.Error(), `did you mean "parquet"`) {
		t.Error(err)
	}
	for _, f := range Formats() {
		var b bytes.Buffer
		if got, err := Lookup(f.ID); err != nil || got.Write(&b, hostile()) != nil || b.Len() == 0 {
			t.Errorf("%s: %v", f.ID, err)
		}
	}
}
