package command

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/machine"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// showPlan prints what a suite would run, what that costs on this machine and what it can decide, and runs none of it.
func (a *app) showPlan(ctx context.Context, p *runners.Plan, f benchFlags) error {
	if err := p.Affordable(ctx, a.kit); err != nil {
		return err
	}
	earlier, err := f.earlier(p)
	if err != nil {
		return err
	}
	var probe *runners.Probe
	var untried error
	if !f.noProbe {
		probe, untried = a.probe(ctx, p, f)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	o := p.Outlook(probe, earlier)
	if untried != nil {
		o.Notes = append(o.Notes, "no cost: "+untried.Error())
	}
	dearest, known := p.Dearest(ctx, a.kit)
	if f.format == "json" {
		shown := map[string]any{"suite": p.Suite, "hash": p.Hash, "cells": p.Cells, "most_cells": p.Most, "skips": p.Skips, "programs": p.Programs, "claims": p.Claims, "outlook": o}
		if known {
			shown["memory"] = map[string]any{"cell": dearest.Cell.Hash, "bytes": dearest.Bytes(), "parts": dearest}
		}
		return jsonTo(a.out, shown)
	}
	var b bytes.Buffer
	if f.cells {
		if err := a.fitted(&b, cellTable(p)); err != nil {
			return err
		}
		b.WriteByte('\n')
	}
	if err := a.fitted(&b, phaseTable(p, o)); err != nil {
		return err
	}
	lines := planLines(p, o)
	if known {
		lines = append(lines, [2]string{"memory", fmt.Sprintf("beside data and features at most %s a cell, %s", machine.Size(dearest.Bytes()), dearest.Cell.Title())})
	}
	for _, l := range append(lines, planRemarks(p)...) {
		reports.WriteWrapped(&b, "  "+l[0], 11, l[1])
	}
	_, err = b.WriteTo(a.out)
	return err
}

// probe tries the models; not on another's programs, and not where the data is missing.
func (a *app) probe(ctx context.Context, p *runners.Plan, f benchFlags) (*runners.Probe, error) {
	if !f.quiet && f.format != "json" {
		fmt.Fprintf(a.err, "trying the models for at most %.0f s (--no-probe leaves it out)\n", runners.ProbeLimit.Seconds())
	}
	return runners.NewProbe(ctx, a.kit, p, dataDir(f.data), runners.ProbeLimit)
}

// earlier are the records that the spread of seeds is taken from: of --spread, else of the run folder where it holds some.
func (f benchFlags) earlier(p *runners.Plan) ([]reports.Record, error) {
	path := f.spread
	if path == "" {
		path = filepath.Join(f.folder(p), reports.RecordsFile)
	}
	run, err := reports.LoadRecords(path)
	if f.spread == "" && err != nil {
		return nil, nil //nolint:nilerr // nothing has run yet, or what is there is bench's to complain about
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage(fmt.Errorf("--spread: %w", err))
	}
	if err != nil {
		return nil, fmt.Errorf("--spread: %w", err)
	}
	return run.Records, nil
}

// cellTable lists the cells that are known.
func cellTable(p *runners.Plan) reports.Table {
	var rows [][]string
	for _, c := range p.Cells {
		var ms []string
		for _, m := range c.Metrics {
			ms = append(ms, m.ID)
		}
		rows = append(rows, []string{c.Label, c.Dataset, fmt.Sprint(c.Seed), fmt.Sprint(c.Steps()), strings.Join(c.Featurizers, " "), strings.Join(ms, " "), c.Hash})
	}
	return table("cells", "Cells", []string{"model", "data set", "seed", "steps", "featurizers", "metrics", "cell"}, rows)
}

// phaseTable sums the cells up by phase.
func phaseTable(p *runners.Plan, o runners.Outlook) reports.Table {
	title := fmt.Sprintf("%s: %d cells", p.Suite, o.Cells)
	if p.Most > len(p.Cells) {
		title += " at most"
	}
	t := reports.Table{ID: "plan", Title: title, Head: []string{"phase", "models", "data sets", "draws", "seeds", "cells", "core time"}}
	sum := 0
	for _, ph := range o.Phases {
		draws, cost := "–", "–"
		if ph.Draws > 0 {
			draws = fmt.Sprint(ph.Draws)
		}
		if o.CPU > 0 {
			cost = timeSpan(ph.CPU)
		}
		row := reports.Row{Cells: []reports.Cell{{Text: ph.Phase, Left: true}}}
		for _, text := range []string{fmt.Sprint(ph.Models), fmt.Sprint(ph.Datasets), draws, fmt.Sprint(ph.Seeds), fmt.Sprint(ph.Cells), cost} {
			row.Cells = append(row.Cells, reports.Cell{Text: text})
		}
		t.Rows, sum = append(t.Rows, row), sum+ph.Cells
	}
	if sum > o.Cells { // draws that come to the same settings are one cell
		t.Notes = append(t.Notes, fmt.Sprintf("%d of these are the same cell as another", sum-o.Cells))
	}
	return t
}

// planLines are what a plan costs and can decide, each with its label.
func planLines(p *runners.Plan, o runners.Outlook) [][2]string {
	var out [][2]string
	if o.CPU > 0 {
		text := fmt.Sprintf("about %s of one core, %s on the %s of this machine: an estimate from trying the models for seconds, good to a factor of two or so", timeSpan(o.CPU), timeSpan(o.Wall), counted(o.Cores, "core", "cores"))
		if o.Stopped {
			text += "; less where draws are stopped"
		}
		out = append(out, [2]string{"cost", text})
	}
	for _, n := range o.Notes {
		out = append(out, [2]string{"", n})
	}
	return append(out, powerLines(o.Power)...)
}

func powerLines(w runners.Power) [][2]string {
	if w.Shift == 0 {
		return [][2]string{{"power", fmt.Sprintf("none: with %s a side no difference between two models can be shown at %s: give more seeds", counted(w.Seeds, "run", "runs"), fmt.Sprintf("%.2g", w.Level))}}
	}
	out := [][2]string{{"power", fmt.Sprintf("with %s a side, two models that differ by %s standard deviations of their seeds are told apart in 80 %% of studies (one-sided exact rank test at %s)", counted(w.Seeds, "run", "runs"), reports.Number(w.Shift), fmt.Sprintf("%.2g", w.Level))}}
	if len(w.Spread) == 0 {
		return append(out, [2]string{"", "how much that is of a value follows from an earlier record: --spread RUN"})
	}
	by := map[string][]runners.SpreadPower{}
	var sets []string
	for _, s := range w.Spread {
		if by[s.Dataset] == nil {
			sets = append(sets, s.Dataset)
		}
		by[s.Dataset] = append(by[s.Dataset], s)
	}
	for _, d := range sets {
		rows := by[d]
		slices.SortStableFunc(rows, func(a, b runners.SpreadPower) int { return compareShift(a.Shift, b.Shift) })
		tell := func(s runners.SpreadPower) string {
			if s.Shift == 0 {
				return "none, too many of its runs failed"
			}
			return fmt.Sprintf("%.0f %%", 100*s.Shift)
		}
		first, last := rows[0], rows[len(rows)-1]
		text := fmt.Sprintf("%s: a %s that is worse by %s shows beside %s", d, first.Metric, tell(first), first.Model)
		if len(rows) > 1 {
			text += fmt.Sprintf(", and by %s beside %s, which scatters most", tell(last), last.Model)
		}
		out = append(out, [2]string{"", text + fmt.Sprintf(" (spread of %s in the earlier record)", counted(first.Runs, "run", "runs"))})
	}
	return out
}

// compareShift orders shifts, those that do not exist last.
func compareShift(a, b float64) int {
	inf := func(v float64) float64 {
		if v == 0 {
			return math.Inf(1)
		}
		return v
	}
	return cmp.Compare(inf(a), inf(b))
}

// planRemarks are what else is to be known of a plan.
func planRemarks(p *runners.Plan) [][2]string {
	var out [][2]string
	for _, c := range p.Claims {
		out = append(out, [2]string{"claim", c.Say + " (" + c.Test + " " + c.Metric + ")"})
	}
	for _, s := range p.Skips {
		out = append(out, [2]string{"skipped", fmt.Sprintf("%s on %s: %s", s.Subject(), s.Dataset, s.Reason)})
	}
	for _, q := range p.Programs {
		out = append(out, [2]string{"program", fmt.Sprintf("runs a program, with --allow-exec only: %q (line %d)", q.Command, q.Line)})
	}
	return out
}

// counted is a number with its word.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n) + " " + many
}
