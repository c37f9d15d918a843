package cli

import (
	"github.com/spf13/cobra"
)

func (a *app) selftest() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:     "selftest",
		Short:   "Compute the golden values that anyone can check",
		Long:    "Selftest computes published and generated golden values on this machine and compares them: the conformance table.",
		Example: "  assay selftest\n  assay selftest --format json",
		Args:    takes(0, 0, "no arguments"),
	}
	formatFlag(c, &format, tableFormats...)
	c.RunE = func(*cobra.Command, []string) error { return nil }
	return c
}
