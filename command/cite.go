package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/internal/cite"
	"github.com/assay-gan/assay/internal/suggest"
)

func (a *app) cite() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "cite [LABEL...]",
		Short: "The sources behind models, metrics and data sets",
		Long:  "Cite prints the source of each label; without labels, all of them.",
		Example: `  assay cite heusel2017
  assay cite heusel2017 --format bib`,
		Args: cobra.ArbitraryArgs,
	}
	formatFlag(c, &format, "table", "json", "bib")
	c.RunE = func(_ *cobra.Command, labels []string) error {
		if err := cite.Check(a.kit.Bibliography); err != nil {
			return err
		}
		entries := cite.All(a.kit.Bibliography)
		if len(labels) > 0 {
			have := make([]string, len(entries))
			for i, e := range entries {
				have[i] = e.Label
			}
			entries = nil
			for _, l := range labels {
				e, err := cite.Lookup(l, a.kit.Bibliography)
				if err != nil {
					return usage(suggest.Unknown("source", l, have))
				}
				entries = append(entries, e)
			}
		}
		if format == "json" {
			return a.json(entries)
		}
		for _, e := range entries {
			text := e.Label + ": " + e.String()
			if format == "bib" {
				text = e.Raw + "\n"
			}
			if _, err := fmt.Fprintln(a.out, text); err != nil {
				return err
			}
		}
		return nil
	}
	return c
}
