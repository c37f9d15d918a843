package featurizer

import (
	"math"

	"github.com/assay-gan/assay/internal/kernel"
)

// gelu sets x to x Phi(x), rows of c values on all threads.
func gelu(rows, c int, x []float32) { kernel.GELU(x[:rows*c], x[:rows*c]) }

// quickGelu sets x to x sigmoid(1.702 x), CLIP's stand-in for the Gaussian unit.
func quickGelu(rows, c int, x []float32) { kernel.QuickGELU(x[:rows*c], x[:rows*c]) }

// layerNorm sets y to (x - mean)/sqrt(var + eps) * scale + shift over each row of c values, var being the mean square about the mean.
func layerNorm(rows, c int, y, x, scale, shift []float32, eps float64) {
	each := max(1, 1<<14/c)
	kernel.Par((rows+each-1)/each, func(i int) {
		for r := i * each; r < min(rows, (i+1)*each); r++ {
			normRow(y[r*c:(r+1)*c], x[r*c:(r+1)*c], scale, shift, eps)
		}
	})
}

func normRow(dst, src, scale, shift []float32, eps float64) {
	c := len(src)
	kernel.Axpb(dst, src, 1, -float32(kernel.Sum(src)/float64(c)))
	rest := kernel.Sum(dst) / float64(c) // what rounding the mean left
	square := float64(kernel.Dot(dst, dst))/float64(c) - rest*rest
	k := 1 / math.Sqrt(square+eps)
	kernel.Axpb(dst, dst, float32(k), -float32(rest*k))
	kernel.Mul(dst, dst, scale)
	kernel.Add(dst, dst, shift)
}
