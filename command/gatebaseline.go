package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/gate"
)

func (a *app) writeBaseline(path string, f gateFlags) error {
	run, err := reports.LoadRecords(path)
	if err != nil {
		return usage(err)
	}
	b, err := gate.NewBaseline(run.Records, gate.Making{Metrics: f.metrics, Reason: f.reason, Date: today(), Options: f.options})
	if err != nil {
		return usage(err)
	}
	if err := b.Save(f.write); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "%s: %d records\n", f.write, len(b.Records))
	return err
}

func (a *app) gateUpdate() *cobra.Command {
	var f gateFlags
	c := &cobra.Command{
		Use:   "update --baseline FILE --reason WORDS RUN",
		Short: "Replace a baseline, and show what that accepts",
		Long: `Update compares a run with a baseline, shows the verdict, and puts the run in its place. What was
a regression is then what later runs are held to: the reason is kept in the file and shown in
every verdict. The new baseline gates what the old one did, unless --metrics says otherwise.`,
		Example: `  assay gate update --baseline baseline.jsonl --reason "EMA is on by default" runs/gate`,
		Args:    takes(1, 1, "one run folder or records file"),
	}
	f.compareFlags(c)
	c.Flags().StringVar(&f.reason, "reason", "", "`words` on why the baseline is replaced")
	c.Flags().StringSliceVar(&f.metrics, "metrics", nil, "gated `metrics` (default: the old baseline's)")
	formatFlag(c, &f.view.format, gate.Formats()...)
	c.RunE = func(c *cobra.Command, args []string) error {
		if f.nights, f.start, f.most = 1, 2, 2; f.reason == "" {
			return usagef("gate update: --reason is missing: say why the baseline is replaced, for those who read the next verdict")
		}
		if err := f.check(c, args); err != nil {
			return usage(err)
		}
		return a.updateBaseline(args[0], f)
	}
	return c
}

func (a *app) updateBaseline(path string, f gateFlags) error {
	old, err := f.open()
	if err != nil {
		return usage(err)
	}
	run, err := reports.LoadRecords(path)
	if err != nil {
		return usage(err)
	}
	if f.options.Across, f.options.Default = true, a.defaultSetting; len(f.metrics) == 0 {
		f.metrics = old.Metrics
	}
	b, err := gate.NewBaseline(run.Records, gate.Making{Metrics: f.metrics, Reason: f.reason, Date: today(), Options: f.options})
	if err != nil {
		return usage(err)
	}
	v, err := gate.Decide(old, run.Records, f.options)
	switch {
	case errors.Is(err, gate.ErrIncomparable):
		fmt.Fprintf(a.err, "the difference cannot be shown: %v\n", err)
	case err != nil:
		return usage(err)
	default:
		v.Baseline.File, v.Run.File = f.baseline, path
		if err := f.view.show(a.out, v); err != nil {
			return err
		}
	}
	if err := b.Save(f.baseline); err != nil {
		return err
	}
	fmt.Fprintf(a.err, "%s: replaced, %d records\n", f.baseline, len(b.Records))
	return nil
}
