package kernel

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/blas"
)

// Ddot is the scalar product of n elements of x and y.
func (f fast64) Ddot(n int, x []float64, incX int, y []float64, incY int) float64 {
	if !vectors() || n < 8 || incX != 1 || incY != 1 {
		return f.Implementation.Ddot(n, x, incX, y, incY)
	}
	x, y = x[:n], y[:n]
	return active.f64.dot(n, &x[0], &y[0])
}

// Daxpy is y = y + alpha x.
func (f fast64) Daxpy(n int, alpha float64, x []float64, incX int, y []float64, incY int) {
	if !vectors() || n < 8 || incX != 1 || incY != 1 || alpha == 0 {
		f.Implementation.Daxpy(n, alpha, x, incX, y, incY)
		return
	}
	x, y = x[:n], y[:n]
	active.f64.axpy(n, alpha, &x[0], &y[0])
}

// Dger is a = a + alpha x y^T.
func (f fast64) Dger(m, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	if !vectors() || m <= 0 || n < 16 || incX != 1 || incY != 1 || alpha == 0 {
		f.Implementation.Dger(m, n, alpha, x, incX, y, incY, a, lda)
		return
	}
	x, y = x[:m], y[:n]
	a = a[:(m-1)*lda+n]
	for i, v := range x {
		active.f64.axpy(n, alpha*v, &y[0], &a[i*lda])
	}
}

// dmv is one matrix-vector product: items are rows, columns, or parts of a triangle.
type dmv struct {
	kind       uint8
	m, n       int
	lda        int
	alpha      float64
	a, x, y, t []float64
	parts, per int
	upper      bool
}

const (
	mvRows uint8 = iota
	mvColumns
	mvTriangle
)

var dmvs = sync.Pool{New: func() any { return new(dmv) }}

func (j *dmv) run(i int) {
	w := scratches.Get().(*scratch)
	switch j.kind {
	case mvRows:
		j.rows(w, i*j.per, min(j.m, (i+1)*j.per))
	case mvColumns:
		j.columns(w, i*j.per, min(j.n, (i+1)*j.per))
	default:
		j.triangle(w, i)
	}
	scratches.Put(w)
}

// Dgemv is y = alpha op(a) x + beta y.
func (f fast64) Dgemv(t blas.Transpose, m, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	trans := t != blas.NoTrans
	if !vectors() || m < 4 || n < 4 || m*n < 256 || incX != 1 && !trans || incY != 1 && trans || alpha == 0 {
		f.Implementation.Dgemv(t, m, n, alpha, a, lda, x, incX, beta, y, incY)
		return
	}
	j := dmvs.Get().(*dmv)
	lx, ly := n, m
	if trans {
		lx, ly = m, n
	}
	keep := j.t
	*j = dmv{m: m, n: n, lda: lda, alpha: alpha, a: a[:(m-1)*lda+n], t: keep}
	tmp := grow64(&j.t, lx+ly)
	j.x, j.y = tmp[:lx], tmp[lx:lx+ly]
	for i := range j.x {
		j.x[i] = x[i*incX]
	}
	for i := range j.y {
		switch beta {
		case 0:
			j.y[i] = 0
		default:
			j.y[i] = beta * y[i*incY]
		}
	}
	var items int
	if trans {
		j.kind, j.per = mvColumns, 512
		items = (n + j.per - 1) / j.per
	} else {
		j.kind, j.per = mvRows, max(4, 1<<15/n/4*4)
		items = (m + j.per - 1) / j.per
	}
	parallel(items, j)
	for i, v := range j.y {
		y[i*incY] = v
	}
	j.a, j.x, j.y = nil, nil, nil
	dmvs.Put(j)
}

func (j *dmv) rows(w *scratch, lo, hi int) {
	s, out := &active.f64, &w.wide.out
	i := lo
	for ; i+4 <= hi; i += 4 {
		s.dot4(j.n, &j.a[i*j.lda], j.lda, &j.x[0], nil, nil, out)
		for q, v := range out {
			j.y[i+q] += j.alpha * v
		}
	}
	for ; i < hi; i++ {
		j.y[i] += j.alpha * s.dot(j.n, &j.a[i*j.lda], &j.x[0])
	}
}

func (j *dmv) columns(w *scratch, lo, hi int) {
	s, f := &active.f64, &w.wide.f
	i := 0
	for ; i+4 <= j.m; i += 4 {
		for q := range f {
			f[q] = j.alpha * j.x[i+q]
		}
		s.axpy4(hi-lo, &j.a[i*j.lda+lo], j.lda, nil, &j.y[lo], f, nil)
	}
	for ; i < j.m; i++ {
		s.axpy(hi-lo, j.alpha*j.x[i], &j.a[i*j.lda+lo], &j.y[lo])
	}
}

// Dsymv is y = alpha a x + beta y with a symmetric, of which one triangle is stored. It reads that triangle once.
func (f fast64) Dsymv(ul blas.Uplo, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	if !vectors() || n < 16 || alpha == 0 {
		f.Implementation.Dsymv(ul, n, alpha, a, lda, x, incX, beta, y, incY)
		return
	}
	j := dmvs.Get().(*dmv)
	keep := j.t
	*j = dmv{kind: mvTriangle, m: n, n: n, lda: lda, alpha: alpha, a: a[:(n-1)*lda+n], t: keep, upper: ul == blas.Upper, parts: 1}
	switch { // by size alone: each part has sums of its own
	case n >= 1024:
		j.parts = 8
	case n >= 256:
		j.parts = 4
	}
	tmp := grow64(&j.t, (1+j.parts)*n)
	j.x, j.y = tmp[:n], tmp[n:]
	for i := range j.x {
		j.x[i] = x[i*incX]
	}
	if n < 512 { // a few microseconds: not worth waking anybody
		inline(j.parts, j)
	} else {
		parallel(j.parts, j)
	}
	for i := range n {
		s := 0.0
		for p := range j.parts {
			s += j.y[p*n+i]
		}
		if beta == 0 {
			y[i*incY] = alpha * s
		} else {
			y[i*incY] = beta*y[i*incY] + alpha*s
		}
	}
	j.a, j.x, j.y = nil, nil, nil
	dmvs.Put(j)
}

// triangle does the rows of part p: the parts hold about equally many elements.
func (j *dmv) triangle(w *scratch, p int) {
	y := j.y[p*j.n : (p+1)*j.n]
	clear(y)
	lo, hi := j.border(p), j.border(p+1)
	i := lo
	for ; i+4 <= hi; i += 4 {
		j.fourRows(w, y, i)
	}
	for ; i < hi; i++ {
		j.corner(y, i, i, i+1)
		c, k := 0, i
		if j.upper {
			c, k = i+1, j.n-i-1
		}
		if k > 0 {
			r := &j.a[i*j.lda+c]
			y[i] += active.f64.dot(k, r, &j.x[c])
			active.f64.axpy(k, j.x[i], r, &y[c])
		}
	}
}

// border is the first row of part p.
func (j *dmv) border(p int) int {
	if p == j.parts {
		return j.n
	}
	s := math.Sqrt(float64(p) / float64(j.parts))
	if j.upper {
		s = 1 - math.Sqrt(1-float64(p)/float64(j.parts))
	}
	return int(s*float64(j.n)) &^ 3
}

func (j *dmv) fourRows(w *scratch, y []float64, i int) {
	for r := i; r < i+4; r++ {
		if j.upper {
			j.corner(y, r, r, i+4)
		} else {
			j.corner(y, r, i, r+1)
		}
	}
	c, k := 0, i
	if j.upper {
		c, k = i+4, j.n-i-4
	}
	if k == 0 {
		return
	}
	f, out := &w.wide.f, &w.wide.out
	copy(f[:], j.x[i:i+4])
	active.f64.symv4(k, &j.a[i*j.lda+c], j.lda, &j.x[c], &y[c], f, out)
	for q, v := range out {
		y[i+q] += v
	}
}

// corner adds columns [c0, c1) of row r, next to the diagonal.
func (j *dmv) corner(y []float64, r, c0, c1 int) {
	for c := c0; c < c1; c++ {
		v := j.a[r*j.lda+c]
		y[r] += v * j.x[c]
		if c != r {
			y[c] += v * j.x[r]
		}
	}
}
