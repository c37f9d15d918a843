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
	Write func(w io.Writer, r *Report) error
}

// Formats returns every format that ships. A new one is a file and a line here; the golden test walks the list. Programs that bring one of their own append to
// a copy of it, as in the Formats of a runners.Kit.
func Formats() []Format {
	return []Format{
		{"screen", "screen.txt", "one screen: scores, verdicts, warnings, where to go on", Screen},
		{"terminal", "report.txt", "tables for a terminal", Terminal},
		{"markdown", "report.md", "tables and pictures as Markdown", markdownReport},
		{"html", "report.html", "one page with interactive charts, offline", HTML},
		{"latex", "report.tex", "booktabs tables", latexReport},
		{"csv", "summary.csv", "a line for each model, data set and metric", csvSummary},
		{"json", "summary.json", "findings, summaries and failures", jsonReport},
		{"bench", "bench.txt", "Go benchmark text, for benchstat", benchText},
	}
}

// Lookup finds a format by its name; the error lists the names there are and the nearest one.
func Lookup(formats []Format, id string) (Format, error) {
	var have []string
	for _, f := range formats {
		if f.ID == id {
			return f, nil
		}
		have = append(have, f.ID)
	}
	return Format{}, suggest.Unknown("format", id, have)
}

// WriteAll writes the report in each of the formats into a folder and returns the paths. Each file is replaced whole or not at all.
func (r *Report) WriteAll(dir string, formats []Format) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var paths []string
	for _, f := range formats {
		var b bytes.Buffer
		path := filepath.Join(dir, f.File)
		err := f.Write(&b, r)
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
