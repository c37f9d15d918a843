package runners

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/seal"
	"github.com/assay-gan/assay/reports"
)

// change rewrites a file of a run.
func change(t *testing.T, path string, how func(text string) string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	now := how(string(b))
	if now == string(b) {
		t.Fatalf("%s: nothing changed", path)
	}
	if err := os.WriteFile(path, []byte(now), 0o644); err != nil {
		t.Fatal(err)
	}
}

// unsealed is a change to a file as an older version would have written it: without its checksum, which would give the change away.
func unsealed(how func(string) string) func(string) string {
	return func(s string) string {
		body, _, err := seal.Open([]byte(strings.TrimSpace(s)))
		if err != nil {
			panic(err)
		}
		return how(string(body)) + "\n"
	}
}

// flip flips the lowest bit of a byte in the middle of a text's line.
func flip(text string, line int) string {
	lines := strings.SplitAfter(text, "\n")
	at := strings.Index(lines[line], `"value":`) + len(`"value":`)
	b := []byte(lines[line])
	b[at] ^= 1
	lines[line] = string(b)
	return strings.Join(lines, "")
}

// Whatever is damaged in the records or in the files of cells, the run goes on to the records of one that nobody disturbed; what was damaged is named and kept.
func TestDamageIsNamedKeptAndMended(t *testing.T) {
	p := mustPlan(t, threeSeeds)
	want := t.TempDir()
	mustRun(t, p, Options{Dir: want})
	cell := func(dir string, i int) string { return filepath.Join(dir, "cells", p.Cells[i].Hash+".json") }
	for _, tt := range []struct {
		name string
		do   func(dir string)
		ran  int
		said []string
	}{
		{"a bit of a line", func(dir string) {
			change(t, filepath.Join(dir, reports.RecordsFile), func(s string) string { return flip(s, 4) })
		}, 0, []string{"records.jsonl: line 5 is damaged: its checksum does not match", "its cell's own file holds it"}},
		{"a line cut", func(dir string) {
			change(t, filepath.Join(dir, reports.RecordsFile), func(s string) string {
				lines := strings.SplitAfter(s, "\n")
				lines[2] = lines[2][:len(lines[2])/2] + "\n"
				return strings.Join(lines, "")
			})
		}, 0, []string{"records.jsonl: line 3 is damaged: unexpected EOF"}},
		{"a bit of a cell", func(dir string) { change(t, cell(dir, 5), func(s string) string { return flip(s, 0) }) }, 1,
			[]string{"cells/" + p.Cells[5].Hash + ".json is damaged: its checksum does not match", p.Cells[5].Title() + " runs again"}},
		{"both", func(dir string) {
			change(t, filepath.Join(dir, reports.RecordsFile), func(s string) string { return flip(s, strings.Count(s[:strings.Index(s, p.Cells[6].Hash)], "\n")) })
			change(t, cell(dir, 6), func(s string) string { return s[:100] })
		}, 1, []string{"is damaged", "cell " + p.Cells[6].Hash + " runs again"}},
		{"a cell twice", func(dir string) {
			change(t, filepath.Join(dir, reports.RecordsFile), func(s string) string {
				return s + strings.Replace(strings.SplitAfter(s, "\n")[0], `,"crc32c"`, `,"crc32x"`, 1)
			})
		}, 0, []string{"is damaged"}},
	} {
		dir := t.TempDir()
		mustRun(t, p, Options{Dir: dir})
		tt.do(dir)
		var told []string
		s := mustRun(t, p, Options{Dir: dir, Observe: func(e Event) {
			if e.Kind == Noted {
				told = append(told, e.Text)
			}
		}})
		all := strings.Join(told, "\n")
		if s.Ran != tt.ran || !slices.Equal(told, s.Notes) || slices.ContainsFunc(tt.said, func(w string) bool { return !strings.Contains(all, w) }) {
			t.Errorf("%s: %d cells ran, want %d; said %q", tt.name, s.Ran, tt.ran, told)
		}
		if d := cmp.Diff(timeless(t, want), timeless(t, dir)); d != "" {
			t.Errorf("%s (-undisturbed +mended):\n%s", tt.name, d)
		}
		kept, err := os.ReadDir(filepath.Join(dir, "damaged"))
		if err != nil || len(kept) == 0 {
			t.Errorf("%s: nothing is kept aside: %v", tt.name, err)
		}
		if s = mustRun(t, p, Options{Dir: dir}); s.Ran != 0 || len(s.Notes) > 0 {
			t.Errorf("%s: the next start runs %d cells and says %q", tt.name, s.Ran, s.Notes)
		}
	}
}

// What the machine broke runs again unasked, what the model broke does not.
func TestInfrastructureFailuresRunAgain(t *testing.T) {
	p := mustPlan(t, ring+"models: [breaks]\n")
	dir := t.TempDir()
	mustRun(t, p, Options{Dir: dir})
	path := filepath.Join(dir, "cells", p.Cells[len(p.Cells)-1].Hash+".json")
	if s := mustRun(t, p, Options{Dir: dir}); s.Ran != 0 {
		t.Fatalf("%d cells ran", s.Ran)
	}
	change(t, path, unsealed(func(s string) string {
		s = strings.Replace(s, `"cause":"crash",`, "", 1)
		return strings.Replace(s, `"status":"failed"`, `"status":"failed","cause":"machine"`, 1)
	}))
	if s := mustRun(t, p, Options{Dir: dir}); s.Ran != 1 || len(s.Notes) > 0 {
		t.Errorf("%d cells ran, notes %q", s.Ran, s.Notes)
	}
}
