package command

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/gate"
)

func (a *app) gate() *cobra.Command {
	var baseline, format, write, note string
	var metrics []string
	var o gate.Options
	c := &cobra.Command{
		Use:   "gate --baseline FILE RUN",
		Short: "Are the new runs worse than a stored baseline? For CI",
		Long: `Gate compares the records of a run with a baseline: a stored distribution of runs.

Exit code 0: pass, not worse by more than the margin. 1: regression. 3: inconclusive, the
runs are too few to tell. 2: the records cannot be compared, or the command was wrong.
--write makes a baseline of a run.`,
		Example: `  assay gate --baseline testdata/gate/baseline.jsonl runs/gate
  assay gate --baseline baseline.jsonl runs/gate --format github
  assay gate --write baseline.jsonl runs/gate --metrics fd,modes`,
		Args: takes(1, 1, "one run folder or records file"),
	}
	c.Flags().StringVar(&baseline, "baseline", "", "baseline `file` to compare with")
	c.Flags().StringVar(&write, "write", "", "make a baseline of the run and write it to `file`")
	c.Flags().StringVar(&note, "note", "", "`words` on how the baseline was made (with --write)")
	c.Flags().StringSliceVar(&metrics, "metrics", nil, "gated `metrics` (with --write; default: all with a better side)")
	c.Flags().Float64Var(&o.Alpha, "alpha", 0.05, "`chance` of a false alarm, over all checks together")
	c.Flags().Float64Var(&o.Margin, "margin", 0.05, "accepted worsening as a `share` of the value")
	c.Flags().Uint64Var(&o.Seed, "seed", 1, "`seed` of the power simulation")
	formatFlag(c, &format, gate.Formats()...)
	c.RunE = func(_ *cobra.Command, args []string) error {
		if (baseline == "") == (write == "") {
			return usagef("gate takes --baseline to compare with, or --write to make one (see assay gate --help)")
		}
		if !(o.Alpha > 0 && o.Alpha < 0.5 && o.Margin >= 0) {
			return usagef("gate: --alpha %v --margin %v: want an alpha above 0 and below 0.5, and a margin of at least 0", o.Alpha, o.Margin)
		}
		run, err := reports.Load(args[0])
		if err != nil {
			return usage(err)
		}
		if write != "" {
			b, err := gate.NewBaseline(run.Records, metrics, note)
			if err != nil {
				return err
			}
			if err := b.Save(write); err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "%s: %d records\n", write, len(b.Records))
			return err
		}
		return a.decide(baseline, format, run, o)
	}
	return c
}

// decide prints the verdict; only a regression exits with 1, so that trouble with the files never looks like one.
func (a *app) decide(baseline, format string, run *reports.Run, o gate.Options) error {
	if _, err := os.Stat(baseline); err != nil {
		return usagef("gate: baseline: %w; make one by assay gate --write FILE RUN", err)
	}
	b, err := gate.LoadBaseline(baseline)
	if err != nil {
		return usage(err)
	}
	res, err := gate.Decide(b, run.Records, o)
	if err != nil {
		return usage(err)
	}
	if err := res.Render(a.out, format); err != nil {
		return usage(err)
	}
	switch res.Status {
	case gate.Regression:
		return found(nil)
	case gate.Inconclusive:
		return &exit{exitInconclusive, nil}
	case gate.Pass:
	}
	return nil
}
