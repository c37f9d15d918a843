package command

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/gate"
	"github.com/assay-gan/assay/runners"
)

// gateFlags are those of gate and of gate update.
type gateFlags struct {
	baseline, write, rules, reason string
	across, suite, out             string
	metrics                        []string
	margin                         float64
	nights, runs                   int
	calibrate                      bool
	options                        gate.Options
	view                           gateView
	data                           string
	start, most                    int
	quiet, allowExec               bool
}

func (a *app) gate() *cobra.Command {
	var f gateFlags
	c := &cobra.Command{
		Use:   "gate --baseline FILE RUN",
		Short: "Are the new runs worse than a stored baseline? For CI",
		Long: `Gate compares the records of a run with a baseline: a stored distribution of runs.

Values equal to the bit pass at once. Else each model and data set is tested on its headline
measure (fd, or what --metrics named when the baseline was written), on its modes where they
are known, and on its rate of failed runs. A regression is worse by more than the margin beyond
chance; the margin is what the baseline's own noise needs, unless --margin or a rule says more.
docs/GATE.md has the procedure, and how often it errs, by simulated nights.

It passes where all is identical or no worsening is shown; the text says which one would have
been. Where it cannot tell, the text says how many seeds would. --write makes a baseline of a
run, gate update replaces one.
--run SUITE trains by itself: a few seeds first, more while it cannot tell, and an alarm is
raised only when fresh seeds confirm it.

The verdict goes to stdout in one form, and by --save to files in as many as CI reads: junit
(GitLab, Jenkins), md (a step summary, a comment of a pull request), github (annotations),
codequality (GitLab), json. docs/CI.md shows both from nothing to a red build.`,
		Example: `  assay gate --baseline testdata/gate/baseline.jsonl runs/gate
  assay gate --baseline baseline.jsonl runs/gate --save junit=gate.xml,md=gate.md
  assay gate --baseline baseline.jsonl --rules gate.yaml runs/gate
  assay gate --write baseline.jsonl runs/gate --metrics fd,modes --reason "first one"
  assay gate --baseline baseline.jsonl --calibrate
  assay gate --baseline baseline.jsonl --run gate --out runs/tonight`,
		Args: takes(0, 1, "one run folder or records file"),
	}
	f.compareFlags(c)
	c.Flags().StringVar(&f.write, "write", "", "make a baseline of the run and write it to `file`")
	c.Flags().StringVar(&f.reason, "reason", "", "`words` on why the baseline is made (with --write)")
	c.Flags().StringVar(&f.reason, "note", "", "the same as --reason")
	hide(c, "note")
	c.Flags().StringSliceVar(&f.metrics, "metrics", nil, "gated `metrics` (with --write; default: headline and modes)")
	c.Flags().BoolVar(&f.calibrate, "calibrate", false, "simulate nights with this baseline: false alarms, power")
	wholeFlag(c.Flags(), &f.nights, "nights", "", 500, span{lo: 1}, "simulated `nights` of --calibrate")
	wholeFlag(c.Flags(), &f.runs, "runs", "", 0, span{lo: 1, zero: "the baseline's"}, "`runs` a simulated night (default: the baseline's)")
	execFlag(c, &f.allowExec)
	c.Flags().StringVar(&f.suite, "run", "", "train this `suite` seed by seed until it can tell")
	c.Flags().StringVar(&f.out, "out", "", "run `folder` of --run (default: runs/SUITE-gate)")
	wholeFlag(c.Flags(), &f.start, "start", "", 5, span{lo: 2}, "`seeds` of the first look of --run")
	wholeFlag(c.Flags(), &f.most, "most", "", 20, span{lo: 2}, "`seeds` of the last look of --run")
	c.Flags().BoolVar(&f.quiet, "quiet", false, "no progress of --run")
	dataFlag(c, &f.data)
	formatFlag(c, &f.view.format, gate.Formats()...)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := f.check(c, args); err != nil {
			return usage(err)
		}
		if f.options.Default = a.defaultSetting; f.write != "" {
			return a.writeBaseline(args[0], f)
		}
		b, err := f.open()
		switch {
		case err != nil:
			return usage(err)
		case f.suite != "":
			return a.gateRun(c.Context(), b, f)
		case len(args) == 0:
			return a.calibrate(b, f)
		}
		return a.decide(b, args[0], f)
	}
	c.AddCommand(a.gateUpdate())
	return c
}

func hide(c *cobra.Command, flag string) {
	if err := c.Flags().MarkHidden(flag); err != nil {
		panic(err) // a flag defined in the line above
	}
}

// compareFlags are those of the comparison itself.
func (f *gateFlags) compareFlags(c *cobra.Command) {
	c.Flags().StringVar(&f.baseline, "baseline", "", "baseline `file` to compare with")
	c.Flags().StringVar(&f.rules, "rules", "", "YAML `file` with rules: margins, directions, seeds")
	c.Flags().StringVar(&f.across, "across", "", "compare although these changed: `settings`")
	numberFlag(c.Flags(), &f.options.Alpha, "alpha", 0.01, span{hi: 0.5, above: true, below: true}, "`chance` of a false alarm aimed at, over all values")
	numberFlag(c.Flags(), &f.margin, "margin", 0, span{}, "accepted worsening as a `share` (default: from the noise)")
	seedFlag(c.Flags(), &f.options.Seed, "seed", 1, "`seed` of the resampling")
	c.Flags().StringSliceVar(&f.view.save, "save", nil, "also write the verdict to files: `format=file`")
	c.Flags().StringVar(&f.view.Title, "title", "", "`name` of the gate where there are several")
	c.Flags().StringVar(&f.view.Report, "report", "", "`address` of the whole report, for the verdict to point to")
}

// check refuses what does not go together, and reads the rules, before anything is computed.
func (f *gateFlags) check(c *cobra.Command, args []string) error {
	switch {
	case (f.baseline == "") == (f.write == ""):
		return fmt.Errorf("gate takes --baseline to compare with, or --write to make one (see assay gate --help)")
	case f.suite != "" && len(args) > 0:
		return fmt.Errorf("gate --run %s makes its own run: leave out %s", f.suite, args[0])
	case len(args) == 0 && f.suite == "" && !f.calibrate, f.write != "" && len(args) == 0:
		return fmt.Errorf("gate needs one run folder or records file (see assay gate --help)")
	case f.across != "" && f.across != "settings":
		return fmt.Errorf("gate: --across %s: have settings; what is measured and how must not differ", f.across)
	case f.most < f.start:
		return fmt.Errorf("gate: --most %d: want no less than --start %d", f.most, f.start)
	}
	f.options.Across, f.options.Today = f.across != "", today()
	if c.Flags().Changed("margin") {
		f.options.Margin = &f.margin
	}
	if f.rules != "" {
		rules, err := runners.ReadRules(f.rules)
		if err != nil {
			return err
		}
		f.options.Rules = rules
	}
	return f.view.check()
}

func today() string { return time.Now().Format(time.DateOnly) }

func (f *gateFlags) open() (*gate.Baseline, error) {
	if _, err := inputfile.Stat(f.baseline); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("gate: baseline: %w; make one by assay gate --write FILE RUN", err)
	}
	return gate.LoadBaseline(f.baseline)
}

// defaultSetting is the default of a model's setting. A model that runs under another name is not known by it: then the setting of that name which any model has
// counts.
func (a *app) defaultSetting(model, setting string) (string, bool) {
	for _, m := range a.kit.Models {
		info := m.Info()
		for _, s := range info.Settings {
			if s.Name == setting && (info.ID == model || !a.isModel(model)) {
				return s.Default, true
			}
		}
	}
	return "", false
}

func (a *app) isModel(name string) bool {
	_, err := a.kit.Model(name)
	return err == nil
}

// decide prints the verdict; only a finding exits with 1, so that trouble with the files never looks like one.
func (a *app) decide(b *gate.Baseline, path string, f gateFlags) error {
	run, err := reports.LoadRecords(path)
	if err != nil {
		return usage(err)
	}
	v, err := gate.Decide(b, run.Records, f.options)
	if err != nil {
		return usage(err)
	}
	if f.calibrate {
		if v.Calibration, err = gate.Calibrate(b, f.options, gate.Simulation{Runs: f.runs, Nights: f.nights}); err != nil {
			return usage(err)
		}
	}
	return a.verdict(v, path, f)
}

func (a *app) verdict(v *gate.Verdict, path string, f gateFlags) error {
	v.Baseline.File, v.Run.File = filepath.ToSlash(f.baseline), filepath.ToSlash(path)
	if err := f.view.show(a.out, v); err != nil {
		return err
	}
	switch {
	case v.Failed():
		return found(nil)
	case v.Status == gate.Inconclusive:
		return &exit{exitInconclusive, nil}
	}
	return nil
}
