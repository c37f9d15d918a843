package cite

import (
	"strings"
	"testing"
)

func TestEveryEntryIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range All() {
		if seen[e.Label] {
			t.Errorf("%s is listed twice", e.Label)
		}
		seen[e.Label] = true
		for _, k := range []string{"title", "author", "year"} {
			if e.Fields[k] == "" {
				t.Errorf("%s has no %s", e.Label, k)
			}
		}
		if got, err := Lookup(e.Label); err != nil || got.Raw != e.Raw {
			t.Errorf("Lookup(%q) = %v, %v", e.Label, got, err)
		}
	}
	// Every @ at the start of a line opened an entry: none was skipped by the pattern.
	if n := strings.Count("\n"+bib, "\n@"); n != len(seen) {
		t.Errorf("%d entries in the file, %d parsed", n, len(seen))
	}
}

func TestLookup(t *testing.T) {
	e, err := Lookup("heusel2017")
	if err != nil || e.Fields["eprint"] != "1706.08500" || !strings.Contains(e.String(), "Two Time-Scale") {
		t.Errorf("%v, %v", e, err)
	}
	if _, err := Lookup("nobody1900"); err == nil {
		t.Error("found a source that is not there")
	}
}
