package stats

import (
	"math"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// powerAt is the share of 1500 fresh draws from the values, moved by the shift, that the test finds. Ties that only drawing with replacement makes are broken.
func powerAt(s *rng.Source, from []float64, n int, shift float64, found func(x []float64) bool) float64 {
	hits, x := 0, make([]float64, n)
	for range 1500 {
		resample(s, from, x)
		for i := range x {
			x[i] += shift + 1e-9*s.Float64()
		}
		if found(x) {
			hits++
		}
	}
	return float64(hits) / 1500
}

// checkDetectable runs the test where it is promised to find 80 %: there it must, and just below it must find less. Each share has a standard error of 0.01,
// the shift one of 0.013.
func checkDetectable(t *testing.T, name string, shift float64, power func(shift float64) float64) {
	t.Helper()
	if at, below := power(shift+1e-6), power(shift*.97); at < .76 || below > .8+.03 {
		t.Errorf("%s: power %.3f at the detectable shift %.4g, %.3f below it, want 0.8 at it", name, at, shift, below)
	}
}

func TestDetectableIsFound(t *testing.T) {
	s := rng.Stream(5, "base")
	normal, bimodal := make([]float64, 12), make([]float64, 10)
	for i := range normal {
		normal[i] = s.Normal()
	}
	for i := range bimodal {
		if bimodal[i] = s.Normal(); i < 3 {
			bimodal[i] += 8
		}
	}
	bimodal[9] = inf // a failed run
	for name, base := range map[string][]float64{"normal": normal, "bimodal with a failure": bimodal} {
		checkDetectable(t, name, DetectableShift(rng.Stream(1, name), base, 10, .01, .8), func(shift float64) float64 {
			return powerAt(rng.Stream(2, name), base, 10, shift, func(x []float64) bool { return MannWhitney(x, base, Greater).P <= .01 })
		})
	}
	if d := DetectableShift(s, normal[:5], 5, 1.0/300, .8); !math.IsInf(d, 1) {
		t.Errorf("five against five reach 1/252 at least, not 1/300: %v", d)
	}
	if d := DetectableShift(s, []float64{2, 2, 2, 2, 2}, 5, .01, .8); d != 0 {
		t.Errorf("no noise: any shift is found, not only %v", d)
	}
}

func TestDetectablePairedIsFound(t *testing.T) {
	s := rng.Stream(6, "pairs")
	d := make([]float64, 10)
	for i := range d {
		d[i] = 5 + s.Normal()
	}
	centre := PairedShift(d, .95).Estimate
	centred := make([]float64, len(d))
	for i, v := range d {
		centred[i] = v - centre
	}
	checkDetectable(t, "pairs", DetectablePaired(rng.Stream(1), d, .01, .8), func(shift float64) float64 {
		return powerAt(rng.Stream(2, "pairs"), centred, 10, shift, func(x []float64) bool { return SignedRank(x, Greater).P <= .01 })
	})
	if d := DetectablePaired(s, d[:5], .01, .8); !math.IsInf(d, 1) {
		t.Errorf("five pairs reach 1/32 at least, not 1/100: %v", d)
	}
	near(t, "the same worsening in every pair", DetectablePaired(s, []float64{3, 3, 3, 3, 3, 3, 3}, .01, .8), 0, 0)
}

// The expected shifts are of 200 000 (50 values: 20 000) simulated studies in NumPy, with the critical values of a table of its own.
func TestDetectableNormal(t *testing.T) {
	const tolerance = .08 // two standard errors of a quantile of 1000 draws
	for _, c := range []struct {
		n           int
		level, want float64
	}{{5, .05, 1.805}, {10, .05, 1.223}, {50, .05, .511}, {10, .01, 1.593}, {4, .05, 2.393}} {
		if got := DetectableNormal(rng.Stream(1, "normal"), c.n, c.n, c.level, .8); math.Abs(got-c.want) > tolerance {
			t.Errorf("%d values at %g: %g, want %g", c.n, c.level, got, c.want)
		}
	}
	if got := DetectableNormal(rng.Stream(1, "normal"), 3, 3, .04, .8); !math.IsInf(got, 1) {
		t.Errorf("three against three cannot reach 0.04: %g", got)
	}
}
