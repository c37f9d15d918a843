package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

type completeFlags struct {
	checkpoint, out, data, format, records string
	images, n                              int
	measure                                bool
	set                                    []string
	runners.Completion
}

func (a *app) complete() *cobra.Command {
	var f completeFlags
	c := &cobra.Command{
		Use:   "complete CHECKPOINT [--out SHEET] [--measure]",
		Short: "Let a model go on from a part of held-out images",
		Long: `Complete gives a model that draws pixel by pixel the upper part of images it was not trained
on and lets it draw the rest: the lecture's task on creature sprites. With --out it writes a
contact sheet, a row for each image: the image, what is given, and the completions. With
--measure it says how likely the hidden parts were to the model, in bits a pixel, and how many
of their pixels it meets, beside guesses that need no network; with --samples also how many
images drawn from nothing are the same, at temperature 0 and 1, and how colourful they are.

CHECKPOINT is the file of the model or the folder it lies in; --checkpoint says the same.`,
		Example: `  assay complete runs/pixelrnn --hide 0.5 -n 3 --out sheet.png
  assay complete --checkpoint runs/pixelrnn/model.safetensors --hide 0.75 --measure --samples 200`,
		Args: takes(0, 1, "one checkpoint or folder of a model"),
	}
	fl := c.Flags()
	fl.StringVar(&f.checkpoint, "checkpoint", "", "`file` or folder of the model")
	fl.StringVar(&f.out, "out", "", "`sheet` to write, x.png")
	numberFlag(fl, &f.Hide, "hide", 0.5, span{hi: 1, above: true}, "`share` of the rows that is hidden, from below")
	wholeFlag(fl, &f.n, "count", "n", 3, span{lo: 1}, "`completions` of each image")
	wholeFlag(fl, &f.images, "images", "", 8, span{lo: 1}, "`images` on the sheet")
	seedFlag(fl, &f.Seed, "seed", 1, "`seed` of the draws")
	fl.BoolVar(&f.measure, "measure", false, "score the model on the test split")
	wholeFlag(fl, &f.Samples, "samples", "", 0, span{lo: 1, zero: "none"}, "`images` drawn from nothing for --measure")
	fl.StringVar(&f.records, "records", "", "`file` to add the measured values to, as records")
	fl.StringArrayVar(&f.set, "set", nil, "a setting of drawing: `name=value`, e.g. temperature=0.7")
	dataFlag(c, &f.data)
	a.tableFlags(c, &f.format)
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		if f.checkpoint, err = checkpointGiven(args, f.checkpoint); err != nil {
			return err
		}
		return a.runComplete(c, f)
	}
	return c
}

func (a *app) runComplete(c *cobra.Command, f completeFlags) error {
	switch {
	case f.checkpoint == "" || f.out == "" && !f.measure:
		return usagef("complete needs a checkpoint, and --out or --measure (see assay complete --help)")
	}
	m, err := a.openModel(c.Context(), f.checkpoint, f.data)
	if err != nil {
		return err
	}
	if err := change(m, f.set); err != nil {
		return err
	}
	if f.out != "" {
		if err := f.saveSheet(c.Context(), m); err != nil {
			return err
		}
		if !f.measure {
			_, err = fmt.Fprintf(a.out, "%d completions each of %d images of %s: %s\n", f.n, min(f.images, m.Set.Test.Len()), m.Cell.Title(), f.out)
			return err
		}
	}
	recs, err := f.Measure(c.Context(), m, runners.Origin(a.ownVersion()))
	if err != nil {
		return err
	}
	if f.records != "" {
		if _, err := reports.Append(c.Context(), f.records, recs, true); err != nil {
			return err
		}
	}
	t := reports.Table{Head: []string{"value", "", "unit"}}
	for _, r := range recs {
		t.Rows = append(t.Rows, reports.Row{Cells: []reports.Cell{{Text: r.Metric}, {Text: reports.Number(r.Value)}, {Text: r.Unit}}})
	}
	return a.show(f.format, t, recs)
}

// change sets what may be changed on a trained model.
func (f completeFlags) saveSheet(ctx context.Context, m *runners.Model) error {
	sheet, err := runners.CompletionSheet(ctx, m, f.Completion, f.images, f.n)
	if err != nil {
		return err
	}
	return imaging.SavePNG(f.out, sheet)
}

func change(m *runners.Model, set []string) error {
	given, err := assignments("--set", set)
	if err != nil {
		return err
	}
	for name, v := range given {
		if err := m.Session.Set(name, v); err != nil {
			return usage(err)
		}
	}
	return nil
}
