package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/metrics/conformance"
	"github.com/assay-gan/assay/reports"
)

func (a *app) selftest() *cobra.Command {
	var format string
	var golden bool
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Compute the golden values that anyone can check",
		Long: `Selftest computes published and generated golden values on this machine and compares them:
the conformance table. --golden prints the values and how their inputs are made, as JSON,
so that any other program can be held to them.`,
		Example: "  assay selftest\n  assay selftest --format json\n  assay selftest --golden > golden.json",
		Args:    takes(0, 0, "no arguments"),
	}
	c.Flags().BoolVar(&golden, "golden", false, "print the golden values, and compute nothing")
	formatFlag(c, &format, tableFormats...)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if golden {
			_, err := a.out.Write(conformance.JSON())
			return err
		}
		cases, err := conformance.Cases()
		if err != nil {
			return err
		}
		outcomes := conformance.Run(c.Context(), a.kit.Metrics, cases)
		if err := c.Context().Err(); err != nil {
			return err
		}
		t, wrong := conformanceTable(outcomes)
		if err := a.show(format, t, outcomes); err != nil {
			return err
		}
		if wrong > 0 {
			return fmt.Errorf("%d of %d golden values are wrong on this machine; please report the table with the output of assay doctor", wrong, len(outcomes))
		}
		return nil
	}
	return c
}

func conformanceTable(outcomes []conformance.Outcome) (t reports.Table, wrong int) {
	var rows [][]string
	for _, o := range outcomes {
		mark := "ok"
		if !o.Pass {
			wrong++
			mark = "WRONG " + o.Fault
		}
		rows = append(rows, []string{o.Case.Name, strconv.FormatFloat(o.Got, 'g', 16, 64), strconv.FormatFloat(o.Case.Want, 'g', 16, 64),
			fmt.Sprintf("%.1e", o.Error), fmt.Sprintf("%.0e", o.Case.Tolerance), mark})
	}
	t = table("conformance", fmt.Sprintf("Conformance: %d of %d golden values", len(outcomes)-wrong, len(outcomes)),
		[]string{"value", "here", "golden", "rel. error", "allowed", ""}, rows)
	return t, wrong
}
