package command

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

func (a *app) status() *cobra.Command {
	var format string
	var watch bool
	every := 2 * time.Second
	c := &cobra.Command{
		Use:   "status RUN",
		Short: "How far a run is: progress, failures, cost, time left",
		Long: `Status reads a run folder while the run is at work, stopped or finished. It
changes nothing but index.sqlite, which it makes from the records and which may
be deleted at any time.

Running means that a process holds the folder; nothing is stored about it, so a
run that was killed is stopped at once. Times left and costs of what is left are
those of the cells that have ended, by phase, model and data set.`,
		Example: `  assay status runs/default-1a2b3c4d
  assay status runs/default-1a2b3c4d --watch
  assay status runs/default-1a2b3c4d --format json`,
		Args: takes(1, 1, "one run folder"),
	}
	c.Flags().BoolVar(&watch, "watch", false, "show it anew until the run ends or Ctrl-C")
	formatFlag(c, &format, "table", "json")
	c.RunE = func(c *cobra.Command, args []string) error {
		if watch {
			return a.watch(c.Context(), args[0], format, every)
		}
		s, err := runners.ReadStatus(c.Context(), args[0])
		if err != nil {
			return err
		}
		return a.showStatus(a.out, s, format)
	}
	return c
}

// watch shows the status until nobody works on the run any more: on a terminal in one place, elsewhere one after the other.
func (a *app) watch(ctx context.Context, dir, format string, every time.Duration) error {
	_, live := terminal(a.screen)
	for {
		s, err := runners.ReadStatus(ctx, dir)
		if ctx.Err() != nil {
			return nil // asked to stop, and there is nothing to go on with
		}
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if live && format == "table" {
			b.WriteString("\x1b[H\x1b[J") // from the top
		}
		if err := a.showStatus(&quote.Writer{To: &b}, s, format); err != nil {
			return err
		}
		if _, err := b.WriteTo(a.watched(live)); err != nil {
			return err
		}
		if s.State != runners.Running {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(every):
		}
	}
}

// watched is where a status goes that is shown anew: the terminal itself, or the output.
func (a *app) watched(live bool) io.Writer {
	if live {
		return a.screen
	}
	return a.out
}

func (a *app) showStatus(w io.Writer, s *runners.Status, format string) error {
	if format == "json" {
		return jsonTo(w, s)
	}
	fmt.Fprintln(w, statusLine(s))
	for _, d := range s.Damaged {
		fmt.Fprintf(w, "! %s: its cell is not counted; run `assay bench` again\n", quote.Flat(d))
	}
	tables := []reports.Table{statusTable(s)}
	if len(s.Causes) > 0 {
		tables = append(tables, causeTable(s))
	}
	if len(s.Working) > 0 {
		tables = append(tables, workingTable(s))
	}
	for _, t := range tables {
		fmt.Fprintln(w)
		if err := a.fitted(w, t); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, costLine(s))
	return nil
}

// statusLine is the answer in one line.
func statusLine(s *runners.Status) string {
	line := fmt.Sprintf("%s: %s", quote.Flat(s.Run.Suite), s.State)
	if s.Process > 0 {
		line += fmt.Sprintf(" (process %d)", s.Process)
	}
	line += fmt.Sprintf(", %d of %d cells have ended", s.Ended, s.Cells)
	if s.Failed > 0 {
		line += fmt.Sprintf(", %d failed", s.Failed)
	}
	if left := float64(s.LeftSeconds); s.State == runners.Running && !math.IsNaN(left) {
		line += ", " + timeSpan(left) + " left"
	}
	return line
}

func costLine(s *runners.Status) string {
	if s.Ended == 0 {
		return "cost: nothing has ended yet"
	}
	line := fmt.Sprintf("cost so far: %s of cores, %s of cells", timeSpan(s.Spent.CPUSeconds), timeSpan(s.Spent.WallSeconds))
	if s.Ended < s.Cells {
		line += fmt.Sprintf("; of all: about %s, %s", timeSpan(s.Projected.CPUSeconds), timeSpan(s.Projected.WallSeconds))
	}
	return line
}

// timeSpan is a time for people.
func timeSpan(seconds float64) string {
	switch {
	case seconds < 99.5:
		return fmt.Sprintf("%.0f s", seconds)
	case seconds < 99.5*60:
		return fmt.Sprintf("%.0f min", seconds/60)
	case seconds < 99.5*3600:
		return fmt.Sprintf("%.1f h", seconds/3600)
	}
	return fmt.Sprintf("%.1f days", seconds/86400)
}

// clip shortens a text for a column.
func clip(s string, most int) string {
	s = quote.Flat(s)
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

func statusTable(s *runners.Status) reports.Table {
	phases := false
	for _, p := range s.Parts {
		phases = phases || p.Phase != ""
	}
	t := reports.Table{ID: "progress", Title: "Progress", Head: []string{"model", "data set", "ended", "failed", "cores"}}
	if phases {
		t.Head = append([]string{"phase"}, t.Head...)
	}
	for _, p := range s.Parts {
		row := []reports.Cell{{Text: clip(p.Model, 20), Left: true}, {Text: clip(p.Dataset, 16), Left: true}, {Text: fmt.Sprintf("%d/%d", p.Ended, p.Cells)}, {Text: fmt.Sprint(p.Failed)},
			{Text: timeSpan(p.CPUSeconds)}}
		if phases {
			row = append([]reports.Cell{{Text: clip(p.Phase, 8), Left: true}}, row...)
		}
		t.Rows = append(t.Rows, reports.Row{Cells: row})
	}
	return t
}

func causeTable(s *runners.Status) reports.Table {
	t := reports.Table{ID: "failures", Title: "Failures by cause", Head: []string{"cause", "cells", "one of them says"}}
	for _, c := range s.Causes {
		cause := string(c.Cause)
		if cause == "" {
			cause = "not kept"
		}
		t.Rows = append(t.Rows, reports.Row{Cells: []reports.Cell{{Text: cause, Left: true}, {Text: fmt.Sprint(c.Cells)}, {Text: clip(c.Example, 50), Left: true}}})
	}
	return t
}

func workingTable(s *runners.Status) reports.Table {
	t := reports.Table{ID: "working", Title: "At work", Head: []string{"model", "data set", "seed", "step", "for", "heard of"}}
	elsewhere := slices.ContainsFunc(s.Working, func(w runners.Working) bool { return w.Worker != "" })
	if elsewhere {
		t.Head = append(t.Head, "worker")
	}
	for _, w := range s.Working {
		row := []reports.Cell{{Text: clip(w.Model, 18), Left: true}, {Text: clip(w.Dataset, 14), Left: true}, {Text: fmt.Sprint(w.Seed)},
			{Text: fmt.Sprintf("%d/%d", w.Step, w.Of)}, {Text: timeSpan(w.Seconds)}, {Text: timeSpan(w.Silent) + " ago"}}
		if elsewhere {
			row = append(row, reports.Cell{Text: clip(cmp.Or(w.Worker, "here"), 24), Left: true})
		}
		t.Rows = append(t.Rows, reports.Row{Cells: row})
	}
	return t
}
