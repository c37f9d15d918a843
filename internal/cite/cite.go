// Package cite resolves the source labels that doc comments, metrics, models and data sets carry: one embedded bibliography, one lookup.
package cite

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed references.bib
var bib string

// Entry is one source of the bibliography.
type Entry struct {
	Label  string
	Kind   string            // article, inproceedings, ...
	Fields map[string]string // title, author, year, eprint, ...
	Raw    string            // the BibTeX text
}

var (
	head  = regexp.MustCompile(`(?m)^@(\w+)\{([a-z0-9]+),`)
	field = regexp.MustCompile(`(\w+)\s*=\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}`)
)

// All returns every entry in the order of the file.
func All() []Entry {
	at := head.FindAllStringSubmatchIndex(bib, -1)
	entries := make([]Entry, 0, len(at))
	for i, m := range at {
		end := len(bib)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		raw := strings.TrimSpace(bib[m[0]:end])
		e := Entry{Kind: bib[m[2]:m[3]], Label: bib[m[4]:m[5]], Fields: map[string]string{}, Raw: raw}
		for _, f := range field.FindAllStringSubmatch(raw[m[1]-m[0]:], -1) {
			e.Fields[f[1]] = plain(f[2])
		}
		entries = append(entries, e)
	}
	return entries
}

var accents = strings.NewReplacer(`{\"a}`, "ä", `{\"o}`, "ö", `{\"u}`, "ü", `{\'e}`, "é", `{\'n}`, "ń", "{", "", "}", "", `\&`, "&")

func plain(s string) string { return accents.Replace(s) }

// Lookup returns the entry of a label such as "heusel2017".
func Lookup(label string) (Entry, error) {
	for _, e := range All() {
		if e.Label == label {
			return e, nil
		}
	}
	return Entry{}, fmt.Errorf("unknown source %q: see `assay cite` for the list", label)
}

// String is the entry as one line of text: authors, title, venue, year, arXiv number.
func (e Entry) String() string {
	parts := []string{e.Fields["author"] + ": " + e.Fields["title"]}
	for _, k := range []string{"booktitle", "journal", "institution", "howpublished"} {
		if v := e.Fields[k]; v != "" {
			parts = append(parts, v)
		}
	}
	parts = append(parts, e.Fields["year"])
	if v := e.Fields["eprint"]; v != "" {
		parts = append(parts, "arXiv:"+v)
	}
	return strings.Join(parts, ", ")
}
