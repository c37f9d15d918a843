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

const own = `
@misc{Nobody:2026,
  author = {Nobody, N.},
  title = {On nothing},
  year = {2026}
}
`

func TestBibliographyOfOnesOwn(t *testing.T) {
	if err := Check(own); err != nil {
		t.Error(err)
	}
	e, err := Lookup("Nobody:2026", own)
	if err != nil || e.String() != "Nobody, N.: On nothing, 2026" {
		t.Errorf("%v, %v", e, err)
	}
	if n := len(All(own, own)); n != len(All())+1 {
		t.Errorf("%d entries", n)
	}
	if _, err := Lookup("heusel2017", own); err != nil {
		t.Error(err)
	}
}

func TestFaultyBibliographies(t *testing.T) {
	for text, want := range map[string]string{
		"see the web":                    "no entry",
		"@misc{Two Words, title={x}}":    "0 of 1 entries",
		own + own:                        "Nobody:2026 is taken",
		"@misc{heusel2017, title = {x}}": "heusel2017 is taken",
		"@misc{x1, title = {x}}":         "x1 has no author",
	} {
		if err := Check(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if err := Check(""); err != nil {
		t.Error(err)
	}
}
