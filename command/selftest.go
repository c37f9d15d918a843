package command

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/metrics/conformance"
	"github.com/assay-gan/assay/reports"
)

func (a *app) selftest() *cobra.Command {
	var format string
	var golden, inception bool
	var weights string
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Compute the golden values that anyone can check",
		Long: `Selftest computes published and generated golden values on this machine and compares them:
the conformance table. --golden prints the values and how their inputs are made, as JSON,
so that any other program can be held to them. --inception adds the Inception network with
synthetic weights, against published sums; --write-weights writes those weights as safetensors, so
that every command that needs a weights file can be tried, here or in another program.`,
		Example: `  assay selftest
  assay selftest --inception --format json
  assay selftest --golden > golden.json
  assay selftest --write-weights synthetic.safetensors`,
		Args: takes(0, 0, "no arguments"),
	}
	c.Flags().BoolVar(&golden, "golden", false, "print the golden values, and compute nothing")
	c.Flags().BoolVar(&inception, "inception", false, "also run the Inception network (a few seconds)")
	c.Flags().StringVar(&weights, "write-weights", "", "write the synthetic Inception weights to `file`, and compute nothing")
	a.tableFlags(c, &format)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if golden {
			_, err := a.out.Write(conformance.JSON())
			return err
		}
		if weights != "" {
			return a.writeWeights(weights)
		}
		cases, err := conformance.Cases()
		if err != nil {
			return err
		}
		outcomes := conformance.Run(c.Context(), a.kit.Metrics, cases)
		if err := c.Context().Err(); err != nil {
			return err
		}
		if inception {
			if outcomes, err = withInception(c.Context(), outcomes); err != nil {
				return err
			}
		}
		t, wrong := conformanceTable(outcomes)
		if err := a.show(format, t, outcomes); err != nil {
			return err
		}
		if wrong > 0 {
			return found(fmt.Errorf("%d of %d golden values are wrong on this machine; please report the table with the output of assay doctor", wrong, len(outcomes)))
		}
		return nil
	}
	return c
}

// writeWeights writes the synthetic Inception weights: all tensors of the public file, drawn from seed 0.
func (a *app) writeWeights(path string) error {
	w, err := featurizer.SyntheticInception(0)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(path, func(to io.Writer) error { return w.WriteSafetensors(to, false) }); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "%s: synthetic Inception weights, %d tensors\n", path, len(w))
	return err
}

// withInception adds the network's sums to the table.
func withInception(ctx context.Context, outcomes []conformance.Outcome) ([]conformance.Outcome, error) {
	checks, err := featurizer.InceptionConformance(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range checks {
		outcomes = append(outcomes, conformance.Outcome{
			Case: conformance.Case{Name: c.Name, Metric: "inception", Value: "sum", Want: c.Want, Tolerance: c.Tol, Source: "torch-fidelity and pytorch-fid's own code"},
			Got:  c.Got, Error: math.Abs(c.Got-c.Want) / math.Abs(c.Want), Pass: c.OK(), Fault: c.Problem,
		})
	}
	return outcomes, nil
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
