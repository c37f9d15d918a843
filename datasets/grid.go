package datasets

import "context"

// Grid is side x side Gaussian modes on a square grid from -extent to extent, by default the 25 modes {-4, -2, 0, 2, 4}^2 with standard deviation
// 0.05 [lin2018]. Labels are the modes, mode = side*i + j for the centre (x_i, y_j). Sigma is a standard deviation, not a variance.
type Grid struct{}

var _ domainLoader = Grid{}

// Info describes the set.
func (Grid) Info() Info {
	return Info{
		ID: "grid", Title: "Gaussian modes on a square grid", Kind: Points, Shape: []int{2}, Classes: classNames("mode-", 25), Known: true,
		Paper: "lin2018", License: "synthetic, no rights reserved", Sizes: Sizes{100_000, 10_000, 10_000},
		Params: []Param{
			{"side", 5, 2, 100, true, "modes along each axis"},
			{"extent", 4, 1e-6, 1e6, false, "coordinate of the outermost modes"},
			{"sigma", 0.05, 1e-9, 1e6, false, "standard deviation of every mode"},
		},
	}
}

// Load draws the splits from three streams of the seed.
func (g Grid) Load(ctx context.Context, o Options) (*Set, error) { return g.loadDomain(ctx, o, "") }

func (g Grid) loadDomain(ctx context.Context, o Options, domain string) (*Set, error) {
	info := g.Info()
	p, err := resolve(info, o.Params)
	if err != nil {
		return nil, err
	}
	side := int(p["side"])
	m := &Mixture{Sigma: p["sigma"]}
	at := func(i int) float64 { return p["extent"] * (2*float64(i)/float64(side-1) - 1) }
	for i := range side {
		for j := range side {
			m.Modes = append(m.Modes, []float64{at(i), at(j)})
		}
	}
	return drawPoints(ctx, info, o, m, domain)
}
