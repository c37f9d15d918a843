package numeric

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/kernel"
)

// SqDists returns the squared Euclidean distances of every row of x to every row of y, n x m, by one float64 product of the rows around the mean of x. Where a
// difference has lost more than half of its digits SqDist takes it again, so that equal rows are exactly 0 apart. The result is the same to the bit for every thread
// count. If x and y are the same matrix it is exactly symmetric.
func SqDists(x, y *mat.Dense) *mat.Dense {
	mean := Mean(x)
	a, na := around(x, mean)
	b, nb := a, na
	if y != x {
		b, nb = around(y, mean)
	}
	out := mat.NewDense(a.Rows, b.Rows, nil)
	g := out.RawMatrix()
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, a, b, 0, g)
	kernel.Par(a.Rows, func(i int) {
		row, from := g.Data[i*g.Stride:i*g.Stride+g.Cols], 0
		if x == y {
			from = i // the half below comes from the half above
		}
		for j := from; j < len(row); j++ {
			const lost = 1e-6
			sum := na[i] + nb[j]
			d2 := sum - 2*row[j]
			if d2 < lost*sum {
				d2 = SqDist(a.Data[i*a.Stride:i*a.Stride+a.Cols], b.Data[j*b.Stride:j*b.Stride+b.Cols])
			}
			row[j] = d2
		}
	})
	if x == y {
		mirror(g)
	}
	return out
}

// mirror copies the upper triangle of a square matrix to the lower one.
func mirror(g blas64.General) {
	kernel.Par(g.Rows, func(i int) {
		for j := range i {
			g.Data[i*g.Stride+j] = g.Data[j*g.Stride+i]
		}
	})
}

// around is the rows less a centre, with their squared norms.
func around(x *mat.Dense, centre []float64) (blas64.General, []float64) {
	n, d := x.Dims()
	g, norm := newGeneral(n, d), make([]float64, n)
	kernel.Par(n, func(i int) {
		row := g.Data[i*d : (i+1)*d]
		for j, v := range x.RawRowView(i) {
			row[j] = v - centre[j]
			norm[i] += row[j] * row[j]
		}
	})
	return g, norm
}

// Gaussian turns squared distances into exp(-d2/(2 sigma^2)) in place.
func Gaussian(d2 *mat.Dense, sigma float64) {
	g, scale := d2.RawMatrix(), -0.5/(sigma*sigma)
	kernel.Par(g.Rows, func(i int) {
		row := g.Data[i*g.Stride : i*g.Stride+g.Cols]
		for j, v := range row {
			row[j] = math.Exp(v * scale)
		}
	})
}
