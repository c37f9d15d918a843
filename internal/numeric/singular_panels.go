package numeric

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/gonum"
)

// bandReduction makes a, which has at least as many rows as columns, an upper band matrix with the same singular values.
type bandReduction struct {
	a           blas64.General
	left, right reflectors
	tall        blas64.General // what a panel takes off the rest of a is tall times wide
	wide        blas64.General
	small       blas64.General
}

func newBandReduction(a blas64.General) *bandReduction {
	return &bandReduction{a: a, left: newReflectors(a.Rows), right: newReflectors(a.Cols),
		tall: newGeneral(a.Rows, 2*bandWidth), wide: newGeneral(2*bandWidth, a.Cols), small: newGeneral(bandWidth, bandWidth)}
}

func (r *bandReduction) run() {
	for k := 0; k < r.a.Cols; k += bandWidth {
		r.panel(k, min(bandWidth, r.a.Cols-k))
	}
}

// panel reduces columns and rows k to k+b-1. With V the reflectors from the left, U those from the right and T their triangles the rest A of the matrix becomes
//
//	A - V'W - XU,  W = T'VA,  X = (A - V'W)U'T
//
// in one product, so that A is written once.
func (r *bandReduction) panel(k, b int) {
	m, n := r.a.Rows-k, r.a.Cols-k-b // of the rest, with the rows of the panel
	v := r.left.reduce(block(r.a, k, k+m, k, k+b), true)
	if n == 0 {
		return
	}
	rest := block(r.a, k, k+m, k+b, k+b+n)
	w := block(r.wide, 0, b, 0, n)
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, v, rest, 0, w)
	blas64.Trmm(blas.Left, blas.Trans, 1, r.left.triangle(b), w)
	rows, below := block(rest, 0, b, 0, n), block(rest, b, m, 0, n)
	blas64.Gemm(blas.Trans, blas.NoTrans, -1, block(v, 0, b, 0, b), w, 1, rows)
	u := r.right.reduce(rows, false)
	c := u.Rows
	v = block(v, 0, b, b, m)
	tall := block(r.tall, 0, m-b, 0, b+c)
	x := block(tall, 0, m-b, b, b+c)
	wu := block(r.small, 0, b, 0, c)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, w, u, 0, wu)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, below, u, 0, x)
	blas64.Gemm(blas.Trans, blas.NoTrans, -1, v, wu, 1, x)
	blas64.Trmm(blas.Right, blas.NoTrans, 1, r.right.triangle(c), x)
	transposeInto(tall, v)
	copyInto(block(r.wide, b, b+c, 0, n), u)
	blas64.Gemm(blas.NoTrans, blas.NoTrans, -1, tall, block(r.wide, 0, b+c, 0, n), 1, below)
}

func copyInto(dst, src blas64.General) {
	for i := range src.Rows {
		copy(dst.Data[i*dst.Stride:i*dst.Stride+src.Cols], src.Data[i*src.Stride:])
	}
}

// reflectors are up to bandWidth Householder reflectors as rows of v, H = I - v't v with t upper triangular [schreiber1989].
type reflectors struct {
	v, t      blas64.General
	tau, work []float64
}

func newReflectors(length int) reflectors {
	return reflectors{v: newGeneral(bandWidth, length), t: newGeneral(bandWidth, bandWidth), tau: make([]float64, bandWidth), work: make([]float64, max(length, bandWidth))}
}

// reduce makes the panel lower triangular from the right, or, with columns, upper triangular from the left, and returns the reflectors that do. Columns are worked on as
// rows: their elements lie side by side then.
func (r *reflectors) reduce(panel blas64.General, columns bool) blas64.General {
	rows, length := panel.Rows, panel.Cols
	if columns {
		rows, length = length, rows
	}
	v := blas64.General{Rows: rows, Cols: length, Stride: r.v.Stride, Data: r.v.Data}
	if columns {
		transposeInto(v, panel)
	} else {
		copyInto(v, panel)
	}
	count := min(rows, length)
	gonum.Implementation{}.Dgelq2(rows, length, v.Data, v.Stride, r.tau, r.work)
	for i := range rows {
		for j := range length {
			value := 0.0
			if j <= i {
				value = v.Data[i*v.Stride+j]
			}
			if columns {
				panel.Data[j*panel.Stride+i] = value
			} else {
				panel.Data[i*panel.Stride+j] = value
			}
		}
	}
	for i := range count {
		clear(v.Data[i*v.Stride : i*v.Stride+i])
		v.Data[i*v.Stride+i] = 1
	}
	v.Rows = count
	gonum.Implementation{}.Dlarft(lapack.Forward, lapack.RowWise, length, count, v.Data, v.Stride, r.tau, r.t.Data, r.t.Stride)
	return v
}

func (r *reflectors) triangle(n int) blas64.Triangular {
	return blas64.Triangular{N: n, Stride: r.t.Stride, Data: r.t.Data, Uplo: blas.Upper, Diag: blas.NonUnit}
}
