package sanity

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// law draws n rows at point i of a curve.
type law func(s *rng.Source, i, n int) *mat.Dense

// filled makes n rows of d numbers, each from draw.
func filled(n, d int, draw func() float64) *mat.Dense {
	x := mat.NewDense(n, d, nil)
	values := x.RawMatrix().Data
	for k := range values {
		values[k] = draw()
	}
	return x
}

// normal draws N(mean·1, sd² I) in d dimensions.
func normal(d int, mean, sd func(i int) float64) law {
	return func(s *rng.Source, i, n int) *mat.Dense {
		m, w := mean(i), sd(i)
		return filled(n, d, func() float64 { return m + w*s.Normal() })
	}
}

func always(v float64) func(int) float64 { return func(int) float64 { return v } }

func at(x []float64) func(int) float64 { return func(i int) float64 { return x[i] } }

// cube draws uniformly from the unit cube whose corner is at start·1.
func cube(d int, start float64) law {
	return func(s *rng.Source, _, n int) *mat.Dense {
		return filled(n, d, func() float64 { return start + s.Float64() })
	}
}

// mixture draws from modes of equal spread; weights gives the probability of each at point i, which need not sum to 1.
func mixture(means [][]float64, sd float64, weights func(i int) []float64) law {
	return func(s *rng.Source, i, n int) *mat.Dense {
		w := weights(i)
		total := 0.0
		for _, v := range w {
			total += v
		}
		x := mat.NewDense(n, len(means[0]), nil)
		for r := range n {
			k, u := 0, s.Float64()*total
			for k < len(w)-1 && u >= w[k] {
				u -= w[k]
				k++
			}
			row := x.RawRowView(r)
			for j := range row {
				row[j] = means[k][j] + sd*s.Normal()
			}
		}
		return x
	}
}

// shell draws uniformly from the surface of a ball.
func shell(d int, radius func(i int) float64) law {
	return func(s *rng.Source, i, n int) *mat.Dense {
		x := filled(n, d, s.Normal)
		for r := range n {
			row, sum := x.RawRowView(r), 0.0
			for _, v := range row {
				sum += v * v
			}
			for j := range row {
				row[j] *= radius(i) / math.Sqrt(sum)
			}
		}
		return x
	}
}

// inBall draws a point uniformly from the unit ball.
func inBall(s *rng.Source, p []float64) {
	for sum := 2.0; sum > 1; {
		sum = 0
		for j := range p {
			p[j] = 2*s.Float64() - 1
			sum += p[j] * p[j]
		}
	}
}

// ball is the solid ball of radius .8 in three dimensions.
func ball(s *rng.Source, _, n int) *mat.Dense {
	x := mat.NewDense(n, 3, nil)
	for r := range n {
		inBall(s, x.RawRowView(r))
	}
	x.Scale(.8, x)
	return x
}

// torus is the solid torus around the third axis: ring of radius 1, tube of radius .1, uniform in the angle and in the tube's section.
func torus(s *rng.Source, _, n int) *mat.Dense {
	x, p := mat.NewDense(n, 3, nil), make([]float64, 2)
	for r := range n {
		sin, cos := math.Sincos(2 * math.Pi * s.Float64())
		inBall(s, p)
		x.SetRow(r, []float64{(1 + .1*p[0]) * cos, (1 + .1*p[0]) * sin, .1 * p[1]})
	}
	return x
}

// rounded rounds every number to the nearest whole one, halves to even.
func rounded(of law) law {
	return func(s *rng.Source, i, n int) *mat.Dense {
		x := of(s, i, n)
		values := x.RawMatrix().Data
		for k, v := range values {
			values[k] = math.RoundToEven(v)
		}
		return x
	}
}

// beside puts a Pareto(1.01) dimension beside the first one.
func beside(first law) law {
	const shape = 1.01
	return func(s *rng.Source, i, n int) *mat.Dense {
		x, y := first(s, i, n), mat.NewDense(n, 2, nil)
		for r := range n {
			y.SetRow(r, []float64{x.At(r, 0), math.Pow(1-s.Float64(), -1/shape)})
		}
		return y
	}
}

// withOutlier appends the row v·1.
func withOutlier(of law, v float64) law {
	return func(s *rng.Source, i, n int) *mat.Dense {
		x := of(s, i, n)
		_, d := x.Dims()
		y := mat.NewDense(n+1, d, nil)
		y.Slice(0, n, 0, d).(*mat.Dense).Copy(x)
		for j := range d {
			y.Set(n, j, v)
		}
		return y
	}
}

// scaled multiplies the second dimension by scale, and moves the first by shift.
func scaled(scale []float64, shift float64) law {
	return func(s *rng.Source, i, n int) *mat.Dense {
		x := filled(n, 2, s.Normal)
		for r := range n {
			x.Set(r, 0, x.At(r, 0)+shift)
			x.Set(r, 1, x.At(r, 1)*scale[i])
		}
		return x
	}
}

// apart draws standard normal rows of extra[i]+1 dimensions, the first moved by shift.
func apart(extra []float64, shift float64) law {
	return func(s *rng.Source, i, n int) *mat.Dense {
		x := filled(n, int(extra[i])+1, s.Normal)
		for r := range n {
			x.Set(r, 0, x.At(r, 0)+shift)
		}
		return x
	}
}

// linspace is n numbers from lo to hi at equal steps.
func linspace(lo, hi float64, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = lo + float64(i)*(hi-lo)/float64(n-1)
	}
	x[n-1] = hi
	return x
}

// logspace is 10 to the powers of linspace.
func logspace(lo, hi float64, n int) []float64 {
	x := linspace(lo, hi, n)
	for i, v := range x {
		x[i] = math.Pow(10, v)
	}
	return x
}

// whole cuts numbers to whole ones and leaves out those that repeat: the published code overwrites the earlier of two equal points.
func whole(x []float64) []float64 {
	var out []float64
	for _, v := range x {
		if v = math.Floor(v + 1e-9); len(out) == 0 || out[len(out)-1] != v { // 10^2 may come out a hair too small
			out = append(out, v)
		}
	}
	return out
}
