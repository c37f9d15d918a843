package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// tolBLAS bounds the difference of two summation orders of up to 300 numbers near 1.
const tolBLAS = 1e-11

func rand64(n int, r *rand.Rand) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.Float64()*2 - 1
	}
	return x
}

// agree runs f with gonum's BLAS and with ours, for 1, 2 and 7 threads, on copies of out, and compares all of it:
// an element outside the result must stay as it was.
func agree(t *testing.T, what string, out []float64, f func(b blas.Float64, out []float64)) {
	t.Helper()
	want := append([]float64(nil), out...)
	f(gonum.Implementation{}, want)
	var first []float64
	was := cache
	defer func() { cache = was }()
	for i, th := range []int{1, 2, 7, 1, 2, 7} {
		got := append([]float64(nil), out...)
		SetThreads(th)
		if i >= 3 { // another machine
			cache = otherCaches[th%len(otherCaches)]
		}
		f(BLAS64(), got)
		SetThreads(1)
		if first == nil {
			first = got
		}
		for i := range want {
			if !(math.Abs(got[i]-want[i]) <= tolBLAS*math.Max(1, math.Abs(want[i]))) {
				t.Fatalf("%s: at %d got %v want %v", what, i, got[i], want[i])
			}
			if got[i] != first[i] {
				t.Fatalf("%s: %d threads: at %d got %v, 1 thread %v", what, th, i, got[i], first[i])
			}
		}
	}
}

func pick[T any](r *rand.Rand, v ...T) T { return v[r.IntN(len(v))] }

func TestBLAS64Level3(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(31)
		n := 60
		if testing.Short() {
			n = 15
		}
		for range n {
			checkLevel3(t, r)
		}
	})
}

func FuzzBLAS64(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		eachSet(t, func(t *testing.T, _ *set) { checkLevel3(t, source(seed)) })
	})
}

// checkLevel3 holds every product of matrices of one random shape against gonum's.
func checkLevel3(t *testing.T, r *rand.Rand) {
	t.Helper()
	m, n, k := 1+r.IntN(150), 1+r.IntN(150), 1+r.IntN(300)
	if r.IntN(5) == 0 {
		n = 180 + r.IntN(200) // more columns than one cache block
	}
	alpha, beta := pick(r, 1, -1, 0.7), pick(r, 0, 1, 0.3)
	pad := r.IntN(4)
	ta, tb := pick(r, blas.NoTrans, blas.Trans), pick(r, blas.NoTrans, blas.Trans)
	ul, d, side := pick(r, blas.Upper, blas.Lower), pick(r, blas.Unit, blas.NonUnit), pick(r, blas.Left, blas.Right)
	mk := max(m, n, k) + pad
	a, b, c := rand64(mk*mk, r), rand64(mk*mk, r), rand64(mk*mk, r)
	agree(t, shape("gemm ", m, n, k, ta, tb), c, func(f blas.Float64, c []float64) {
		f.Dgemm(ta, tb, m, n, k, alpha, a, mk, b, mk, beta, c, mk)
	})
	agree(t, shape("syrk ", n, k, ul, ta), c, func(f blas.Float64, c []float64) {
		f.Dsyrk(ul, ta, n, k, alpha, a, mk, beta, c, mk)
	})
	agree(t, shape("syr2k ", n, k, ul, ta), c, func(f blas.Float64, c []float64) {
		f.Dsyr2k(ul, ta, n, k, alpha, a, mk, b, mk, beta, c, mk)
	})
	agree(t, shape("symm ", m, n, side, ul), c, func(f blas.Float64, c []float64) {
		f.Dsymm(side, ul, m, n, alpha, a, mk, b, mk, beta, c, mk)
	})
	agree(t, shape("trmm ", m, n, side, ul, ta, d), c, func(f blas.Float64, c []float64) {
		f.Dtrmm(side, ul, ta, d, m, n, alpha, a, mk, c, mk)
	})
	for i := range mk { // a well-conditioned triangle
		for j := range mk {
			a[i*mk+j] /= float64(mk)
		}
		a[i*mk+i] = 1 + r.Float64()
	}
	agree(t, shape("trsm ", m, n, side, ul, ta, d), c, func(f blas.Float64, c []float64) {
		f.Dtrsm(side, ul, ta, d, m, n, alpha, a, mk, c, mk)
	})
}

func TestBLAS64Level12(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(32)
		for _, n := range []int{0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 64, 100, 257, 700, 1100} {
			m := 1 + r.IntN(2*n+1)
			lda := max(1, n) + r.IntN(3)
			big := max(m, n, 1)
			a, x, y := rand64(big*(big+3), r), rand64(3*big, r), rand64(3*big, r)
			ld := max(lda, big)
			alpha, beta := pick(r, 1, -0.5), pick(r, 0, 1, 0.3)
			inc := 1 + r.IntN(3)
			ul := pick(r, blas.Upper, blas.Lower)
			agree(t, shape("dot ", n), y, func(f blas.Float64, y []float64) { y[0] = f.Ddot(n, x, 1, y, 1) })
			agree(t, shape("axpy ", n), y, func(f blas.Float64, y []float64) { f.Daxpy(n, alpha, x, 1, y, 1) })
			agree(t, shape("symv ", n, ul, inc), y, func(f blas.Float64, y []float64) {
				f.Dsymv(ul, n, alpha, a, ld, x, inc, beta, y, inc)
			})
			for _, tr := range []blas.Transpose{blas.NoTrans, blas.Trans} {
				agree(t, shape("gemv ", m, n, tr, inc), y, func(f blas.Float64, y []float64) {
					ix, iy, out := 1, 1, n
					if tr == blas.NoTrans {
						iy, out = inc, m
					} else {
						ix = inc
					}
					y = y[:max(0, (out-1)*iy+1)] // without its assembly gonum clears all of y
					f.Dgemv(tr, m, n, alpha, a, ld, x, ix, beta, y, iy)
				})
			}
			agree(t, shape("ger ", m, n), a, func(f blas.Float64, a []float64) { f.Dger(m, n, alpha, x, 1, y, 1, a, ld) })
		}
	})
}
