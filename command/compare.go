package command

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/reports"
)

func (a *app) compare() *cobra.Command {
	var format string
	var models []string
	var where []string
	var seed uint64
	c := &cobra.Command{
		Use:   "compare A B",
		Short: "Is B better than A? Two runs, or two models of one run",
		Long: `Compare tests, on every data set and measure both sides have, whether B is better than A:
exact two-sided Mann-Whitney over the seeds (Holm over all comparisons), the shift between
them, and the probability that a run of B beats one of A. Failed runs count as the worst.
Where the runs scored real data, a line says what these got: the floor of every model.`,
		Example: `  assay compare runs/before runs/after
  assay compare runs/default-1a2b3c4d --models gan-ns,wgan
  assay compare runs/before runs/after --where dataset=ring --format md`,
		Args: takes(1, 2, "two run folders, or one and --models A,B"),
	}
	c.Flags().StringSliceVar(&models, "models", nil, "two `models` of one run to compare")
	c.Flags().StringArrayVar(&where, "where", nil, "keep records with `key=value`; keys: "+strings.Join(reports.Keys(), ", "))
	c.Flags().Uint64Var(&seed, "seed", 1, "`seed` of the bootstrap")
	formatFlag(c, &format, tableFormats...)
	c.RunE = func(_ *cobra.Command, args []string) error {
		if (len(args) == 1) != (len(models) == 2) || len(models) != 0 && len(models) != 2 {
			return usagef("compare takes two run folders, or one run folder and --models A,B")
		}
		var sides [][]reports.Record
		for _, path := range args {
			run, err := reports.Load(path)
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
			diffs, err = reports.CompareModels(sides[0], models[0], models[1], seed, 0)
		} else {
			diffs, err = reports.Compare(sides[0], sides[1], seed, 0)
		}
		if err != nil {
			return err
		}
		return a.show(format, reports.CompareTable(diffs), diffs)
	}
	return c
}
