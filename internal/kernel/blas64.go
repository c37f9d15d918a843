package kernel

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// BLAS64 returns a float64 BLAS for gonum, to be registered once:
//
//	blas64.Use(kernel.BLAS64())
//
// It is gonum's own with the routines that dominate large factorisations replaced: Dgemm, Dsyrk, Dsyr2k, Dsymm, Dtrmm,
// Dtrsm, Dsymv, Dgemv, Dger, Ddot and Daxpy. They use the kernel set and thread count in force at the call and give the
// same bits for every thread count. With the generic set everything is gonum's.
func BLAS64() blas.Float64 { return fast64{} }

type fast64 struct{ gonum.Implementation }

var _ blas.Float64 = fast64{}

// smallProduct is the number of multiplications below which gonum's loops win.
const smallProduct = 6000

func vectors() bool { return active.f64.gemm != nil }

// scale64 sets the part tri of c (m x n) to beta*c.
func scale64(tri triangle, m, n int, beta float64, c []float64, ldc int) {
	if beta == 1 {
		return
	}
	for i := range m {
		lo, hi := 0, n
		switch tri {
		case lowerPart:
			hi = i + 1
		case upperPart:
			lo = i
		case allOfIt:
		}
		r := c[i*ldc+lo : i*ldc+hi]
		if beta == 0 {
			clear(r)
			continue
		}
		for k := range r {
			r[k] *= beta
		}
	}
}

// Dgemm is c = alpha op(a) op(b) + beta c.
func (f fast64) Dgemm(ta, tb blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	if !vectors() || m <= 0 || n <= 0 || k <= 0 || alpha == 0 || float64(m)*float64(n)*float64(k) < smallProduct {
		f.Implementation.Dgemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	scaleUnlessZero(allOfIt, m, n, beta, c, ldc)
	run64(dgemm{ta: ta != blas.NoTrans, tb: tb != blas.NoTrans, m: m, n: n, k: k, alpha: alpha, a: a, lda: lda, b: b, ldb: ldb,
		c: c, ldc: ldc, add: beta != 0})
}

// scaleUnlessZero leaves beta == 0 to the product, which then overwrites.
func scaleUnlessZero(tri triangle, m, n int, beta float64, c []float64, ldc int) {
	if beta != 0 {
		scale64(tri, m, n, beta, c, ldc)
	}
}

func part(ul blas.Uplo) triangle {
	if ul == blas.Lower {
		return lowerPart
	}
	return upperPart
}

// Dsyrk is c = alpha a a^T + beta c (or a^T a), one triangle.
func (f fast64) Dsyrk(ul blas.Uplo, t blas.Transpose, n, k int, alpha float64, a []float64, lda int, beta float64, c []float64, ldc int) {
	if !vectors() || n <= 0 || k <= 0 || alpha == 0 || float64(n)*float64(n)*float64(k) < smallProduct {
		f.Implementation.Dsyrk(ul, t, n, k, alpha, a, lda, beta, c, ldc)
		return
	}
	scaleUnlessZero(part(ul), n, n, beta, c, ldc)
	tr := t != blas.NoTrans
	run64(dgemm{ta: tr, tb: !tr, m: n, n: n, k: k, alpha: alpha, a: a, lda: lda, b: a, ldb: lda, c: c, ldc: ldc, add: beta != 0, tri: part(ul)})
}

// Dsyr2k is c = alpha (a b^T + b a^T) + beta c (or a^T b + b^T a), one triangle, in one pass over c.
func (f fast64) Dsyr2k(ul blas.Uplo, t blas.Transpose, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	if !vectors() || n <= 0 || k <= 0 || alpha == 0 || float64(n)*float64(n)*float64(k) < smallProduct {
		f.Implementation.Dsyr2k(ul, t, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	scaleUnlessZero(part(ul), n, n, beta, c, ldc)
	tr := t != blas.NoTrans
	run64(dgemm{ta: tr, tb: !tr, m: n, n: n, k: k, alpha: alpha, a: a, lda: lda, b: b, ldb: ldb, two: true, c: c, ldc: ldc, add: beta != 0, tri: part(ul)})
}

// Dsymm is c = alpha a b + beta c (or b a) with a symmetric: a is filled up and multiplied as any other matrix.
func (f fast64) Dsymm(side blas.Side, ul blas.Uplo, m, n int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	k := m
	if side == blas.Right {
		k = n
	}
	if !vectors() || m <= 0 || n <= 0 || alpha == 0 || float64(m)*float64(n)*float64(k) < smallProduct {
		f.Implementation.Dsymm(side, ul, m, n, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	w := scratches.Get().(*scratch)
	full := grow64(&w.wide.full, k*k)
	mirror(full, a, lda, k, ul)
	if side == blas.Left {
		f.Dgemm(blas.NoTrans, blas.NoTrans, m, n, k, alpha, full, k, b, ldb, beta, c, ldc)
	} else {
		f.Dgemm(blas.NoTrans, blas.NoTrans, m, n, k, alpha, b, ldb, full, k, beta, c, ldc)
	}
	scratches.Put(w)
}

// mirror writes the symmetric matrix of which a holds one triangle, in blocks that stay in the cache.
func mirror(dst, a []float64, lda, n int, ul blas.Uplo) {
	const blk = 64
	for i0 := 0; i0 < n; i0 += blk {
		for j0 := 0; j0 <= i0; j0 += blk {
			for i := i0; i < min(n, i0+blk); i++ {
				for j := j0; j < min(i+1, j0+blk); j++ {
					v := a[min(i, j)*lda+max(i, j)]
					if ul == blas.Lower {
						v = a[i*lda+j]
					}
					dst[i*n+j], dst[j*n+i] = v, v
				}
			}
		}
	}
}
