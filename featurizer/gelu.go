package featurizer

import (
	"math"

	"github.com/assay-gan/assay/internal/kernel"
)

// The Gaussian unit of transformers [hendrycks2016] is x Phi(x), Phi being the normal distribution function. With the logistic function S,
//
//	Phi(x) = S(x q(x^2)),  q(x^2) = log(Phi(x)/Phi(-x))/x
//
// and q is smooth: a polynomial of degree 14 over |x| <= 6, fitted at Chebyshev's points, leaves x Phi(x) off by less than 6e-8 and takes vector
// operations alone, half the time of a table. Beyond 6 Phi is taken at 6: off by 1e-9 |x|.
const geluEnd = 6

// geluPoly are the coefficients of q in s = 2 x^2/36 - 1, from the constant on.
var geluPoly = [...]float32{
	2.69018755, 0.883644518, -0.155108381, 0.0508557169, -0.0173582777,
	0.00369902297, 0.00227877735, -0.00465218092, 0.00391186347, -0.00181808535,
	0.00223994011, -0.00310002144, 0.000563422477, 0.00155054767, -0.000766265404,
}

// gelu sets x to x Phi(x), rows of c values on all threads.
func gelu(rows, c int, x []float32) {
	kernel.Par(rows, func(r int) {
		row := x[r*c : (r+1)*c]
		var store [3][1024]float32
		for len(row) > 0 {
			n := min(len(row), len(store[0]))
			near, s, q := store[0][:n], store[1][:n], store[2][:n]
			kernel.Clamp(near, row[:n], -geluEnd, geluEnd)
			kernel.Mul(s, near, near)
			kernel.Axpb(s, s, 2.0/(geluEnd*geluEnd), -1)
			top := len(geluPoly) - 1
			kernel.Axpb(q, s, geluPoly[top], geluPoly[top-1])
			for k := top - 2; k >= 0; k-- {
				kernel.Mul(q, q, s)
				kernel.Axpb(q, q, 1, geluPoly[k])
			}
			kernel.Mul(q, q, near)
			kernel.Sigmoid(q, q)
			kernel.Mul(row[:n], row[:n], q)
			row = row[n:]
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
