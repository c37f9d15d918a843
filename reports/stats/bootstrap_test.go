package stats

import (
	"math"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// The interval of sorted strata is that of any order, to the bit, for what asks nothing of the order: with ties, infinities and negative values.
func TestBootstrapSortedIsBootstrap(t *testing.T) {
	s := rng.Stream(5, "strata")
	for range 40 {
		strata := make([][]float64, 1+s.IntN(3))
		for i := range strata {
			for range 1 + s.IntN(30) {
				strata[i] = append(strata[i], []float64{float64(s.IntN(5)), s.Float64(), -s.Float64(), math.Inf(1)}[s.IntN(4)])
			}
		}
		statistic := func(x [][]float64) float64 {
			return Median(x[0]) + 3*MinQuantile(x[len(x)-1], 3, .5, true) + Quantile(x[0], .95)
		}
		plain := Bootstrap(rng.Stream(9, "draws"), strata, 50, .9, statistic)
		if got := BootstrapSorted(rng.Stream(9, "draws"), strata, 50, .9, statistic); math.Float64bits(got.Lo) != math.Float64bits(plain.Lo) || math.Float64bits(got.Hi) != math.Float64bits(plain.Hi) || got.Level != plain.Level {
			t.Errorf("%v: %v, want %v", strata, got, plain)
		}
	}
}
