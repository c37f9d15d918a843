package datasets

import (
	"context"
	"math"
)

// Moons is two half circles that reach into one another, in scikit-learn's units [pedregosa2011]: t uniform on [0, pi],
//
//	moon 0  (cos t, sin t),   moon 1  (1 - cos t, 1/2 - sin t),   each + sigma N(0, I)
//
// Labels are the moons. Every point is drawn by itself; scikit-learn places equal numbers at equal angles. The moons of TorchCFM are 3 x - 1 with another noise, one
// uniform number for both coordinates.
type Moons struct{}

var _ Dataset = Moons{}

// Info describes the set.
func (Moons) Info() Info {
	return Info{
		ID: "moons", Title: "Two half circles that reach into one another", Kind: Points, Shape: []int{2}, Classes: classNames("moon-", 2), Known: true,
		Paper: "pedregosa2011", License: "synthetic, no rights reserved", Sizes: Sizes{100_000, 10_000, 10_000},
		Params: []Param{{"sigma", 0.1, 1e-3, 10, false, "standard deviation about the half circles"}},
	}
}

// Load draws the splits from three streams of the seed.
func (m Moons) Load(ctx context.Context, o Options) (*Set, error) {
	info := m.Info()
	p, err := resolve(info, o.Params)
	if err != nil {
		return nil, err
	}
	law := newCurves(p["sigma"],
		evenly(0, math.Pi, 1, func(t float64) (x, y float64) { y, x = math.Sincos(t); return x, y }),
		evenly(0, math.Pi, 1, func(t float64) (x, y float64) { sin, cos := math.Sincos(t); return 1 - cos, 0.5 - sin }))
	return drawSplits(ctx, &Set{Info: info, Law: law}, o, law, "")
}
