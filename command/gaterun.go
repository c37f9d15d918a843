package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/gate"
	"github.com/assay-gan/assay/runners"
)

// gateRun trains the suite's models seed by seed until the gate can tell. Each look plans the seeds so far; finished cells are never run again.
func (a *app) gateRun(ctx context.Context, b *gate.Baseline, f gateFlags) error {
	var all seedList
	dir := f.out
	run := func(seeds []uint64) ([]reports.Record, error) {
		for _, s := range seeds {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
		p, err := a.planSuite(ctx, f.suite, benchFlags{seeds: all, comparing: true})
		if err != nil {
			return nil, err
		}
		if dir == "" {
			dir = filepath.Join("runs", p.Suite+"-gate")
		}
		if !f.quiet {
			fmt.Fprintf(a.err, "suite %s in %s: seeds %s\n", p.Suite, dir, gate.Seeds(seeds))
		}
		allowExec := a.allowExec(f.allowExec, p)
		show := newDisplay(a.screen, f.quiet)
		sum, err := runners.Run(ctx, a.kit, p, runners.Options{Dir: dir, Data: dataDir(f.data), Version: a.ownVersion(), Observe: show.event, AllowExec: allowExec})
		show.close()
		if errors.Is(err, runners.ErrInterrupted) {
			return nil, fmt.Errorf("%w; the same command goes on from there", err)
		}
		if err != nil {
			return nil, err
		}
		return sum.Records, nil
	}
	v, _, err := gate.Sequential(b, f.options, gate.Sequence{Start: f.start, Most: f.most, Run: run})
	if err != nil {
		return usage(err)
	}
	return a.verdict(v, dir, f)
}

// calibrate prints what simulated nights say about a baseline, without a run.
func (a *app) calibrate(b *gate.Baseline, f gateFlags) error {
	c, err := gate.Calibrate(b, f.options, gate.Simulation{Runs: f.runs, Nights: f.nights})
	if err != nil {
		return usage(err)
	}
	if f.view.format == "json" {
		return a.json(c)
	}
	_, err = fmt.Fprint(a.out, c.Text())
	return err
}
