package kernel

import "gonum.org/v1/gonum/blas"

const (
	triBase  = 32  // size of a triangle left to gonum
	triChunk = 128 // independent rows or columns of one item
)

// effective says whether op(a) is a lower triangle.
func effective(ul blas.Uplo, t blas.Transpose) (lower bool) {
	return (ul == blas.Lower) == (t == blas.NoTrans)
}

// tri is one call of Dtrsm or Dtrmm. Columns of b are independent if a stands left of it, rows if right; chunks of them are the items.
type tri struct {
	f     fast64
	side  blas.Side
	ul    blas.Uplo
	t     blas.Transpose
	d     blas.Diag
	m, n  int
	alpha float64
	a, b  []float64
	lda   int
	ldb   int
	solve bool
}

func (j *tri) run(i int) {
	k := *j
	if k.side == blas.Left {
		lo := i * triChunk
		k.n = min(triChunk, j.n-lo)
		k.b = j.b[lo:]
	} else {
		lo := i * triChunk
		k.m = min(triChunk, j.m-lo)
		k.b = j.b[lo*j.ldb:]
	}
	size := k.n
	if k.side == blas.Left {
		size = k.m
	}
	k.recurse(0, size, k.alpha)
}

func (j *tri) all() {
	n := j.n
	if j.side == blas.Right {
		n = j.m
	}
	parallel((n+triChunk-1)/triChunk, j)
}

// block is the slice of a from (r, c) on, for op(a): transposed storage exchanges the indices.
func (j *tri) block(r, c int) []float64 {
	if j.t != blas.NoTrans {
		r, c = c, r
	}
	return j.a[r*j.lda+c:]
}

// rows is the slice of b from index i of the triangle's dimension on.
func (j *tri) rows(i int) []float64 {
	if j.side == blas.Left {
		return j.b[i*j.ldb:]
	}
	return j.b[i:]
}

// recurse works on indices [i, i+n) of the triangle.
func (j *tri) recurse(i, n int, alpha float64) {
	if n <= triBase {
		m, c := n, j.n
		if j.side == blas.Right {
			m, c = j.m, n
		}
		a := j.a[i*j.lda+i:]
		if j.solve {
			j.f.Implementation.Dtrsm(j.side, j.ul, j.t, j.d, m, c, alpha, a, j.lda, j.rows(i), j.ldb)
		} else {
			j.f.Implementation.Dtrmm(j.side, j.ul, j.t, j.d, m, c, alpha, a, j.lda, j.rows(i), j.ldb)
		}
		return
	}
	h := n / 2
	lower := effective(j.ul, j.t)
	firstHalf := lower == (j.side == blas.Left) // a solution starts where one unknown stands alone
	p, pn, q, qn := i, h, i+h, n-h
	if !firstHalf {
		p, pn, q, qn = q, qn, p, pn
	}
	if j.solve {
		j.recurse(p, pn, alpha)
		j.update(p, pn, q, qn, -1, alpha) // b_q = alpha b_q - a_qp b_p
		j.recurse(q, qn, 1)
		return
	}
	j.recurse(q, qn, alpha)
	j.update(p, pn, q, qn, alpha, 1) // b_q = a_qq b_q + alpha a_qp b_p
	j.recurse(p, pn, alpha)
}

// update is b_q = beta b_q + s op(a)_qp b_p (from the right: b_p op(a)_pq).
func (j *tri) update(p, pn, q, qn int, s, beta float64) {
	if j.side == blas.Left {
		j.f.Dgemm(j.t, blas.NoTrans, qn, j.n, pn, s, j.block(q, p), j.lda, j.rows(p), j.ldb, beta, j.rows(q), j.ldb)
		return
	}
	j.f.Dgemm(blas.NoTrans, j.t, j.m, qn, pn, s, j.rows(p), j.ldb, j.block(p, q), j.lda, beta, j.rows(q), j.ldb)
}

// Dtrsm solves op(a) x = alpha b or x op(a) = alpha b for a triangular a; x replaces b.
func (f fast64) Dtrsm(side blas.Side, ul blas.Uplo, t blas.Transpose, d blas.Diag, m, n int, alpha float64, a []float64, lda int, b []float64, ldb int) {
	if !f.worth(side, m, n, alpha) {
		f.Implementation.Dtrsm(side, ul, t, d, m, n, alpha, a, lda, b, ldb)
		return
	}
	(&tri{f, side, ul, t, d, m, n, alpha, a, b, lda, ldb, true}).all()
}

// Dtrmm is b = alpha op(a) b or alpha b op(a) for a triangular a.
func (f fast64) Dtrmm(side blas.Side, ul blas.Uplo, t blas.Transpose, d blas.Diag, m, n int, alpha float64, a []float64, lda int, b []float64, ldb int) {
	if !f.worth(side, m, n, alpha) {
		f.Implementation.Dtrmm(side, ul, t, d, m, n, alpha, a, lda, b, ldb)
		return
	}
	(&tri{f, side, ul, t, d, m, n, alpha, a, b, lda, ldb, false}).all()
}

func (f fast64) worth(side blas.Side, m, n int, alpha float64) bool {
	size := n
	if side == blas.Left {
		size = m
	}
	return vectors() && size > triBase && alpha != 0 && float64(m)*float64(n)*float64(size) >= smallProduct
}
