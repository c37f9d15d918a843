package stats

import (
	"math"
	"slices"

	"github.com/assay-gan/assay/rng"
)

// powerDraws is how many samples the power of a test is taken from: at a power of 0.8 its standard error is 0.013.
const powerDraws = 1000

// DetectableShift returns the smallest shift that the one-sided exact Mann-Whitney test of m new values against base finds at the level with the given power,
// when the new values are drawn from base with replacement and the shift is added: the power of the test with this very baseline, whatever its shape, its
// failures (+Inf) among it. +Inf if no shift can reach the level or the power.
func DetectableShift(s *rng.Source, base []float64, m int, level, power float64) float64 {
	return DetectableBeyond(s, base, m, level, power, func([]float64) float64 { return 0 })
}

// DetectableBeyond is DetectableShift for the test whether the new values are greater by more than a margin, which may depend on the values drawn (on their
// spread, not on their place).
func DetectableBeyond(s *rng.Source, base []float64, m int, level, power float64, margin func(drawn []float64) float64) float64 {
	c := criticalU(len(base), m, level)
	if c < 0 || len(base) == 0 || m == 0 {
		return math.Inf(1)
	}
	need, x := make([]float64, powerDraws), make([]float64, m)
	for r := range need {
		resample(s, base, x)
		d := differences(base, x) // at a shift beyond the (c+1)-th largest of base - x all but c pairs are won
		need[r] = margin(x) + d[len(d)-1-c]
	}
	return powerQuantile(need, power)
}

// DetectableNormal returns the smallest shift, in standard deviations, that the one-sided exact Mann-Whitney test of m against n normal values finds at the level with the given
// power: what so many runs can show before any has run. +Inf if no shift can reach the level.
func DetectableNormal(s *rng.Source, n, m int, level, power float64) float64 {
	c := criticalU(n, m, level)
	if c < 0 || n == 0 || m == 0 {
		return math.Inf(1)
	}
	need, x, y := make([]float64, powerDraws), make([]float64, n), make([]float64, m)
	for r := range need {
		for i := range x {
			x[i] = s.Normal()
		}
		for i := range y {
			y[i] = s.Normal()
		}
		d := differences(x, y)
		need[r] = d[len(d)-1-c]
	}
	return powerQuantile(need, power)
}

// DetectablePaired returns the smallest shift that the one-sided exact signed-rank test finds at the level with the given power, when the differences of pairs
// are drawn, with replacement, from those at hand less their centre (PairedShift), and the shift is added. +Inf as for DetectableShift.
func DetectablePaired(s *rng.Source, d []float64, level, power float64) float64 {
	c := criticalW(len(d), level)
	if c < 0 || len(d) == 0 {
		return math.Inf(1)
	}
	centred := slices.Clone(d)
	if centre := Median(walsh(d)); !math.IsInf(centre, 0) {
		for i := range centred {
			centred[i] -= centre
		}
	}
	need, x := make([]float64, powerDraws), make([]float64, len(d))
	for r := range need {
		resample(s, centred, x)
		need[r] = -walsh(x)[c] // W is the number of Walsh averages above 0: all but c of them are, beyond this shift
	}
	return powerQuantile(need, power)
}

func resample(s *rng.Source, from, to []float64) {
	for i := range to {
		to[i] = from[s.IntN(len(from))]
	}
}

// powerQuantile is the shift that is enough in a share of the draws.
func powerQuantile(need []float64, power float64) float64 {
	slices.Sort(need)
	return max(0, need[min(int(math.Ceil(power*float64(len(need)))), len(need))-1])
}
