package zoo

import (
	"math"
	"testing"

	"github.com/assay-gan/assay/nn"
)

// The estimate by its definition, in float64 and pair by pair: k(a, b) = sum_s s c / (s c + |a - b|^2), a sample with itself left out.
func TestIMQ(t *testing.T) {
	g := nn.NewGraph(1)
	a := [][]float64{{0, 0}, {1, -1}, {0.5, 2}}
	b := [][]float64{{3, 0}, {-1, 0.25}, {0, 1}}
	flat := func(x [][]float64) (v []float32) {
		for _, r := range x {
			v = append(v, float32(r[0]), float32(r[1]))
		}
		return v
	}
	const c = 2 * 2 * 1.5 * 1.5
	k := func(x, y []float64) (sum float64) {
		d := math.Pow(x[0]-y[0], 2) + math.Pow(x[1]-y[1], 2)
		for _, s := range []float64{.1, .2, .5, 1, 2, 5, 10} {
			sum += s * c / (s*c + d)
		}
		return sum
	}
	want := 0.0
	for i := range a {
		for j := range b {
			if i != j {
				want += (k(a[i], a[j]) + k(b[i], b[j])) / 6
			}
			want -= 2 * k(a[i], b[j]) / 9
		}
	}
	v := values(t, imqMMD(rows(g, "a", 3, flat(a)...), rows(g, "b", 3, flat(b)...), c))
	near(t, "MMD^2", float64(v[0][0]), want, 1e-5)
}

// With all networks at zero codes are 0 and reconstructions are 0: the cost is the data's mean squared length, 2 of scaled points. A discriminator of codes that knows
// nothing makes the encoder pay lambda log 2. Under mmd the codes' own terms are all 1 a scale, and the prior's are those of two normal draws.
func TestWAEAtZero(t *testing.T) {
	s := build(t, WAE{}, twoPoints(), map[string]string{"width": "8", "batch": "4", "divergence": "gan", "lambda": "3", "encoder": "deterministic"})
	got := lossesAtZero(t, s, "encoder", "decoder", "d")
	near(t, "wae", got["wae"], 2+3*math.Ln2, 1e-5)
	near(t, "d", got["d"], 2*math.Ln2, 1e-5)

	s = build(t, WAE{}, twoPoints(), map[string]string{"width": "8", "batch": "1024", "lambda": "1", "encoder": "deterministic"})
	// E k between N(0, I_2) and 0: |a|^2 is exponential of mean 2; between two draws of mean 4. c = 4. By quadrature of s c / (s c + t) exp(-t/m)/m.
	mean := func(m float64) (sum float64) {
		for _, scale := range imqScales {
			const n = 200_000
			for i := range n {
				v := (float64(i) + 0.5) / n // the distribution function
				sum += float64(scale) * 4 / (float64(scale)*4 - m*math.Log(1-v)) / n
			}
		}
		return sum
	}
	want := 2 + mean(4) + 7 - 2*mean(2)
	near(t, "wae mmd", lossesAtZero(t, s, "encoder", "decoder")["wae"], want, 0.15) // 1024 draws: five standard errors
}
