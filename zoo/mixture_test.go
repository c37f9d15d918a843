package zoo

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// Every round of EM raises the likelihood or leaves it, and one component is fitted in one round: mean and variance of 0, 2, 4, 10 are 4 and 14.
func TestEM(t *testing.T) {
	x := mat.NewDense(4, 1, []float64{0, 2, 4, 10})
	m := startMixture(x, 1, rng.Stream(1, "em"))
	m.round(x)
	near(t, "mean", m.mean[0][0], 4, 1e-12)
	near(t, "variance", m.variance[0], 14, 1e-12)
	near(t, "log-likelihood", m.round(x), -0.5*(math.Log(2*math.Pi*14)+1), 1e-12)

	r := rng.Stream(2, "em")
	const n = 400
	y := mat.NewDense(n, 2, nil)
	for i := range n {
		y.Set(i, 0, float64(i%3)+0.2*r.Normal())
		y.Set(i, 1, 0.2*r.Normal())
	}
	m = startMixture(y, 5, r)
	last := math.Inf(-1)
	for range 60 {
		l := m.round(y)
		if l < last-1e-12 {
			t.Fatalf("the likelihood fell from %v to %v", last, l)
		}
		last = l
	}
	total := 0.0
	for _, w := range m.weight {
		total += w
	}
	near(t, "weights", total, 1, 1e-12)
}

// A blurred impulse is the outer product of the kernel with itself; a constant image stays; each channel is blurred alone.
func TestBlur(t *testing.T) {
	const h, w, c, sd = 9, 9, 2, 0.7
	x := make([]float32, h*w*c)
	for i := range h * w {
		x[i*c+1] = 0.25
	}
	x[(4*w+4)*c] = 1
	blur(x, h, w, c, sd)
	kernel := func(i int) float64 { return math.Exp(-float64(i*i) / (2 * sd * sd)) }
	total := 0.0
	for i := -3; i <= 3; i++ {
		total += kernel(i)
	}
	for i := range h {
		for j := range w {
			want := 0.0
			if di, dj := i-4, j-4; max(di, -di) <= 3 && max(dj, -dj) <= 3 {
				want = kernel(di) * kernel(dj) / total / total
			}
			near(t, "impulse", float64(x[(i*w+j)*c]), want, 1e-6)
			near(t, "constant", float64(x[(i*w+j)*c+1]), 0.25, 1e-6)
		}
	}
}
