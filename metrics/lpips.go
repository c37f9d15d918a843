package metrics

import (
	"context"
	"math"

	"github.com/assay-gan/assay/internal/fault"
)

// LPIPS returns the mean over reconstructions of the learned perceptual distance to their targets [zhang2018lpips]: differences of VGG16's features at five depths, of unit
// length over channels, weighed by published linear layers and averaged over places. featurizer.LPIPS measures the pairs with the user's weights. 0 is equal; a distance
// of .1 is hard to see. The interval is over pairs. Needs Perceptual.
type LPIPS struct{}

var _ Metric = LPIPS{}

// With refuses every name: there are no options.
func (m LPIPS) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m LPIPS) Info() Info {
	return Info{ID: "lpips", Domain: fixed("perceptual distances of pairs of images from -1 to 1"), Title: "learned perceptual distance of reconstructions", Values: []string{"lpips"}, Better: Lower, Lo: 0,
		Hi: math.Inf(1), Needs: []Need{NeedPerceptual}, Paper: "zhang2018lpips"}
}

// Compute implements Metric.
func (m LPIPS) Compute(_ context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	mean, se := meanSE(p.Perceptual)
	return newResult(nil, value("lpips", mean, Lower).withinOr(around(mean, se, 0, math.Inf(1), "normal"), "fewer than 2 pairs")), nil
}

// checkPerceptual says whether there is a distance, and all are finite and not below 0.
func checkPerceptual(d []float64) error {
	if d == nil {
		return fault.Of(ErrMissing, "no perceptual distances given")
	}
	if len(d) == 0 {
		return fault.Of(ErrTooFew, "perceptual distances of no pair")
	}
	for i, v := range d {
		if v-v != 0 || v < 0 {
			return fault.Of(ErrValue, "perceptual distances: pair %d has %v, want 0 or more", i, v)
		}
	}
	return nil
}
