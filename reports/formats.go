package reports

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/suggest"
)

// Format is a way to write a report.
type Format struct {
	ID    string // name on the command line
	File  string // name in the run folder
	Title string // one line for people
	Write func(w io.Writer, run *Run, o Options) error
}

// Formats returns every format. A new one is a file and a line here; the golden test walks the list.
func Formats() []Format {
	return []Format{
		{"terminal", "report.txt", "tables for a terminal", Terminal},
		{"markdown", "report.md", "tables and pictures as Markdown", markdownReport},
		{"html", "report.html", "one page with interactive charts, offline", HTML},
		{"latex", "report.tex", "booktabs tables", latexReport},
		{"csv", "summary.csv", "a line for each model, data set and metric", csvSummary},
		{"json", "summary.json", "findings, summaries and failures", jsonReport},
		{"bench", "bench.txt", "Go benchmark text, for benchstat", benchText},
	}
}

// Lookup returns the format of a name.
func Lookup(id string) (Format, error) {
	var have []string
	for _, f := range Formats() {
		if f.ID == id {
			return f, nil
		}
		have = append(have, f.ID)
	}
	return Format{}, suggest.Unknown("format", id, have)
}

// WriteAll writes the named formats into a folder, all of them when none is named, and returns the paths. Each file is replaced whole or not at all.
func (r *Run) WriteAll(dir string, o Options, ids ...string) ([]string, error) {
	formats := Formats()
	if len(ids) > 0 {
		formats = nil
		for _, id := range ids {
			f, err := Lookup(id)
			if err != nil {
				return nil, err
			}
			formats = append(formats, f)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var paths []string
	for _, f := range formats {
		var b bytes.Buffer
		path := filepath.Join(dir, f.File)
		err := f.Write(&b, r, o)
		if err == nil {
			err = atomicfile.WriteBytes(path, b.Bytes())
		}
		if err != nil {
			return paths, fmt.Errorf("format %s: %w", f.ID, err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}
