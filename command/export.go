package command

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/export"
)

func (a *app) export() *cobra.Command {
	var format, out string
	var where []string
	c := &cobra.Command{
		Use:   "export RUN",
		Short: "Write the records of a run for other programs",
		Long: `Export writes a row for each value and each failed cell of a run folder or a
records file:

` + exportHelp() + `

Columns of csv and parquet, as the fields of records.jsonl have them:

` + columnsHelp(),
		Example: `  assay export runs/default-1a2b3c4d --format csv --out values.csv
  assay export runs/default-1a2b3c4d --format parquet --out values.parquet
  assay export runs/default-1a2b3c4d --format benchtext --where metric=fd`,
		Args: takes(1, 1, "one run folder or records file"),
	}
	c.Flags().StringVar(&out, "out", "", "`file` to write (default: the output)")
	c.Flags().StringArrayVar(&where, "where", nil, "keep records with `key=value`, as in assay report")
	var words []string
	for _, f := range export.Formats() {
		words = append(words, f.ID)
	}
	formatFlag(c, &format, words...)
	c.RunE = func(_ *cobra.Command, args []string) error {
		f, err := export.Lookup(format)
		if err != nil {
			return usage(err)
		}
		if _, screen := terminal(os.Stdout); format == "parquet" && out == "" && screen {
			return usagef("parquet is no text for a terminal: give a file by --out")
		}
		return a.exportTo(args[0], f, out, where)
	}
	return c
}

func (a *app) exportTo(path string, f export.Format, out string, where []string) error {
	run, err := reports.LoadRecords(path)
	if err != nil {
		return err
	}
	for _, n := range run.Notes {
		fmt.Fprintf(a.err, "assay: note: %s\n", n)
	}
	if run.Records, err = reports.Filter(run.Records, where...); err != nil {
		return usage(err)
	}
	write := func(w io.Writer) error { return f.Write(w, run.Records) }
	if out != "" {
		if err := atomicfile.Write(out, write); err != nil {
			return err
		}
		fmt.Fprintf(a.err, "%d records in %s\n", len(run.Records), out)
		return nil
	}
	if f.ID != "parquet" {
		return write(a.out)
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	_, err = a.raw.Write(b.Bytes()) // bytes, which no quoting may touch
	return err
}

func exportHelp() string {
	var lines []string
	for _, f := range export.Formats() {
		lines = append(lines, fmt.Sprintf("  %-10s %s", f.ID, f.Title))
	}
	return strings.Join(lines, "\n")
}

func columnsHelp() string {
	var lines []string
	plain := ""
	for _, c := range export.Columns() {
		if c.Title != "" {
			lines = append(lines, fmt.Sprintf("  %-15s %s", c.Name, c.Title))
			continue
		}
		plain += ", " + c.Name
	}
	return strings.Join(lines, "\n") + "\n\n" + strings.Join(reports.Folded("and, as they say: "+strings.TrimPrefix(plain, ", "), 72), "\n")
}
