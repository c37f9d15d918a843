package datasets_test

import (
	"math"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/rng"
)

const algebra = 1e-12 // relative, for sums of a few float64 numbers

func near(t *testing.T, what string, have, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(have-want) <= tolerance) {
		t.Errorf("%s: have %.15g, want %.15g (off by %.3g)", what, have, want, have-want)
	}
}

func TestLogDensity(t *testing.T) {
	m := &datasets.Mixture{Modes: [][]float64{{1, -2}, {3, 0.5}, {-1, 1}}, Sigma: 0.7}
	for _, x := range [][]float32{{0, 0}, {1.25, -2}, {3, 3}, {-40, 7}} {
		var p float64 // the definition, term by term
		for _, c := range m.Modes {
			r := math.Pow(float64(x[0])-c[0], 2) + math.Pow(float64(x[1])-c[1], 2)
			p += math.Exp(-r/(2*0.49)) / (2 * math.Pi * 0.49) / 3
		}
		if p > 0 {
			near(t, "log-density", m.LogDensity(x), math.Log(p), algebra*100)
		}
	}
	// Far outside the definition underflows; the nearest mode alone counts: -(1000-3)^2/(2 0.49) - (0-0.5)^2/(2 0.49) - ln(2 pi 0.49) - ln 3.
	near(t, "far log-density", m.LogDensity([]float32{1000, 0}), -(997*997+0.25)/0.98-math.Log(2*math.Pi*0.49)-math.Log(3), 1e-6)
	if !math.IsNaN(m.LogDensity([]float32{1})) {
		t.Error("a point of another dimension must have no density")
	}
}

// entropyBySimpson integrates -p ln p of a one-dimensional mixture by Simpson's rule.
func entropyBySimpson(modes []float64, sigma float64) float64 {
	const n = 400_000
	lo, hi := modes[0]-12*sigma, modes[0]+12*sigma
	for _, m := range modes {
		lo, hi = min(lo, m-12*sigma), max(hi, m+12*sigma)
	}
	h := (hi - lo) / n
	var sum float64
	for i := 0; i <= n; i++ {
		x, p := lo+float64(i)*h, 0.0
		for _, m := range modes {
			p += math.Exp(-(x-m)*(x-m)/(2*sigma*sigma)) / (math.Sqrt(2*math.Pi) * sigma * float64(len(modes)))
		}
		if p > 0 {
			w := 2.0 + 2*float64(i%2)
			if i == 0 || i == n {
				w = 1
			}
			sum -= w * p * math.Log(p)
		}
	}
	return sum * h / 3
}

func TestEntropy(t *testing.T) {
	one := math.Log(2 * math.Pi * math.E)
	ring := func(k int, radius float64) (modes [][]float64) {
		for i := range k {
			a := 2 * math.Pi * float64(i) / float64(k)
			modes = append(modes, []float64{radius * math.Cos(a), radius * math.Sin(a)})
		}
		return modes
	}
	for _, c := range []struct {
		name   string
		m      datasets.Mixture
		want   float64
		within float64
	}{
		// One Gaussian: D/2 ln(2 pi e sigma^2).
		{"one mode", datasets.Mixture{Modes: [][]float64{{2, 3}}, Sigma: 0.3}, one + 2*math.Log(0.3), 1e-12},
		// Modes that never meet add ln K.
		{"8 modes far apart", datasets.Mixture{Modes: ring(8, 1), Sigma: 0.01}, math.Log(8) + one + 2*math.Log(0.01), 1e-9},
		// Modes in one place add nothing.
		{"3 modes in one place", datasets.Mixture{Modes: [][]float64{{1, 1}, {1, 1}, {1, 1}}, Sigma: 2}, one + 2*math.Log(2), 1e-9},
		{"1-D, 2 sigma apart", datasets.Mixture{Modes: [][]float64{{-1}, {1}}, Sigma: 1}, entropyBySimpson([]float64{-1, 1}, 1), 2e-9},
		{"1-D, 5 sigma apart", datasets.Mixture{Modes: [][]float64{{0}, {2.5}, {10}}, Sigma: 0.5}, entropyBySimpson([]float64{0, 2.5, 10}, 0.5), 2e-9},
		{"1-D, 9 sigma apart", datasets.Mixture{Modes: [][]float64{{0}, {9}}, Sigma: 1}, entropyBySimpson([]float64{0, 9}, 1), 2e-9},
		// Two coordinates that are independent mixtures: entropies add.
		{"2-D product", datasets.Mixture{Modes: [][]float64{{0, 0}, {0, 1.5}, {3, 0}, {3, 1.5}}, Sigma: 0.8},
			entropyBySimpson([]float64{0, 3}, 0.8) + entropyBySimpson([]float64{0, 1.5}, 0.8), 2e-9},
	} {
		h, e := c.m.Entropy()
		near(t, c.name, h, c.want, c.within)
		if e > 1e-8 {
			t.Errorf("%s: error %g stated", c.name, e)
		}
	}
	// Three dimensions, by draws: two modes differ in one coordinate only; fixed draws, standard error stated.
	m := datasets.Mixture{Modes: [][]float64{{0, 0, 0}, {2, 0, 0}}, Sigma: 1}
	h, e := m.Entropy()
	near(t, "3-D", h, entropyBySimpson([]float64{0, 2}, 1)+one, 4*e)
	if !(e > 1e-4 && e < 1e-2) {
		t.Errorf("3-D: standard error %g", e)
	}
	if h, _ := (&datasets.Mixture{}).Entropy(); !math.IsNaN(h) {
		t.Error("an empty mixture must have no entropy")
	}
}

func TestMixtureRefuses(t *testing.T) {
	for _, m := range []datasets.Mixture{{}, {Modes: [][]float64{{0, 0}}}, {Modes: [][]float64{{0, 0}, {1}}, Sigma: 1}, {Modes: [][]float64{{}}, Sigma: 1}} {
		if _, err := m.Sample(3, rng.Stream(1)); err == nil || !strings.Contains(err.Error(), "mixture") {
			t.Errorf("%+v: have %v", m, err)
		}
	}
}

func TestNearest(t *testing.T) {
	m := datasets.Mixture{Modes: [][]float64{{0, 0}, {3, 4}}, Sigma: 0.5}
	if k, d := m.Nearest([]float32{3, 5}); k != 1 || d != 2 {
		t.Errorf("have mode %d at %v sigma, want 1 at 2", k, d)
	}
}

func TestRingAndGridModes(t *testing.T) {
	load := func(d datasets.Dataset, p map[string]float64) *datasets.Set {
		s, err := d.Load(t.Context(), datasets.Options{Train: 2, Test: 2, Hold: 2, Params: p})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	ring := load(datasets.Ring{}, map[string]float64{"modes": 4, "radius": 2.5, "sigma": 0.1})
	want := [][]float64{{2.5, 0}, {0, 2.5}, {-2.5, 0}, {0, -2.5}} // four distinct modes: the end of the circle is excluded
	for k, m := range ring.Truth.Modes {
		near(t, "ring x", m[0], want[k][0], algebra)
		near(t, "ring y", m[1], want[k][1], algebra)
	}
	if len(ring.Info.Classes) != 4 || ring.Truth.Sigma != 0.1 {
		t.Errorf("%d classes, sigma %v", len(ring.Info.Classes), ring.Truth.Sigma)
	}
	grid := load(datasets.Grid{}, nil)
	for k, m := range grid.Truth.Modes {
		near(t, "grid x", m[0], float64(k/5*2-4), algebra)
		near(t, "grid y", m[1], float64(k%5*2-4), algebra)
	}
	turned := load(datasets.RingRotated(), map[string]float64{"modes": 4, "angle": 90})
	for k, m := range turned.Target.Truth.Modes { // a quarter turn takes mode k to mode k+1
		near(t, "turned x", m[0], turned.Truth.Modes[(k+1)%4][0], algebra)
		near(t, "turned y", m[1], turned.Truth.Modes[(k+1)%4][1], algebra)
	}
	moved := load(datasets.RingShifted(), map[string]float64{"dx": -1, "dy": 3})
	if y := moved.Target.Correspond([]float32{0.5, 0.25}); y[0] != -0.5 || y[1] != 3.25 {
		t.Errorf("(0.5, 0.25) is moved to %v, want (-0.5, 3.25)", y)
	}
}
