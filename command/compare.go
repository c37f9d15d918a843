package command

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/reports"
)

func (a *app) compare() *cobra.Command {
	var format string
	var models, where []string
	var o reports.CompareOptions
	c := &cobra.Command{
		Use:   "compare A B",
		Short: "Is B better than A? Two runs, or two models of one run",
		Long: `Compare says, for every model and data set that both sides have, whether B is better than A by
its headline measures (fd or what stands for it, and the modes where they are known), or by
those of --metrics. The tests are exact: Mann-Whitney over the runs, and where both sides ran
the same model with the same seeds (seven or more) the signed-rank test of the pairs too; Holm
over the rows. Failed runs count as the worst. The last line says what follows, and where no
difference is shown, how large one these runs would have shown (power 0.8, by resampling A).
Where the runs scored real data, a line says what these got: the floor of every model.

--format json, md and csv also have the probability that a run of B beats one of A.`,
		Example: `  assay compare runs/before runs/after
  assay compare runs/default-1a2b3c4d --models gan-ns,wgan
  assay compare runs/before runs/after --where dataset=ring --format md
  assay compare before.jsonl after.jsonl --metrics all`,
		Args: takes(1, 2, "two run folders, or one and --models A,B"),
	}
	c.Flags().StringSliceVar(&models, "models", nil, "two `models` of one run to compare")
	c.Flags().StringArrayVar(&where, "where", nil, "keep records with `key=value`; keys: "+strings.Join(reports.Keys(), ", "))
	c.Flags().StringSliceVar(&o.Metrics, "metrics", nil, "`names` of metrics, or all (default: the headline measures)")
	seedFlag(c.Flags(), &o.Seed, "seed", 1, "`seed` of the bootstrap and of resampling")
	a.tableFlags(c, &format)
	c.RunE = func(_ *cobra.Command, args []string) error {
		if (len(args) == 1) != (len(models) == 2) || len(models) != 0 && len(models) != 2 {
			return usagef("compare takes two run folders, or one run folder and --models A,B")
		}
		var sides [][]reports.Record
		for _, path := range args {
			run, err := reports.LoadRecords(path)
			if err != nil {
				return err
			}
			recs, err := reports.Filter(run.Records, where...)
			if err != nil {
				return usage(err)
			}
			sides = append(sides, recs)
		}
		var diffs []reports.Difference
		var err error
		if len(models) == 2 {
			diffs, err = reports.CompareModels(sides[0], models[0], models[1], o)
		} else {
			diffs, err = reports.Compare(sides[0], sides[1], o)
		}
		if err != nil {
			return err
		}
		return a.present(format, func(to *app, format string) error {
			switch {
			case format != "table":
				return to.show(format, reports.CompareTable(diffs), diffs)
			case len(models) == 2:
				return reports.CompareText(to.out, diffs, models[0], models[1])
			}
			return reports.CompareText(to.out, diffs, args[0], args[1], reports.Unshared(sides[0], sides[1])...)
		})
	}
	return c
}
