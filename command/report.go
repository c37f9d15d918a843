package command

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

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

Formats: ` + strings.Join(have, ", ") + ".",
		Example: `  assay report runs/default-1a2b3c4d
  assay report runs/default-1a2b3c4d --format html --out site
  assay report runs/default-1a2b3c4d --figures paper/figures
  assay report runs/default-1a2b3c4d --format tensorboard --out logs
  assay report records.jsonl --where model=wgan,vae --metric is`,
		Args: takes(1, 1, "one run folder or records file"),
	}
	c.Flags().StringVar(&out, "out", "", "`folder` to write to")
	c.Flags().StringSliceVar(&formats, "format", nil, "`forms` of the report: "+strings.Join(have, ", ")+" (default: terminal; with --out all)")
	c.Flags().StringVar(&metric, "metric", "", "`metric` of the headline table (default: fd)")
	c.Flags().StringVar(&title, "title", "", "`title` of the page")
	c.Flags().StringArrayVar(&where, "where", nil, "keep records with `key=value`; keys: "+strings.Join(reports.Keys(), ", ")+", set.NAME")
	c.Flags().BoolVar(&bare, "bare", false, "leave all scripts out of the page: static pictures, no sorting")
	c.Flags().StringVar(&figures, "figures", "", "`folder` for every figure as SVG, PDF and its numbers as CSV; without --format nothing else is made")
	c.RunE = func(_ *cobra.Command, args []string) error {
		asked, err := a.formats(formats, out != "")
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
		return writeFiles(a.out, r, out, asked)
	}
	return c
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
		return nil, errors.New("several formats need a folder: add --out")
	case asked[0].Folder():
		return nil, fmt.Errorf("the format %s is %s: add --out", asked[0].ID, asked[0].Title)
	}
	return asked, nil
}
