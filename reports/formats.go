package reports

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/suggest"
)

// Format is a way to write a report: as a file, or as a folder.
type Format struct {
	ID    string                             // name on the command line
	File  string                             // name in the run folder
	Title string                             // one line for people
	Write func(w io.Writer, r *Report) error // nil for a folder

	// Tree puts the files of a folder, by their paths below it, with slashes. A folder is written where it is asked for by name, never with all formats: it may hold thousands of files.
	Tree func(r *Report, put func(path string, content []byte) error) error
}

// Folder says whether the format is a folder.
func (f Format) Folder() bool { return f.Tree != nil }

// Files are the formats that are one file each.
func Files(formats []Format) []Format {
	return slices.DeleteFunc(slices.Clone(formats), Format.Folder)
}

// Formats returns every format that ships. A new one is a file and a line here; the golden test walks the list. Programs that bring one of their own append to
// a copy of it, as in the Formats of a runners.Kit.
func Formats() []Format {
	return []Format{
		{ID: "screen", File: "screen.txt", Title: "one screen: scores, verdicts, warnings, where to go on", Write: Screen},
		{ID: "terminal", File: "report.txt", Title: "tables for a terminal", Write: Terminal},
		{ID: "markdown", File: "report.md", Title: "tables and pictures as Markdown", Write: markdownReport},
		{ID: "html", File: "report.html", Title: "one page with interactive charts, offline", Write: HTML},
		{ID: "latex", File: "report.tex", Title: "booktabs tables", Write: latexReport},
		{ID: "csv", File: "summary.csv", Title: "a line for each model, data set and metric", Write: csvSummary},
		{ID: "json", File: "summary.json", Title: "findings, summaries and failures", Write: jsonReport},
		{ID: "bench", File: "bench.txt", Title: "Go benchmark text, for benchstat", Write: benchText},
		{ID: "tensorboard", File: "tensorboard", Title: "a folder of event files, for TensorBoard", Tree: tensorboard},
		{ID: "mlflow", File: mlflowFolder, Title: "a folder that is a file store, for MLflow", Tree: mlflow},
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

// WriteAll writes the report in each of the formats into a folder and returns the paths. Each file is replaced whole or not at all, and so is each file of a folder; what lies there already and is no part of the report stays.
func (r *Report) WriteAll(dir string, formats []Format) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var paths []string
	for _, f := range formats {
		path := filepath.Join(dir, f.File)
		if err := r.write(path, f); err != nil {
			return paths, fmt.Errorf("format %s: %w", f.ID, err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func (r *Report) write(path string, f Format) error {
	if !f.Folder() {
		var b bytes.Buffer
		if err := f.Write(&b, r); err != nil {
			return err
		}
		return atomicfile.WriteBytes(path, b.Bytes())
	}
	return r.writeTree(path, f)
}

// together is how many files of a folder take their names at once.
const together = 200

func (r *Report) writeTree(path string, f Format) error {
	var b atomicfile.Batch
	defer b.Discard()
	n := 0
	err := f.Tree(r, func(name string, content []byte) error {
		if name = filepath.FromSlash(name); !filepath.IsLocal(name) {
			return fmt.Errorf("%q is no path below the folder", name)
		}
		if err := b.WriteBytes(filepath.Join(path, name), content); err != nil {
			return err
		}
		if n++; n%together != 0 {
			return nil
		}
		return atomicfile.Commit(&b)
	})
	if err != nil {
		return err
	}
	return atomicfile.Commit(&b)
}
