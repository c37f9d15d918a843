package datasets

import "github.com/assay-gan/assay/internal/rng"

// Mixture is an isotropic Gaussian mixture with equal weights: the truth behind ring and grid.
type Mixture struct {
	Modes [][]float64 // K centres of dimension D
	Sigma float64     // standard deviation in every coordinate of every mode
}

var _ = rng.Stream
