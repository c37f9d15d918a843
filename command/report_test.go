package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A report whose --out ends like a file is that file, in the format of the ending or of --format, and the same as on the output; other names are folders.
func TestReportFile(t *testing.T) {
	records, err := filepath.Abs("../testdata/records/bench.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, c := range []struct{ out, format, same string }{
		{"a.html", "", "html"}, {"a.md", "", "markdown"}, {"a.tex", "", "latex"}, {"a.csv", "", "csv"}, {"a.JSON", "", "json"}, {"a.txt", "", "terminal"}, {"b.txt", "bench", "bench"},
	} {
		args := []string{"report", records, "--out", c.out}
		if c.format != "" {
			args = append(args, "--format", c.format)
		}
		if r := assay(args...); r.code != exitOK || r.out != c.out+"\n" {
			t.Errorf("%v: %d, %q %s", args, r.code, r.out, r.err)
		}
		got, err := os.ReadFile(c.out)
		if want := assay("report", records, "--format", c.same); err != nil || len(got) == 0 || string(got) != want.out {
			t.Errorf("%s is not the format %s: %d bytes, want %d, %v", c.out, c.same, len(got), len(want.out), err)
		}
	}
	if r := assay("report", records, "--out", "c.md", "--format", "markdown,csv"); r.code != exitUsage || !strings.Contains(r.err, "several formats need a folder") {
		t.Errorf("two formats for a file: %+v", r)
	}
	if r := assay("report", records, "--out", "folder.x", "--format", "csv"); r.code != exitOK || r.out != filepath.Join("folder.x", "summary.csv")+"\n" {
		t.Errorf("a folder: %+v", r)
	}
	if err := os.Mkdir("old.md", 0o755); err != nil {
		t.Fatal(err)
	}
	if r := assay("report", records, "--out", "old.md", "--format", "csv"); r.code != exitOK || r.out != filepath.Join("old.md", "summary.csv")+"\n" {
		t.Errorf("a folder that is there: %+v", r)
	}
}
