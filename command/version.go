package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/runners"
)

func (a *app) version() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use: "version", Short: "The version, and what it was built with", Example: "  assay version\n  assay version --format json", Args: takes(0, 0, "no arguments"),
	}
	formatFlag(c, &format, "table", "json")
	c.RunE = func(*cobra.Command, []string) error {
		o := runners.Origin(a.ownVersion())
		if format == "json" {
			return a.json(o)
		}
		_, err := fmt.Fprintln(a.out, o)
		return err
	}
	return c
}
