package rng

import (
	"math"
	"sort"
	"testing"
)

// The whole distribution against the normal law: the Kolmogorov-Smirnov distance of 400 000 draws stays below 1.95/sqrt(n), p = 0.001, and the far tail, which the ziggurat
// draws by another method, has its share: P(|x| > 3.442619855899) = 5.76e-4, so 230 of 400 000 with a standard deviation of 15.
func TestNormalDistribution(t *testing.T) {
	const n = 400_000
	s := Stream(11, "ziggurat")
	x := make([]float64, n)
	far, positive := 0, 0
	for i := range x {
		x[i] = s.Normal()
		if math.Abs(x[i]) > tailAt {
			far++
		}
		if x[i] > 0 {
			positive++
		}
	}
	sort.Float64s(x)
	ks := 0.0
	for i, v := range x {
		p := 0.5 * math.Erfc(-v/math.Sqrt2)
		ks = max(ks, math.Abs(p-float64(i)/n), math.Abs(p-float64(i+1)/n))
	}
	if limit := 1.95 / math.Sqrt(n); ks > limit {
		t.Errorf("Kolmogorov-Smirnov distance %g, limit %g", ks, limit)
	}
	want := n * math.Erfc(tailAt/math.Sqrt2)
	if math.Abs(float64(far)-want) > 4*math.Sqrt(want) {
		t.Errorf("%d draws in the tail, want about %.0f", far, want)
	}
	if math.Abs(float64(positive)-n/2) > 4*math.Sqrt(n)/2 {
		t.Errorf("%d of %d draws are positive", positive, n)
	}
}

// Every layer has the same area, and the top one closes at the mode.
func TestZigguratCloses(t *testing.T) {
	f := func(x float64) float64 { return math.Exp(-0.5 * x * x) }
	for i := 1; i < layers; i++ {
		if a := ziggurat.edge[i] * (f(ziggurat.edge[i+1]) - f(ziggurat.edge[i])); math.Abs(a-area) > 1e-9 {
			t.Errorf("layer %d has area %g, want %g", i, a, area)
		}
	}
	tail := math.Sqrt(math.Pi/2) * math.Erfc(tailAt/math.Sqrt2)
	if a := tailAt*f(tailAt) + tail; math.Abs(a-area) > 1e-9 {
		t.Errorf("the base has area %g, want %g", a, area)
	}
}
