package featurizer

import (
	"math"
	"sync"

	"github.com/assay-gan/assay/internal/kernel"
)

// The Gaussian unit of transformers [hendrycks2016] is x Phi(x), Phi being the normal distribution function. Phi is read from a table of cubics
// with the exact values and slopes at every 1/64: off by less than 1e-10, a hundredth of a float32's last digit, and three times as fast as erf.
const (
	geluHalf = 6 // beyond it Phi is 0 or 1 to 1e-9
	geluStep = 64
)

var geluTable = sync.OnceValue(func() *[2*geluHalf*geluStep + 1][4]float64 {
	var t [2*geluHalf*geluStep + 1][4]float64
	const h = 1.0 / geluStep
	at := func(x float64) (value, slope float64) {
		return math.Erfc(-x/math.Sqrt2) / 2, h * math.Exp(-x*x/2) / math.Sqrt(2*math.Pi)
	}
	for i := range t {
		x := float64(i)*h - geluHalf
		v0, s0 := at(x)
		v1, s1 := at(x + h)
		t[i] = [4]float64{v0, s0, 3*(v1-v0) - 2*s0 - s1, 2*(v0-v1) + s0 + s1}
	}
	return &t
})

// gelu sets x to x Phi(x), rows of c values on all threads.
func gelu(rows, c int, x []float32) {
	table := geluTable()
	kernel.Par(rows, func(r int) {
		row := x[r*c : (r+1)*c]
		for i, v := range row {
			u := (float64(v) + geluHalf) * geluStep
			switch {
			case u >= 2*geluHalf*geluStep || v != v: // Phi is 1; NaN stays
			case u <= 0:
				row[i] = 0
			default:
				k := int(u)
				p, d := &table[k], u-float64(k)
				row[i] = float32(float64(v) * (p[0] + d*(p[1]+d*(p[2]+d*p[3]))))
			}
		}
	})
}

// quickGelu sets x to x sigmoid(1.702 x), CLIP's stand-in for the Gaussian unit.
func quickGelu(rows, c int, x []float32) {
	kernel.Par(rows, func(r int) {
		row := x[r*c : (r+1)*c]
		var buf [512]float32
		for len(row) > 0 {
			n := min(len(row), len(buf))
			t := buf[:n]
			kernel.Axpb(t, row[:n], 1.702, 0)
			kernel.Sigmoid(t, t)
			kernel.Mul(row[:n], row[:n], t)
			row = row[n:]
		}
	})
}

// layerNorm sets y to (x - mean)/sqrt(var + eps) * scale + shift over each row of c values, var being the mean square about the mean.
func layerNorm(rows, c int, y, x, scale, shift []float32, eps float64) {
	kernel.Par(rows, func(r int) {
		src, dst := x[r*c:(r+1)*c], y[r*c:(r+1)*c]
		kernel.Axpb(dst, src, 1, -float32(kernel.Sum(src)/float64(c)))
		rest := kernel.Sum(dst) / float64(c) // what rounding the mean left
		square := float64(kernel.Dot(dst, dst))/float64(c) - rest*rest
		k := 1 / math.Sqrt(square+eps)
		kernel.Axpb(dst, dst, float32(k), -float32(rest*k))
		kernel.Mul(dst, dst, scale)
		kernel.Add(dst, dst, shift)
	})
}
