package runners

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
)

// Explain is source.Explain for two sides, whose images go through the network as those of a score do: with the same cache, so that what was interrupted goes
// on, and what a score has made is not made again. What became of the images is in the sides' reports afterwards.
func Explain(ctx context.Context, real, fake *Side, net *featurizer.Inception, a, b featurizer.Protocol, w Feeding) (start float64, gap []source.Contribution, err error) {
	return source.Explain(ctx, net, a, b, func(ctx context.Context, f featurizer.Featurizer) (*mat.Dense, *mat.Dense, error) {
		var out [2]*mat.Dense
		for i, side := range []*Side{real, fake} {
			all := side.part(0, len(side.Source.Items)) // a copy: each look has warnings of its own, and the last one's are kept
			g := gathered{n: side.Len()}
			if err := all.stream(ctx, f, w, g.add); err != nil {
				if ctx.Err() != nil {
					return nil, nil, context.Cause(ctx)
				}
				return nil, nil, fmt.Errorf("%s: %w", side.Path, err)
			}
			side.Report, side.Warnings = all.Report, all.Warnings
			out[i] = g.output().Features
		}
		return out[0], out[1], nil
	})
}
