package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/reports"
)

func (a *app) report() *cobra.Command {
	var out, metric, title string
	var formats []string
	var where []string
	var bare bool
	var figures string
	var have []string
	for _, f := range a.kit.Formats {
		have = append(have, f.ID)
	}
	c := &cobra.Command{
		Use:   "report RUN",
		Short: "Make the report of a run again, from its records",
		Long: `Report reads a run folder, or a records file alone, and writes a report.

One format without --out goes to stdout. With --out every format asked for (all that are one
file, if none is) becomes a file in that folder; tensorboard and mlflow become folders in it.
A name that ends in .html, .md, .tex, .csv, .json or .txt is one file, in the format of its
ending or of --format.

Formats: ` + strings.Join(have, ", ") + ".",
		Example: `  assay report runs/default-1a2b3c4d
  assay report runs/default-1a2b3c4d --format html --out site
  assay report runs/default-1a2b3c4d --out table.tex
  assay report runs/default-1a2b3c4d --figures paper/figures
  assay report runs/default-1a2b3c4d --format tensorboard --out logs
  assay report records.jsonl --where model=wgan,vae --metric is`,
		Args: takes(1, 1, "one run folder or records file"),
	}
	c.Flags().StringVar(&out, "out", "", "`folder` to write to, or a file (.html, .md, .tex, .csv, .json, .txt)")
	c.Flags().StringSliceVar(&formats, "format", nil, "`forms` of the report: "+strings.Join(have, ", ")+" (default: terminal; with --out all)")
	c.Flags().StringVar(&metric, "metric", "", "`metric` of the headline table (default: fd)")
	c.Flags().StringVar(&title, "title", "", "`title` of the page")
	c.Flags().StringArrayVar(&where, "where", nil, "keep records with `key=value`; keys: "+strings.Join(reports.Keys(), ", ")+", set.NAME")
	c.Flags().BoolVar(&bare, "bare", false, "leave all scripts out of the page: static pictures, no sorting")
	c.Flags().StringVar(&figures, "figures", "", "`folder` for every figure as SVG, PDF and its numbers as CSV; without --format nothing else is made")
	c.RunE = func(_ *cobra.Command, args []string) error {
		file := reportEndings[strings.ToLower(filepath.Ext(out))]
		if stat, err := os.Stat(out); err == nil && stat.IsDir() {
			file = "" // whatever it is called
		}
		if file != "" && len(formats) == 0 {
			formats = []string{file}
		}
		asked, err := a.formats(formats, out != "" && file == "")
		if err != nil {
			return usage(err)
		}
		run, err := reports.LoadForReport(args[0])
		if err != nil {
			return err
		}
		if run.Records, err = reports.Filter(run.Records, where...); err != nil {
			return usage(err)
		}
		if len(run.Records) == 0 {
			return fmt.Errorf("%s: no record is left by --where %s", args[0], strings.Join(where, " --where "))
		}
		r, err := reports.New(run, reports.Options{Metric: metric, Title: title, Bare: bare, Width: a.textWidth(out)})
		if err != nil {
			return usage(err)
		}
		if figures != "" {
			if err := a.writeFigures(r, figures); err != nil || len(formats) == 0 && out == "" {
				return err
			}
		}
		if out == "" {
			return asked[0].Write(a.out, r)
		}
		if file != "" {
			return a.writeFile(r, out, asked[0])
		}
		return writeFiles(a.out, r, out, asked)
	}
	return c
}

// reportEndings are the formats that the ends of files' names stand for.
var reportEndings = map[string]string{".html": "html", ".md": "markdown", ".tex": "latex", ".csv": "csv", ".json": "json", ".txt": "terminal"}

// writeFile writes one format under the name of a file.
func (a *app) writeFile(r *reports.Report, path string, f reports.Format) error {
	var b bytes.Buffer
	if err := f.Write(&b, r); err != nil {
		return fmt.Errorf("format %s: %w", f.ID, err)
	}
	if err := atomicfile.WriteBytes(path, b.Bytes()); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.out, path)
	return err
}

// writeFigures writes the figures into a folder and says which files they are.
func (a *app) writeFigures(r *reports.Report, dir string) error {
	paths, err := r.WriteFigures(dir)
	for _, p := range paths {
		fmt.Fprintln(a.out, p)
	}
	return err
}

// writeFiles writes the formats into a folder and says which files they are.
func writeFiles(w io.Writer, r *reports.Report, dir string, formats []reports.Format) error {
	paths, err := r.WriteAll(dir, formats)
	for _, p := range paths {
		fmt.Fprintln(w, p)
	}
	return err
}

// formats finds the formats of the names; without one it is that of a terminal, and for a folder every one.
func (a *app) formats(names []string, folder bool) (asked []reports.Format, err error) {
	switch {
	case len(names) == 0 && folder:
		return reports.Files(a.kit.Formats), nil
	case len(names) == 0:
		names = []string{"terminal"}
	}
	for _, n := range names {
		f, err := a.kit.Format(n)
		if err != nil {
			return nil, err
		}
		asked = append(asked, f)
	}
	switch {
	case folder:
	case len(asked) > 1:
		return nil, errors.New("several formats need a folder: name one by --out")
	case asked[0].Folder():
		return nil, fmt.Errorf("the format %s is %s: name one by --out", asked[0].ID, asked[0].Title)
	}
	return asked, nil
}
