package command

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/reports"
)

func (a *app) history() *cobra.Command {
	var format, out, title string
	var metrics []string
	c := &cobra.Command{
		Use:   "history PATH...",
		Short: "Runs over time: noise bands and lasting changes, on the terminal or a page",
		Long: `History shows the measures of many runs over time. A path is a history (assay history add), a
records file, a run folder, or a folder of these.

The band is where 95 of 100 runs lie while nothing changes. A lasting change is found by
E-divisive with an exact rank test: it needs five runs on each side, so one wild run is none.
Of each data set the headline measure is shown, or those that --metrics names.`,
		Example: `  assay history add history.jsonl runs/gate --as 9f0e1aa
  assay history history.jsonl
  assay history history.jsonl --format html --out history.html
  assay history runs/ --metrics fd,modes --format json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("history takes a history, records files or folders (see assay history --help)")
			}
			return nil
		},
	}
	c.Flags().StringSliceVar(&metrics, "metrics", nil, "`names` of the metrics (default: the headline of each data set)")
	c.Flags().StringVar(&out, "out", "", "`file` to write to (default: the terminal)")
	c.Flags().StringVar(&title, "title", "", "`title` of the page")
	formatFlag(c, &format, "text", "json", "html")
	c.RunE = func(_ *cobra.Command, args []string) error {
		h, err := reports.LoadHistory(args...)
		if err != nil {
			return err
		}
		series, err := h.Series(metrics...)
		if err != nil {
			return err
		}
		if len(series) == 0 {
			return fmt.Errorf("%s: no run has a value with a better side", h.Name)
		}
		write := func(w io.Writer) error {
			switch format {
			case "json":
				return jsonTo(w, map[string]any{"runs": len(h.Runs), "notes": h.Notes, "series": series})
			case "html":
				return reports.HistoryHTML(w, h, series, title)
			}
			return reports.HistoryText(w, h, series)
		}
		if out == "" {
			return write(a.out)
		}
		return atomicfile.Write(out, write)
	}
	c.AddCommand(a.historyAdd())
	return c
}

func (a *app) historyAdd() *cobra.Command {
	var as, date string
	c := &cobra.Command{
		Use:   "add HISTORY RUN --as NAME",
		Short: "Add what a run measured to a history",
		Long: `Add appends the values of a run folder or a records file to a history, under the name of a
commit or a night. The same name again replaces what it had measured before, so that a job
that runs twice counts once. Every line of the file stands alone: git can merge it.`,
		Example: `  assay history add history.jsonl runs/gate --as 9f0e1aa
  assay history add history.jsonl scores.jsonl --as v1.2 --date 2026-01-31T04:00:00Z`,
		Args: takes(2, 2, "a history and a run"),
	}
	c.Flags().StringVar(&as, "as", "", "`name` of the run: a commit, a tag, a night")
	c.Flags().StringVar(&date, "date", "", "`time` of the run, as 2026-01-31T04:00:00Z (default: now)")
	c.RunE = func(c *cobra.Command, args []string) error {
		if as == "" {
			return usagef("history add needs the run's name by --as, such as --as 9f0e1aa")
		}
		if date == "" {
			date = time.Now().UTC().Format(time.RFC3339)
		}
		run, err := reports.LoadRecords(args[1])
		if err != nil {
			return err
		}
		n, err := reports.AddHistory(c.Context(), args[0], as, date, run.Records)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.out, "%s: %d records of %s\n", args[0], n, as)
		return err
	}
	return c
}
