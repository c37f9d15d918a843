package featurizer

import (
	"math"

	"github.com/assay-gan/assay/internal/kernel"
)

// gelu sets x to x Phi(x), rows of c values on all threads.
func gelu(rows, c int, x []float32) { kernel.GELU(x[:rows*c], x[:rows*c]) }

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
