package command

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/metrics/sanity"
	"github.com/assay-gan/assay/runners/audit"
)

type auditFlags struct {
	sanity        bool
	metrics       []string
	checks        []string
	repeats, thin int
	seed          uint64
	out, format   string
	quiet         bool
}

func (a *app) audit() *cobra.Command {
	var f auditFlags
	c := &cobra.Command{
		Use:   "audit --sanity",
		Short: "Which metric can be trusted",
		Long: `Audit --sanity puts metrics to the 15 published sanity checks of fidelity and
diversity measures: data whose right answer is known, a curve of the metric over
it, and the criteria that the curve must meet. Every point is drawn 10 times for
what the authors of the checks tried themselves, 3 times for other metrics; the
long curves are taken at every fifth point (--thin 1: all).

Finished pieces are kept in --out: the same command goes on from there.`,
		Example: `  assay audit --sanity --metrics prdc,fd
  assay audit --sanity --metrics kid --checks sphere-torus --thin 1
  assay audit --sanity --format jsonl > curves.jsonl`,
		Args: takes(0, 0, "no arguments besides its flags"),
	}
	fl := c.Flags()
	fl.BoolVar(&f.sanity, "sanity", false, "the published sanity checks")
	fl.StringSliceVar(&f.metrics, "metrics", nil, "`names` of metrics (default: all that take features)")
	fl.StringSliceVar(&f.checks, "checks", nil, "`names` of checks (default: all 15)")
	wholeFlag(fl, &f.repeats, "repeats", "", 0, span{lo: 1, hi: 1000, zero: "as planned"}, "`times` that every point is drawn (default: 10 of what was published, else 3)")
	wholeFlag(fl, &f.thin, "thin", "", 0, span{lo: 1, hi: 50, zero: "as planned"}, "take every `so many` points of the long curves (default: 5)")
	seedFlag(fl, &f.seed, "seed", 1, "`seed` of the data")
	fl.StringVar(&f.out, "out", filepath.Join("runs", "sanity"), "`folder` of finished pieces")
	fl.BoolVar(&f.quiet, "quiet", false, "no progress")
	formatFlag(c, &f.format, append(slices.Clone(tableFormats), "jsonl")...)
	c.RunE = func(c *cobra.Command, _ []string) error { return a.runAudit(c, f) }
	return c
}

func (a *app) runAudit(c *cobra.Command, f auditFlags) error {
	if !f.sanity {
		return usagef("say what to audit: assay audit --sanity (see assay audit --help)")
	}
	q := audit.SanityRequest{Metrics: f.metrics, Checks: f.checks, Repeats: f.repeats, Thin: f.thin, Seed: f.seed, Dir: f.out}
	if err := q.Check(a.kit); err != nil {
		return usage(err)
	}
	show := newAuditLine(a.screen, f.quiet)
	q.Tell = show.teller()
	res, err := audit.Sanity(c.Context(), a.kit, q)
	show.close()
	if c.Context().Err() != nil {
		return errors.New("interrupted; the pieces made so far are kept: the same command goes on from there")
	}
	if err != nil {
		return err
	}
	return a.showSanity(f, res)
}

// showSanity is a line a value: how many criteria it meets, and which groups of which checks it passes.
func (a *app) showSanity(f auditFlags, res *audit.SanityResult) error {
	if f.format == "jsonl" {
		return res.WriteCurves(a.out)
	}
	var rows [][]string
	for _, s := range res.Subjects() {
		met, of, passed := 0, 0, 0
		for _, v := range s.Verdicts {
			met, of = met+v.Met, of+v.Of
			if v.Outcome != sanity.Fail && v.Outcome != sanity.NoValue {
				passed++
			}
		}
		rows = append(rows, []string{s.Name(), string(s.Face), fmt.Sprintf("%d of %d", passed, len(s.Verdicts)), fmt.Sprintf("%d of %d", met, of), s.Published()})
	}
	t := table("sanity", "Sanity checks", []string{"value", "of", "passed", "criteria met", "published alike"}, rows)
	t.Notes = append(t.Notes, "passed: groups of criteria of the 15 checks that are met in every scenario")
	for _, m := range sortedKeys(res.LeftOut) {
		t.Notes = append(t.Notes, fmt.Sprintf("%s was left out: %s", m, res.LeftOut[m]))
	}
	return a.show(f.format, t, res)
}

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
