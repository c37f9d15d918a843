package numeric

import (
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/assay-gan/assay/internal/kernel"
)

// packedLen is the length of a packed upper triangle, packedAt where its row i begins.
func packedLen(d int) int { return d * (d + 1) / 2 }

func packedAt(d, i int) int { return i*d - i*(i-1)/2 }

// each runs f(0) to f(n-1), on all threads where there is work for them.
func each(n, work int, f func(i int)) {
	if work >= 1<<15 {
		kernel.Par(n, f)
		return
	}
	for i := range n {
		f(i)
	}
}

// meanColumns is how many columns one goroutine adds up.
const meanColumns = 256

// reduce computes a node from raw rows: mean in row order, then the co-moment of the centred rows.
func reduce(start int, x blas64.General, meanOnly bool) node {
	d := x.Cols
	v := node{start: start, rows: x.Rows, mean: make([]float64, d)}
	each((d+meanColumns-1)/meanColumns, x.Rows*d, func(c int) {
		lo, hi := c*meanColumns, min(d, (c+1)*meanColumns)
		mean := v.mean[lo:hi]
		for i := range x.Rows {
			for j, y := range x.Data[i*x.Stride+lo : i*x.Stride+hi] {
				mean[j] += y
			}
		}
		for j := range mean {
			mean[j] /= float64(x.Rows)
		}
	})
	if !meanOnly {
		v.co = coMoment(x, v.mean)
	}
	return v
}

// gramRows is how many centred rows are multiplied at a time: they and what is made of them stay in the cache.
const gramRows = 256

// gramSpace is what coMoment works in: centred rows and a square result.
type gramSpace struct{ rows, square []float64 }

var gramSpaces = sync.Pool{New: func() any { return new(gramSpace) }}

// coMoment is the upper triangle, packed by rows, of the sum of (x-mean)(x-mean)'.
func coMoment(x blas64.General, mean []float64) []float64 {
	d := x.Cols
	w := gramSpaces.Get().(*gramSpace)
	if cap(w.square) < d*d || cap(w.rows) < gramRows*d {
		w.square, w.rows = make([]float64, d*d), make([]float64, gramRows*d)
	}
	c := blas64.Symmetric{N: d, Stride: d, Data: w.square[:d*d], Uplo: blas.Upper}
	for lo := 0; lo < x.Rows; lo += gramRows {
		n := min(gramRows, x.Rows-lo)
		each(n, n*d, func(i int) {
			dst, src := w.rows[i*d:(i+1)*d], x.Data[(lo+i)*x.Stride:]
			for j, mu := range mean {
				dst[j] = src[j] - mu
			}
		})
		beta := 1.0
		if lo == 0 {
			beta = 0
		}
		blas64.Syrk(blas.Trans, 1, blas64.General{Rows: n, Cols: d, Stride: d, Data: w.rows}, beta, c)
	}
	out := make([]float64, packedLen(d))
	each(d, d*d/2, func(i int) { copy(out[packedAt(d, i):][:d-i], c.Data[i*d+i:]) })
	gramSpaces.Put(w)
	return out
}

// combine is Chan, Golub and LeVeque's update for two disjoint stretches, a before b. Its co-moment lies in that of a or b unless both are shared.
func combine(a, b node) node {
	d := len(a.mean)
	na, nb := float64(a.rows), float64(b.rows)
	n := na + nb
	v := node{start: a.start, rows: a.rows + b.rows, mean: make([]float64, d)}
	delta := make([]float64, d)
	for j := range delta {
		delta[j] = b.mean[j] - a.mean[j]
		v.mean[j] = a.mean[j] + delta[j]*(nb/n)
	}
	switch {
	case len(a.co) == 0:
		return v
	case !a.shared:
		v.co = a.co
	case !b.shared:
		v.co = b.co
	default:
		v.co = make([]float64, len(a.co))
	}
	w := na * nb / n
	each(d, d*d/2, func(i int) {
		k := packedAt(d, i)
		f, right := delta[i]*w, delta[i:]
		x, y, z := a.co[k:][:len(right)], b.co[k:][:len(right)], v.co[k:][:len(right)]
		for j, dj := range right {
			z[j] = x[j] + y[j] + f*dj
		}
	})
	return v
}
