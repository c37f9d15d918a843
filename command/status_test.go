package command

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// benched is a run of a small suite, once for all tests that only look at one.
func benched(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	suite := filepath.Join(dir, "tiny.yaml")
	if err := os.WriteFile(suite, []byte(strings.Replace(tiny, "budget: 400", "budget: 20", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(dir, "run")
	if r := assay("bench", suite, "--quiet", "--out", run); r.code != 0 {
		t.Fatal(r.err)
	}
	return run
}

func TestStatusAndExport(t *testing.T) {
	run := benched(t)
	recs, _, err := reports.ReadFile(filepath.Join(run, reports.RecordsFile))
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string]bool{}
	for _, r := range recs {
		cells[r.Cell] = true
	}
	r := assay("status", run)
	if r.code != 0 || r.err != "" || !strings.Contains(r.out, ": finished, ") || !strings.Contains(r.out, "cost so far: ") {
		t.Errorf("status %d: %s%s", r.code, r.out, r.err)
	}
	for _, l := range strings.Split(r.out, "\n") {
		if utf8.RuneCountInString(l) > 80 {
			t.Errorf("wider than 80: %s", l)
		}
	}
	var s runners.Status
	r = assay("status", run, "--format", "json", "--watch") // which ends with the run
	if err := json.Unmarshal([]byte(r.out), &s); err != nil || s.State != runners.Finished || s.Cells != len(cells) || s.Ended != len(cells) {
		t.Errorf("%d cells of %d, %v: %s", s.Ended, len(cells), err, r.out)
	}
	out := filepath.Join(t.TempDir(), "values.csv")
	if r := assay("export", run, "--out", out); r.code != 0 {
		t.Fatal(r.err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll(); err != nil || len(rows) != len(recs)+1 {
		t.Errorf("%d rows of %d records, %v", len(rows), len(recs), err)
	}
	if r := assay("export", run, "--format", "parquet"); r.code != 0 || !strings.HasPrefix(r.out, "PAR1") || !strings.HasSuffix(r.out, "PAR1") {
		t.Errorf("parquet on the output: %d bytes, %s", len(r.out), r.err)
	}
	if r := assay("export", run, "--format", "benchtext", "--where", "model=vae"); r.code != 0 || !strings.Contains(r.out, "BenchmarkAssay/") || strings.Contains(r.out, "model=real") {
		t.Errorf("benchtext: %s%s", r.out, r.err)
	}
}

// The table of cells at work names who is at them where some are elsewhere, and only then; a name from another machine acts on no terminal.
func TestWorkingTableNamesWorkers(t *testing.T) {
	one := runners.Working{Model: "wgan", Dataset: "ring", Seed: 3, Step: 5, Of: 40}
	text := func(all ...runners.Working) string {
		var b bytes.Buffer
		if err := reports.Text(&b, workingTable(&runners.Status{Working: all})); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if got := text(one); strings.Contains(got, "worker") || strings.Contains(got, "here") {
		t.Errorf("all are here:\n%s", got)
	}
	other := one
	other.Worker = "node7-\x1b[31m4711"
	got := text(one, other)
	for _, want := range []string{"worker", "here", "node7-"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "\x1b") {
		t.Errorf("%q", got)
	}
}

func TestStatusAndExportOfNoRun(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"status", dir}, "no run at " + dir + ": give a run folder"},
		{[]string{"status", filepath.Join(dir, "absent")}, "no run at"},
		{[]string{"export", dir}, "no records at"},
		{[]string{"export", dir, "--format", "parket"}, `unknown format "parket", did you mean "parquet"?`},
	} {
		if r := assay(tt.args...); r.code != 2 || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, tt.want) || r.out != "" {
			t.Errorf("%v: status %d, %s%s", tt.args, r.code, r.out, r.err)
		}
	}
}
