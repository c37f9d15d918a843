package datasets

import (
	"context"
	"math"
)

// Ring is K Gaussian modes at equal angles on a circle, the standard trial of mode collapse [srivastava2017], with the numbers of [lin2018]:
//
//	mode k = radius (cos 2 pi k/K, sin 2 pi k/K), k = 0 ... K-1
//
// The end of the circle is excluded: the well-known variant that includes both ends has only K-1 distinct modes, one of double weight.
// Labels are the modes. Sigma is a standard deviation.
type Ring struct{}

var _ domainLoader = Ring{}

// Info describes the set.
func (Ring) Info() Info {
	return Info{
		ID: "ring", Title: "Gaussian modes on a circle", Kind: Points, Shape: []int{2}, Classes: classNames("mode-", 8), Known: true,
		Paper: "lin2018", License: "synthetic, no rights reserved", Sizes: Sizes{100_000, 10_000, 10_000},
		Params: []Param{
			{"modes", 8, 1, 10_000, true, "number of modes K"},
			{"radius", 1, 1e-6, 1e6, false, "radius of the circle"},
			{"sigma", 0.01, 1e-9, 1e6, false, "standard deviation of every mode"},
		},
	}
}

// Load draws the splits from three streams of the seed.
func (r Ring) Load(ctx context.Context, o Options) (*Set, error) { return r.loadDomain(ctx, o, "") }

func (r Ring) loadDomain(ctx context.Context, o Options, domain string) (*Set, error) {
	info := r.Info()
	p, err := resolve(info, o.Params)
	if err != nil {
		return nil, err
	}
	m := &Mixture{Modes: make([][]float64, int(p["modes"])), Sigma: p["sigma"]}
	for k := range m.Modes {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(len(m.Modes)))
		m.Modes[k] = []float64{p["radius"] * cos, p["radius"] * sin}
	}
	return drawPoints(ctx, info, o, m, domain)
}

// drawPoints makes a set of points from the modes it is about.
func drawPoints(ctx context.Context, info Info, o Options, m *Mixture, domain string) (*Set, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	info.Classes = classNames("mode-", len(m.Modes))
	return drawSplits(ctx, &Set{Info: info, Truth: m}, o, m, domain)
}
