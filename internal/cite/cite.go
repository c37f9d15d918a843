// Package cite resolves the source labels that doc comments, metrics, models and data sets carry: one embedded bibliography, one lookup.
package cite

import (
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
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
	head  = regexp.MustCompile(`(?m)^@(\w+)\{([^\s,{}]+),`)
	field = regexp.MustCompile(`(\w+)\s*=\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}`)
)

// embedded is the bibliography of this file, parsed once: a plan looks up every source of its claims.
var embedded = sync.OnceValue(func() []Entry { return parse(bib) })

// All returns every entry in the order of the file, then those of more bibliographies in BibTeX, a label that is there already left out.
func All(more ...string) []Entry {
	var all []Entry
	seen := map[string]bool{}
	texts := [][]Entry{embedded()}
	for _, text := range more {
		texts = append(texts, parse(text))
	}
	for _, entries := range texts {
		for _, e := range entries {
			if !seen[e.Label] {
				all = append(all, e)
			}
			seen[e.Label] = true
		}
	}
	return all
}

// parse reads the entries that begin at the start of a line.
func parse(text string) []Entry {
	at := head.FindAllStringSubmatchIndex(text, -1)
	entries := make([]Entry, 0, len(at))
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		raw := strings.TrimSpace(text[m[0]:end])
		e := Entry{Kind: text[m[2]:m[3]], Label: text[m[4]:m[5]], Fields: map[string]string{}, Raw: raw}
		for _, f := range field.FindAllStringSubmatch(raw[m[1]-m[0]:], -1) {
			e.Fields[f[1]] = plain(f[2])
		}
		entries = append(entries, e)
	}
	return entries
}

// Check says what is wrong with a bibliography that a program brings along: text that holds no entry or one that cannot be read, a label that is taken, an entry
// without a title, an author or a year.
func Check(text string) error {
	entries := parse(text)
	if n := strings.Count("\n"+text, "\n@"); n != len(entries) {
		return fmt.Errorf("bibliography: %d of %d entries can be read: an entry begins a line with @kind{label,", len(entries), n)
	}
	if strings.TrimSpace(text) != "" && len(entries) == 0 {
		return errors.New("bibliography: no entry: one begins a line with @kind{label,")
	}
	seen := map[string]bool{}
	for _, e := range parse(bib) {
		seen[e.Label] = true
	}
	for _, e := range entries {
		if seen[e.Label] {
			return fmt.Errorf("bibliography: the label %s is taken: give the entry another one", e.Label)
		}
		seen[e.Label] = true
		for _, k := range []string{"title", "author", "year"} {
			if e.Fields[k] == "" {
				return fmt.Errorf("bibliography: %s has no %s = {...}", e.Label, k)
			}
		}
	}
	return nil
}

var accents = strings.NewReplacer(`{\"a}`, "ä", `{\"o}`, "ö", `{\"u}`, "ü", `{\'e}`, "é", `{\'n}`, "ń", "{", "", "}", "", `\&`, "&")

func plain(s string) string { return accents.Replace(s) }

// Lookup returns the entry of a label such as "heusel2017", from the embedded bibliography or from more of them, in BibTeX.
func Lookup(label string, more ...string) (Entry, error) {
	for _, e := range All(more...) {
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
