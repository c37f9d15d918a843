package datasets

import (
	"context"
	"math"
)

// Spirals is two arms of one and a half turns each that wind around one another, after FFJORD's toy data [grathwohl2019]: t = 3 pi sqrt(u), u uniform on [0, 1], so that
// points lie about evenly along an arm,
//
//	arm 0  t/3 (-cos t, sin t),   arm 1  its mirror image through the origin,   each + sigma N(0, I)
//
// Labels are the arms. FFJORD adds a uniform number below 1/6 to each coordinate of an arm before it is mirrored; that is left out here, so that the density is plain.
type Spirals struct{}

var _ Dataset = Spirals{}

// Info describes the set.
func (Spirals) Info() Info {
	return Info{
		ID: "spirals", Title: "Two spirals around one another", Kind: Points, Shape: []int{2}, Classes: classNames("arm-", 2), Known: true,
		Paper: "grathwohl2019", License: "synthetic, no rights reserved", Sizes: Sizes{100_000, 10_000, 10_000},
		Params: []Param{{"sigma", 0.1, 1e-3, 10, false, "standard deviation about the arms"}},
	}
}

// Load draws the splits from three streams of the seed.
func (s Spirals) Load(ctx context.Context, o Options) (*Set, error) {
	info := s.Info()
	p, err := resolve(info, o.Params)
	if err != nil {
		return nil, err
	}
	const end = 3 * math.Pi
	spiral := func(sign float64) arm {
		return arm{
			at: func(t float64) (x, y float64) {
				sin, cos := math.Sincos(t)
				return -sign * t * cos / 3, sign * t * sin / 3
			},
			when:   func(u float64) float64 { return end * math.Sqrt(u) },
			weight: func(t float64) float64 { return 2 * t / (end * end) },
			hi:     end, speed: math.Hypot(1, end) / 3,
		}
	}
	law := newCurves(p["sigma"], spiral(1), spiral(-1))
	return drawSplits(ctx, &Set{Info: info, Law: law}, o, law, "")
}
