package numeric

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// Singular values in two stages [grosser1999]. LAPACK's way to a bidiagonal matrix does half of its work in products of a matrix with a vector, which wait for memory. The
// first stage goes to a band instead, in products of matrices alone; the second chases the band's elements away, in a matrix that fits a cache.
const (
	bandWidth = 48  // wide enough for the products to run at speed, narrow enough for the second stage, whose work grows with it
	bandFrom  = 384 // the smaller side from which two stages take less time than LAPACK's one
)

// SingularValues are those of w, largest first; w is overwritten.
func SingularValues(w blas64.General) []float64 {
	k := min(w.Rows, w.Cols)
	switch {
	case k == 0:
		return nil
	case k < bandFrom:
		return singularOneStage(w)
	case w.Rows < w.Cols:
		w = transposed(w)
	}
	scale := near1(w)
	newBandReduction(w).run()
	s := newBand(w, bandWidth).chase()
	for i := range s {
		s[i] *= scale
	}
	return s
}

// near1 divides w by a power of two, which it returns, where the squares of its largest entries would leave the range of floats, as LAPACK does in its one stage.
func near1(w blas64.General) float64 {
	most := 0.0
	for i := range w.Rows {
		for _, v := range w.Data[i*w.Stride : i*w.Stride+w.Cols] {
			most = max(most, math.Abs(v))
		}
	}
	scale := unitOf(most)
	if scale == 1 {
		return 1
	}
	for i := range w.Rows {
		row := w.Data[i*w.Stride : i*w.Stride+w.Cols]
		for j := range row {
			row[j] /= scale
		}
	}
	return scale
}

func singularOneStage(w blas64.General) []float64 {
	s := make([]float64, min(w.Rows, w.Cols))
	none := blas64.General{Stride: 1}
	work := make([]float64, 1)
	lapack64.Gesvd(lapack.SVDNone, lapack.SVDNone, w, none, none, s, work, -1)
	work = make([]float64, int(work[0]))
	if !lapack64.Gesvd(lapack.SVDNone, lapack.SVDNone, w, none, none, s, work, len(work)) {
		panic("numeric: singular values of finite numbers did not converge")
	}
	return s
}

func transposed(w blas64.General) blas64.General {
	t := newGeneral(w.Cols, w.Rows)
	transposeInto(t, w)
	return t
}

// transposeInto goes by squares that stay in the cache.
func transposeInto(t, w blas64.General) {
	const blk = 32
	for i0 := 0; i0 < w.Rows; i0 += blk {
		for j0 := 0; j0 < w.Cols; j0 += blk {
			for i := i0; i < min(w.Rows, i0+blk); i++ {
				for j := j0; j < min(w.Cols, j0+blk); j++ {
					t.Data[j*t.Stride+i] = w.Data[i*w.Stride+j]
				}
			}
		}
	}
}
