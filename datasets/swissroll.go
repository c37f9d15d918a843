package datasets

import (
	"context"
	"math"
)

// SwissRoll is the cross-section of scikit-learn's roll [pedregosa2011] at a fifth of its size, as FFJORD's toy data have it [grathwohl2019]: t uniform on [3/2 pi, 9/2 pi],
//
//	t/5 (cos t, sin t) + sigma N(0, I)
//
// FFJORD's noise of 1 before the division is sigma = 0.2. Points have no labels. They thin out along the curve towards the outside.
type SwissRoll struct{}

var _ Dataset = SwissRoll{}

// Info describes the set.
func (SwissRoll) Info() Info {
	return Info{
		ID: "swiss-roll", Title: "One curve, rolled up", Kind: Points, Shape: []int{2}, Known: true,
		Paper: "grathwohl2019", License: "synthetic, no rights reserved", Sizes: Sizes{100_000, 10_000, 10_000},
		Params: []Param{{"sigma", 0.2, 1e-3, 10, false, "standard deviation about the curve"}},
	}
}

// Load draws the splits from three streams of the seed.
func (r SwissRoll) Load(ctx context.Context, o Options) (*Set, error) {
	info := r.Info()
	p, err := resolve(info, o.Params)
	if err != nil {
		return nil, err
	}
	law := newCurves(p["sigma"], evenly(1.5*math.Pi, 4.5*math.Pi, math.Hypot(1, 4.5*math.Pi)/5, func(t float64) (x, y float64) {
		sin, cos := math.Sincos(t)
		return t * cos / 5, t * sin / 5
	}))
	return drawSplits(ctx, &Set{Info: info, Law: law}, o, law, "")
}
