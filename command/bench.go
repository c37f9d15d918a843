package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/runners/queue"
)

// dataFlag adds --data.
func dataFlag(c *cobra.Command, to *string) {
	c.Flags().StringVar(to, "data", "", "`folder` with data files (default: ASSAY_DATA)")
}

type benchFlags struct {
	data, out, format string
	cache             string
	workers           int
	budget            int
	seeds             seedList
	quiet, plan       bool
	verbose           bool
	noProbe, cells    bool
	comparing         bool // for a gate
	spread            string
	retry             bool
	allowExec         bool
	queue             queueFlags
	given             int // --workers as it was given, -1 where it was not
}

func (a *app) bench() *cobra.Command {
	var f benchFlags
	c := &cobra.Command{
		Use:   "bench [SUITE]",
		Short: "Train, sample, score and report: the main job",
		Long: `Bench runs a suite: an embedded one by name (assay list suites) or a YAML file by path.

Its results go to one folder, runs/SUITE-HASH by default. Killed at any moment, the same
command goes on where it stopped; finished cells are never run again. The same suite and
seeds give the same records for every number of workers and threads.`,
		Example: `  assay bench default
  assay bench smoke --quiet --format json
  assay bench mnist --data ../data
  assay bench ./my.yaml --out runs/mine
  assay bench created-equal-mini --plan         what it runs, costs and can decide
  assay bench default --queue :4222             share the work with other machines`,
		Args: takes(0, 1, "one suite"),
	}
	dataFlag(c, &f.data)
	cacheFlag(c.Flags(), &f.cache)
	c.Flags().StringVar(&f.out, "out", "", "run `folder` (default: runs/SUITE-HASH)")
	wholeFlag(c.Flags(), &f.workers, "workers", "", 0, span{lo: 1, hi: maxThreads, zero: "one a core"}, "cells at a `time` (default: one a core)")
	wholeFlag(c.Flags(), &f.budget, "budget", "", 0, span{lo: 1, zero: "the suite's own"}, "train every model for this many `steps`")
	c.Flags().Var(&f.seeds, "seeds", "`seeds` instead of the suite's, such as 1,2,7 or 1-5")
	c.Flags().BoolVar(&f.quiet, "quiet", false, "no progress")
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "say at the end what each phase took: train, draw, features,\nmetrics, verdict, report")
	c.Flags().BoolVar(&f.plan, "plan", false, "print what would run, and stop")
	c.Flags().BoolVar(&f.cells, "cells", false, "with --plan: list every cell")
	c.Flags().BoolVar(&f.noProbe, "no-probe", false, "with --plan: do not try the models for their cost")
	c.Flags().StringVar(&f.spread, "spread", "", "with --plan: earlier `RUN` whose spread says what the seeds can decide\n(default: the run folder)")
	c.Flags().BoolVar(&f.retry, "retry-failed", false, "run cells again whose failure may not come again")
	execFlag(c, &f.allowExec)
	f.queue.add(c, "share the cells with assay worker on other machines:\n`ADDRESS` to listen at, such as :4222, or URL of a NATS\nserver; --workers 0 leaves all cells to them")
	durationFlag(c.Flags(), &f.queue.lease, "queue-lease", queue.DefaultLease, queue.MinLease, "how `long` a silent worker keeps a cell")
	formatFlag(c, &f.format, "table", "json")
	c.RunE = func(c *cobra.Command, args []string) error {
		name := "default"
		if len(args) == 1 {
			name = args[0]
		}
		return a.runBench(c, name, f)
	}
	return c
}

func (a *app) runBench(c *cobra.Command, name string, f benchFlags) error {
	p, err := a.planSuite(c.Context(), name, f)
	if err != nil {
		return usage(err)
	}
	if f.plan {
		return a.showPlan(c.Context(), p, f)
	}
	dir := f.folder(p)
	if !f.quiet {
		a.remark(runners.Origin(a.ownVersion()).String())
		a.remark(fmt.Sprintf("suite %s in %s", p.Suite, dir))
		if len(p.Skips) > 0 {
			fmt.Fprintf(a.err, "%d combinations make no sense and are left out (--plan lists them)\n", len(p.Skips))
		}
	}
	allowExec := a.allowExec(f.allowExec, p)
	if f.given = f.workers; !c.Flags().Changed("workers") {
		f.given = -1
	}
	hands, err := f.queue.coordinate(c, f.workers)
	if err != nil {
		return err
	}
	show := newDisplay(a.screen, f.quiet)
	sum, err := a.runOver(c, hands, p, runners.Options{
		Dir: dir, Data: dataDir(f.data), Version: a.ownVersion(), Command: typed(c, name), Workers: f.workers, RetryFailed: f.retry, Observe: show.event, Cache: featureFolder(f.cache), AllowExec: allowExec,
	})
	show.close()
	if errors.Is(err, runners.ErrInterrupted) {
		return fmt.Errorf("%w; continue with: %s", err, again(name, dir, f))
	}
	if err != nil {
		return err
	}
	return a.finishBench(sum, f)
}

// typed is the command as it can be typed again: its arguments, and the flags that were given.
func typed(c *cobra.Command, args ...string) string {
	parts := append(strings.Fields(c.CommandPath()), args...)
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "bool" && f.Value.String() == "true" {
			parts = append(parts, "--"+f.Name)
			return
		}
		parts = append(parts, "--"+f.Name, f.Value.String())
	})
	for i, p := range parts {
		if p == "" || strings.ContainsAny(p, " \t\n'\"\\$`*?[](){}<>|&;!#~") {
			parts[i] = "'" + strings.ReplaceAll(p, "'", `'\''`) + "'"
		}
	}
	return strings.Join(parts, " ")
}

// folder is the run folder of a plan.
func (f benchFlags) folder(p *runners.Plan) string {
	if f.out != "" {
		return f.out
	}
	return filepath.Join("runs", p.Suite+"-"+p.Hash[:8])
}

func dataDir(flag string) string {
	if flag != "" {
		return flag
	}
	return datasets.DefaultDir()
}

// again is the command that continues an interrupted run.
func again(name, dir string, f benchFlags) string {
	parts := []string{"assay bench", name, "--out", dir}
	if f.data != "" {
		parts = append(parts, "--data", f.data)
	}
	if f.budget > 0 {
		parts = append(parts, "--budget", fmt.Sprint(f.budget))
	}
	if len(f.seeds) > 0 {
		parts = append(parts, "--seeds", f.seeds.String())
	}
	if f.allowExec {
		parts = append(parts, "--allow-exec")
	}
	parts = append(parts, f.queue.again(f.given)...)
	return strings.Join(parts, " ")
}

func (a *app) planSuite(ctx context.Context, name string, f benchFlags) (*runners.Plan, error) {
	cfg, err := runners.OpenSuite(name)
	if err != nil {
		return nil, err
	}
	cfg.Override(f.budget, f.seeds)
	if cfg.InSeconds() {
		switch {
		case f.comparing:
			return nil, fmt.Errorf("%s: a budget in core_seconds is another number of steps on every machine, and a gate compares equal lengths: give steps, d_steps or gradients", cfg.File)
		case f.out == "" && !f.plan:
			return nil, fmt.Errorf("%s: a budget in core_seconds becomes steps by the pace of this machine, which the run folder keeps: name the folder by --out", cfg.File)
		case !f.quiet && f.format != "json":
			fmt.Fprintln(a.err, "budgets in core_seconds: steps by the pace that the run folder keeps, or by trying each model for a second")
		}
		if err := runners.SetPace(ctx, a.kit, cfg, f.out, dataDir(f.data)); err != nil {
			return nil, err
		}
	}
	return runners.NewPlan(a.kit, cfg)
}

// finishBench writes the reports and prints the tables. One failed cell among many is a finding of the report; a run without any value has failed.
func (a *app) finishBench(s *runners.Summary, f benchFlags) error {
	for _, n := range s.Notes { // told before, but for --quiet: damage is never passed over
		if f.quiet {
			fmt.Fprintf(a.err, "assay: note: %s\n", n)
		}
	}
	began := time.Now()
	run, err := reports.LoadForReport(s.Dir)
	if err != nil {
		return err
	}
	r, err := reports.New(run, reports.Options{})
	if err != nil {
		return err
	}
	paths, err := r.WriteAll(s.Dir, reports.Files(a.kit.Formats))
	if err != nil {
		return err
	}
	shown := "screen"
	if f.format == "json" {
		shown = "json"
	}
	r.Options.Width = a.width()
	format, err := reports.Lookup(reports.Formats(), shown)
	if err != nil {
		return err
	}
	if err := format.Write(a.out, r); err != nil {
		return err
	}
	if !f.quiet {
		a.remark(fmt.Sprintf("%d cells (%d finished before, %d failed); wrote %s", s.Total, s.Resumed, len(s.Failed), strings.Join(paths, ", ")))
	}
	if f.verbose {
		a.remark(phases(s.Phases, time.Since(began)))
	}
	if len(s.Failed) == s.Total {
		return fmt.Errorf("all %d cells failed, the first with: %s", s.Total, s.Failed[0].Error)
	}
	return nil
}

// phases is a line of what each part of a run took.
func phases(of []runners.Phase, report time.Duration) string {
	var parts []string
	total := 0.0
	for _, p := range of {
		total += p.CoreSeconds
		parts = append(parts, fmt.Sprintf("%s %.1f s", p.Name, p.CoreSeconds))
	}
	return fmt.Sprintf("seconds of one core: %s; %.1f s in all, and %.1f s for the report", strings.Join(parts, ", "), total, report.Seconds())
}
