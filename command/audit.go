package command

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/metrics/sanity"
	"github.com/assay-gan/assay/runners/audit"
)

type auditFlags struct {
	inputFlags
	sanity        bool
	metrics       []string
	checks        []string
	repeats, thin int
	featurizers   string
	disturbances  []string
	other         string
	perSide       int
	out, format   string
}

func (a *app) audit() *cobra.Command {
	var f auditFlags
	c := &cobra.Command{
		Use:   "audit REAL --featurizer F[,F2...]",
		Short: "Which metric can be trusted: on your data, or by the published checks",
		Long: `Audit says which metric, in which feature space, notices what on your data. It
deals the real samples at random into a reference, clean fakes and a training
set, plants disturbances of four growing strengths into the fakes, and asks
every metric: does it see the fault, does it grow with it, what is it blind to,
does it call real data a fault, how does it move with the number of samples, how
many does it take, what does it cost. The advice is said first; --out holds a
page with a section for each question, and the numbers as JSON.

Points and features take the featurizer none; disturbances that do not fit the
samples are left out and named. Classes are the modes where the samples have
them, else clusters.

--sanity puts metrics to the 15 published sanity checks of fidelity and
diversity measures instead: data whose right answer is known, a curve of the
metric over it, and the criteria that the curve must meet. Every point is drawn
10 times for what the authors of the checks tried themselves, 3 times for other
metrics; the long curves are taken at every fifth point (--thin 1: all).

Finished pieces are kept in --out: the same command goes on from there.`,
		Example: `  assay audit real/ --featurizer glyphnet,"pca(64,pixels)" --other noise/
  assay audit mnist-test --data data/ --featurizer glyphnet
  assay audit points.npy --featurizer none --disturbances noise,dropping
  assay audit --sanity --metrics prdc,fd
  assay audit --sanity --metrics kid --checks sphere-torus --thin 1
  assay audit --sanity --format jsonl > curves.jsonl`,
		Args: takes(0, 1, "the real samples, or --sanity"),
	}
	fl := c.Flags()
	fl.StringVar(&f.featurizers, "featurizer", "", "`names` of featurizers (assay list featurizers); none for points and features")
	fl.StringSliceVar(&f.disturbances, "disturbances", nil, "`names` of disturbances (default: all that fit): "+strings.Join(faultNames(), ", "))
	fl.StringVar(&f.other, "other", "", "another set, for contamination: `path`")
	wholeFlag(fl, &f.perSide, "per-side", "", 0, span{lo: 50, zero: "an eighth, at most 1000"}, "`samples` in each of the three sets, at most a third of all (default: an eighth, at most 1000)")
	fl.StringSliceVar(&f.metrics, "metrics", nil, "`names` of metrics (default: all that the data can feed, but for dear ones)")
	fl.StringVar(&f.out, "out", "", "`folder` of finished pieces and the page (default: runs/audit, or runs/sanity)")
	fl.BoolVar(&f.sanity, "sanity", false, "the published sanity checks")
	fl.StringSliceVar(&f.checks, "checks", nil, "`names` of published checks (default: all 15)")
	wholeFlag(fl, &f.repeats, "repeats", "", 0, span{lo: 1, hi: 1000, zero: "as planned"}, "`times` that every point of a check is drawn (default: 10 of what was published, else 3)")
	wholeFlag(fl, &f.thin, "thin", "", 0, span{lo: 1, hi: 50, zero: "as planned"}, "take every `so many` points of the long curves (default: 5)")
	f.readFlags(c)
	formatFlag(c, &f.format, append(slices.Clone(tableFormats), "jsonl")...)
	c.RunE = func(c *cobra.Command, args []string) error { return a.runAudit(c, f, args) }
	return c
}

func faultNames() (out []string) {
	for _, f := range audit.Faults() {
		out = append(out, f.ID)
	}
	return out
}

// runAudit chooses between the two audits.
func (a *app) runAudit(c *cobra.Command, f auditFlags, args []string) error {
	if f.sanity == (len(args) == 1) {
		return usagef("say what to audit: a path of real samples, or --sanity (see assay audit --help)")
	}
	if f.out == "" {
		f.out = filepath.Join("runs", map[bool]string{true: "sanity", false: "audit"}[f.sanity])
	}
	if !f.sanity {
		if f.format == "jsonl" {
			return usagef("--format jsonl is of the published checks: add --sanity, or take json")
		}
		return a.runAuditData(c, f, args[0])
	}
	for _, flag := range []string{"featurizer", "disturbances", "other", "per-side", "n"} {
		if c.Flags().Changed(flag) {
			return usagef("--%s is of an audit of samples: the published checks bring their own data", flag)
		}
	}
	return a.runSanity(c, f)
}

func (a *app) runSanity(c *cobra.Command, f auditFlags) error {
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
