package kernel

import (
	"fmt"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"
)

func BenchmarkDgemm(b *testing.B) {
	for _, n := range []int{256, 1024, 2048} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			benchThreads(b, func(b *testing.B, th int) {
				r := source(1)
				x, y, z := rand64(n*n, r), rand64(n*n, r), make([]float64, n*n)
				f := BLAS64()
				for b.Loop() {
					f.Dgemm(blas.NoTrans, blas.NoTrans, n, n, n, 1, x, n, y, n, 0, z, n)
				}
				flops(b, 2*float64(n)*float64(n)*float64(n), 8, th)
			})
		})
	}
}

func BenchmarkDsyrkCovariance(b *testing.B) {
	const n, k = 2048, 10000
	benchThreads(b, func(b *testing.B, th int) {
		x, z := rand64(n*k, source(1)), make([]float64, n*n)
		f := BLAS64()
		for b.Loop() {
			f.Dsyrk(blas.Upper, blas.Trans, n, k, 1, x, n, 0, z, n)
		}
		flops(b, float64(n)*float64(n)*float64(k), 8, th)
	})
}

func BenchmarkDsymv(b *testing.B) {
	for _, n := range []int{512, 2048} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			benchThreads(b, func(b *testing.B, th int) {
				r := source(1)
				a, x, y := rand64(n*n, r), rand64(n, r), rand64(n, r)
				f := BLAS64()
				for b.Loop() {
					f.Dsymv(blas.Lower, n, 1, a, n, x, 1, 0, y, 1)
				}
				flops(b, 2*float64(n)*float64(n), 8, th)
			})
		})
	}
}

// The linear algebra of a Frechet distance: Cholesky of one covariance, L^T S L, its eigenvalues.
func BenchmarkFrechet(b *testing.B) {
	const d = 2048
	r := source(1)
	x := rand64(d*(d+200), r)
	spd := make([]float64, d*d)
	was := blas64.Implementation()
	defer blas64.Use(was)
	blas64.Use(BLAS64())
	SetThreads(2)
	BLAS64().Dsyrk(blas.Lower, blas.NoTrans, d, d+200, 1./d, x, d+200, 0, spd, d)
	mirror(spd, append([]float64(nil), spd...), d, d, blas.Lower)
	benchThreads(b, func(b *testing.B, th int) {
		l, m := make([]float64, d*d), make([]float64, d*d)
		w, work := make([]float64, d), make([]float64, 64*d)
		for b.Loop() {
			copy(l, spd)
			copy(m, spd)
			tri, ok := lapack64.Potrf(blas64.Symmetric{N: d, Stride: d, Data: l, Uplo: blas.Lower})
			if !ok {
				b.Fatal("not positive definite")
			}
			g := blas64.General{Rows: d, Cols: d, Stride: d, Data: m}
			blas64.Trmm(blas.Left, blas.Trans, 1, tri, g)
			blas64.Trmm(blas.Right, blas.NoTrans, 1, tri, g)
			if !lapack64.Syev(lapack.EVNone, blas64.Symmetric{N: d, Stride: d, Data: m, Uplo: blas.Lower}, w, work, len(work)) {
				b.Fatal("no convergence")
			}
		}
	})
}
