package runners

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// holdsStatistics looks at the names in an npz archive only: arrays of images may be large.
func holdsStatistics(path string) bool {
	z, err := tensorfile.OpenNPZ(path)
	if err != nil {
		return false
	}
	defer func() { _ = z.Close() }() // only read
	return slices.ContainsFunc(z.Names(), func(n string) bool { return n == "mu" || n == "sigma" })
}

// arrayImages turns an array of floats into samples.
func arrayImages(a *featurizer.Array, lo, hi float64) (*datasets.Samples, error) {
	shape, err := imaging.ArrayShape(a.Shape)
	if err != nil {
		return nil, err
	}
	values := a.Float64s()
	if lo == hi {
		if lo, hi, err = signedRange(values); err != nil {
			return nil, err
		}
	}
	data := make([]float32, len(values))
	for i, v := range values {
		if !(v >= lo && v <= hi) { // also refuses NaN
			return nil, fmt.Errorf("value %v of image %d is outside of the range %v to %v: save arr.clip(%v, %v) if that is what it overshoots", v, i/(len(values)/a.Shape[0]), lo, hi, lo, hi)
		}
		data[i] = float32((v-lo)/(hi-lo)*2 - 1)
	}
	return datasets.NewSamples(shape, data, nil)
}

// Values below -0.5 are none of images in 0 to 1: resampling overshoots them by a third at most. One in a hundred must be there before values are taken for -1 to 1.
const (
	deepBelow = -0.5
	deepShare = 0.01
)

// signedRange accepts values that can only be meant as -1 to 1. Anything else is refused rather than guessed: a wrong guess gives a plausible number.
func signedRange(values []float64) (lo, hi float64, err error) {
	least, most := math.Inf(1), math.Inf(-1)
	deep, below := 0, 0
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, 0, fmt.Errorf("value %d of the images is %v", i, v)
		}
		least, most = min(least, v), max(most, v)
		if v < 0 {
			below++
		}
		if v < deepBelow {
			deep++
		}
	}
	share := func(n int) float64 { return float64(n) / float64(max(len(values), 1)) }
	if least >= -1 && most <= 1 && share(deep) >= deepShare {
		return -1, 1, nil
	}
	if !slices.ContainsFunc(values, func(v float64) bool { return v != math.Trunc(v) }) && least >= 0 && most <= 255 {
		return 0, 0, fmt.Errorf("images of whole numbers from %g to %g that are not stored as bytes: their range cannot be told; state it to OpenSide, such as 0,1 or 0,255, or store them as uint8", least, most)
	}
	return 0, 0, fmt.Errorf("float images with values from %.4g to %.4g, %.3g %% of them below 0 and %.3g %% below %v: their range cannot be told; state it to OpenSide, such as 0,1 or 0,255",
		least, most, 100*share(below), 100*share(deep), deepBelow)
}
