package command

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/gate"
)

// gateView is what the verdict is shown as, and where it is kept.
type gateView struct {
	gate.View
	format string
	save   []string // format=file
}

func (a *app) gate() *cobra.Command {
	var baseline, write, note string
	var view gateView
	var metrics []string
	var o gate.Options
	c := &cobra.Command{
		Use:   "gate --baseline FILE RUN",
		Short: "Are the new runs worse than a stored baseline? For CI",
		Long: `Gate compares the records of a run with a baseline: a stored distribution of runs.

Exit code 0: pass, not worse by more than the margin. 1: regression. 3: inconclusive, the
runs are too few to tell. 2: the records cannot be compared, or the command was wrong.
--write makes a baseline of a run.

The verdict goes to stdout in one form, and by --save to files in as many as CI reads: junit
(GitLab, Jenkins), md (a step summary, a comment of a pull request), github (annotations),
codequality (GitLab), json. docs/CI.md shows both from nothing to a red build.`,
		Example: `  assay gate --baseline testdata/gate/baseline.jsonl runs/gate
  assay gate --baseline baseline.jsonl runs/gate --save junit=gate.xml,md=gate.md
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
	c.Flags().StringSliceVar(&view.save, "save", nil, "also write the verdict to files: `format=file`")
	c.Flags().StringVar(&view.Title, "title", "", "`name` of the gate where there are several")
	c.Flags().StringVar(&view.Report, "report", "", "`address` of the whole report, for the verdict to point to")
	formatFlag(c, &view.format, gate.Formats()...)
	c.RunE = func(_ *cobra.Command, args []string) error {
		if (baseline == "") == (write == "") {
			return usagef("gate takes --baseline to compare with, or --write to make one (see assay gate --help)")
		}
		if !(o.Alpha > 0 && o.Alpha < 0.5 && o.Margin >= 0) {
			return usagef("gate: --alpha %v --margin %v: want an alpha above 0 and below 0.5, and a margin of at least 0", o.Alpha, o.Margin)
		}
		if err := view.check(); err != nil {
			return usage(err)
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
		return a.decide(baseline, args[0], view, run, o)
	}
	return c
}

// decide prints the verdict; only a regression exits with 1, so that trouble with the files never looks like one.
func (a *app) decide(baseline, path string, view gateView, run *reports.Run, o gate.Options) error {
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
	res.Baseline.File, res.Run.File = filepath.ToSlash(baseline), filepath.ToSlash(path)
	if err := view.show(a.out, res); err != nil {
		return err
	}
	switch {
	case res.Failed():
		return found(nil)
	case res.Status == gate.Inconclusive:
		return &exit{exitInconclusive, nil}
	}
	return nil
}

// check refuses a form of --save that there is not, before anything is computed.
func (v gateView) check() error {
	for _, s := range v.save {
		format, file, ok := strings.Cut(s, "=")
		if !ok || file == "" {
			return fmt.Errorf("--save %q: want format=file, such as junit=gate.xml", s)
		}
		if !slices.Contains(gate.Formats(), format) {
			return suggest.Unknown("format", format, gate.Formats())
		}
	}
	return nil
}

// show prints the verdict and writes the files.
func (v gateView) show(out io.Writer, res *gate.Verdict) error {
	for _, s := range v.save {
		format, file, _ := strings.Cut(s, "=")
		if err := atomicfile.Write(file, func(w io.Writer) error { return v.Render(w, res, format) }); err != nil {
			return err
		}
	}
	return v.Render(out, res, v.format)
}
