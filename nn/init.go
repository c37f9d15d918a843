package nn

import (
	"math"

	"github.com/assay-gan/assay/rng"
)

// Init fills a new parameter.
type Init struct {
	fill func(r *rng.Source, x []float32, dims []int, fanIn, fanOut int)
}

// fans returns the inputs and outputs of one unit for a weight whose last axis is the output (dense I x O, convolution KH x KW x I x O).
func fans(dims []int) (in, out int) {
	if len(dims) < 2 {
		return size(dims), size(dims)
	}
	k := len(dims)
	return size(dims[:k-1]), size(dims[:k-2]) * dims[k-1]
}

// Const fills with v.
func Const(v float32) Init {
	return Init{func(_ *rng.Source, x []float32, _ []int, _, _ int) {
		for i := range x {
			x[i] = v
		}
	}}
}

// Zeros fills with 0.
func Zeros() Init { return Const(0) }

// Ones fills with 1.
func Ones() Init { return Const(1) }

// Normal draws from N(0, std^2).
func Normal(std float64) Init {
	return Init{func(r *rng.Source, x []float32, _ []int, _, _ int) { normal(r, x, std) }}
}

func normal(r *rng.Source, x []float32, std float64) {
	r.FillNormal(x)
	for i := range x {
		x[i] *= float32(std)
	}
}

// Uniform draws from U(-a, a).
func Uniform(a float64) Init {
	return Init{func(r *rng.Source, x []float32, _ []int, _, _ int) { r.FillUniform(x, float32(-a), float32(a)) }}
}

// GlorotUniform draws from U(-a, a), a = sqrt(6 / (fan_in + fan_out)) [glorot2010].
func GlorotUniform() Init {
	return Init{func(r *rng.Source, x []float32, _ []int, in, out int) {
		a := float32(math.Sqrt(6 / float64(in+out)))
		r.FillUniform(x, -a, a)
	}}
}

// LeCunUniform draws from U(-a, a), a = 1 / sqrt(fan_in): the default of the common frameworks' dense and convolution layers.
func LeCunUniform() Init {
	return Init{func(r *rng.Source, x []float32, _ []int, in, _ int) {
		a := float32(1 / math.Sqrt(float64(in)))
		r.FillUniform(x, -a, a)
	}}
}

// HeNormal draws from N(0, 2 / fan_in) [he2015].
func HeNormal() Init {
	return Init{func(r *rng.Source, x []float32, _ []int, in, _ int) { normal(r, x, math.Sqrt(2/float64(in))) }}
}

// Orthogonal makes the weight, seen as a matrix with the last axis as columns, gain times a matrix with orthonormal columns, or rows if there
// are fewer of them [saxe2014].
func Orthogonal(gain float64) Init {
	return Init{func(r *rng.Source, x []float32, dims []int, _, _ int) {
		cols := dims[len(dims)-1]
		rows := len(x) / cols
		n, l := cols, rows // n vectors of length l
		at := func(v, i int) int { return i*cols + v }
		if rows < cols {
			n, l = rows, cols
			at = func(v, i int) int { return v*cols + i }
		}
		q := orthonormal(r, n, l)
		for v := range n {
			for i := range l {
				x[at(v, i)] = float32(gain * q[v][i])
			}
		}
	}}
}

// orthonormal returns n <= l random orthonormal vectors of length l: normal vectors through Gram-Schmidt, done twice because once loses
// orthogonality to rounding.
func orthonormal(r *rng.Source, n, l int) [][]float64 {
	q := make([][]float64, n)
	for v := range q {
		q[v] = make([]float64, l)
		for i := range q[v] {
			q[v][i] = r.Normal()
		}
		for range 2 {
			for u := range v {
				d := 0.0
				for i := range l {
					d += q[u][i] * q[v][i]
				}
				for i := range l {
					q[v][i] -= d * q[u][i]
				}
			}
		}
		d := 0.0
		for _, a := range q[v] {
			d += a * a
		}
		d = 1 / math.Sqrt(d)
		for i := range l {
			q[v][i] *= d
		}
	}
	return q
}
