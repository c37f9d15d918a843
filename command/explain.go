package command

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/runners"
)

func (a *app) explain() *cobra.Command {
	var f inputFlags
	var from, to, format string
	c := &cobra.Command{
		Use:   "explain --a PROTOCOL --b PROTOCOL REAL FAKE",
		Short: "Why two tools' scores differ, choice by choice",
		Long: `Explain computes the Frechet distance of two sets of images as one tool would, and takes the
other tool's choices over one at a time: resampler, range, dropped batch, divisor. What each
choice adds to the distance is its contribution; they add up to the gap. Another order of the
same choices may share the gap out differently, so the order is part of the result.

The network runs once for each choice that touches the images; --n bounds the work, and what was
seen once is kept.`,
		Example: `  assay explain --a pytorch-fid --b clean-fid real/ fake/
  assay explain --a pytorch-fid --b stylegan2-ada --n 500 real.zip fake.zip --format json
  assay explain --a torch-fidelity --b torchmetrics --featurizer "inception-random(1)" real/ fake/`,
		Args: takes(2, 2, "the real and the generated images"),
	}
	c.Flags().StringVar(&from, "a", "", "`protocol` to begin with (assay list protocols)")
	c.Flags().StringVar(&to, "b", "", "`protocol` to arrive at")
	c.Flags().StringVar(&f.featurizer, "featurizer", "inception", "`name` of the network: inception, or inception-random(seed) without weights")
	f.readFlags(c)
	c.Flags().StringVar(&f.layer, "layer", "2048", "`layer` of the network: 64, 192, 768, 2048 or 2023")
	a.tableFlags(c, &format)
	c.RunE = func(c *cobra.Command, args []string) error { return a.runExplain(c, f, from, to, format, args) }
	return c
}

// explained is the JSON of explain.
type explained struct {
	A           string                `json:"a"`
	B           string                `json:"b"`
	FDA         float64               `json:"fd_a"`
	FDB         float64               `json:"fd_b"`
	Gap         float64               `json:"gap"`
	Steps       []source.Contribution `json:"contributions"`
	Differences []string              `json:"differences"` // all choices that differ, also those of other metrics
	Featurizer  string                `json:"featurizer"`
	Weights     string                `json:"weights_hash"`
	Real        inputReport           `json:"real"`
	Fake        inputReport           `json:"fake"`
}

func (a *app) runExplain(c *cobra.Command, f inputFlags, from, to, format string, paths []string) error {
	if from == "" || to == "" {
		return usagef("explain needs --a and --b (assay list protocols)")
	}
	pa, err := featurizer.LookupProtocol(from)
	if err != nil {
		return usage(err)
	}
	pb, err := featurizer.LookupProtocol(to)
	if err != nil {
		return usage(err)
	}
	if err := a.checkInputs(&f); err != nil {
		return err
	}
	f.protocol = from
	spec, err := a.spec(c, &f)
	if err != nil {
		return err
	}
	var sides [2]*runners.Side
	for i, path := range paths {
		if sides[i], err = a.side(c.Context(), &f, path); err != nil {
			return err
		}
		if sides[i].Source == nil {
			return fmt.Errorf("%s holds no images as bytes: the tools differ in what they do to images", path)
		}
	}
	opened, err := a.kit.Featurizer(c.Context(), spec, f.env())
	if err != nil {
		return err
	}
	net, ok := opened.(*featurizer.Inception)
	if !ok {
		return usagef("explain works on the Inception network, not on %s", spec)
	}
	show := newMeterLine(a.screen, f.quiet)
	start, steps, err := runners.Explain(c.Context(), sides[0], sides[1], net, pa, pb, f.feeding(show))
	show.close()
	if c.Context().Err() != nil {
		return f.interrupted()
	}
	if err != nil {
		return err
	}
	a.warn(sides[0], sides[1])
	x := explained{A: from, B: to, FDA: start, FDB: start, Steps: steps, Differences: pa.Differences(pb), Featurizer: net.ID(),
		Real: reportInput(sides[0]), Fake: reportInput(sides[1])}
	if len(net.Fingerprint()) > len(net.ID()) {
		x.Weights = net.Fingerprint()[len(net.ID())+1:]
	}
	if n := len(steps); n > 0 {
		x.FDB = steps[n-1].After
	}
	x.Gap = x.FDB - x.FDA
	return a.showExplained(x, format)
}

func (a *app) showExplained(x explained, format string) error {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 8, 64) }
	var rows [][]string
	for _, s := range x.Steps {
		rows = append(rows, []string{s.Field, s.From, s.To, number(s.Before), number(s.After), fmt.Sprintf("%+.6g", s.After-s.Before)})
	}
	rows = append(rows, []string{"together", x.A, x.B, number(x.FDA), number(x.FDB), fmt.Sprintf("%+.6g", x.Gap)})
	t := table("explain", fmt.Sprintf("From %s to %s: N real %d, N fake %d", x.A, x.B, x.Real.N, x.Fake.N), []string{"choice", "from", "to", "fd before", "fd after", "adds"}, rows)
	if len(x.Steps) == 0 {
		t.Notes = append(t.Notes, "the two make the same choices for the Frechet distance")
	}
	return a.show(format, t, x)
}
