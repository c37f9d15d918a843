package kernel

import (
	"math"
	"sync"
)

type rowKind uint8

const (
	rowAffine rowKind = iota
	rowBN
	rowMul
	rowDot
	rowSum
	rowSoftmax
	rowLogSoftmax
	rowBernoulli
	rowBernoulliGrad
)

// rowJob is one call that treats every row of a matrix alike.
type rowJob struct {
	kind       rowKind
	rows, c    int
	per        int
	y, x, z    []float32
	v0, v1, v2 []float32
	alpha      float32
	act        Act
}

var rowJobs = sync.Pool{New: func() any { return new(rowJob) }}

func runRows(r rowJob) {
	if r.rows == 0 || r.c == 0 {
		clear(r.y)
		return
	}
	r.per = max(1, grain/r.c)
	if r.kind >= rowSoftmax {
		r.per = max(1, grain/4/r.c)
	}
	if r.rows <= r.per || Threads() == 1 {
		r.per = r.rows
		r.run(0)
		return
	}
	j := rowJobs.Get().(*rowJob)
	*j = r
	parallel((r.rows+r.per-1)/r.per, j)
	*j = rowJob{}
	rowJobs.Put(j)
}

func (j *rowJob) run(i int) {
	s, c := active, j.c
	r0, r1 := i*j.per, min(j.rows, (i+1)*j.per)
	n := r1 - r0
	x := j.x[r0*c : r1*c]
	switch j.kind {
	case rowAffine:
		y := j.y[r0*c : r1*c]
		s.rowsAffine(n, c, y, x, j.v0, j.v1, j.alpha, j.act.flag(j.alpha))
		if f := j.act.vector(s); f != nil {
			f(y, y)
		}
	case rowBN:
		s.bnBack(n, c, j.y[r0*c:r1*c], x, j.z[r0*c:r1*c], j.v0, j.v1, j.v2)
	case rowMul:
		mulRows(s, c, j.y[r0*c:r1*c], x, j.v0[r0:r1])
	case rowDot:
		z := j.z[r0*c : r1*c]
		for r, o := 0, j.y[r0:r1]; r < n; r++ {
			o[r] = s.dot(x[r*c:r*c+c], z[r*c:r*c+c])
		}
	case rowSum:
		for r, o := 0, j.y[r0:r1]; r < n; r++ {
			o[r] = float32(s.sum(x[r*c : r*c+c]))
		}
	case rowBernoulli:
		bernoulli(s, c, j.y[r0:r1], x, j.z[r0*c:r1*c])
	case rowBernoulliGrad:
		bernoulliGrad(s, c, j.y[r0*c:r1*c], x, j.z[r0*c:r1*c], j.v0[r0:r1])
	default:
		softmax(s, c, j.y[r0*c:r1*c], x, j.kind == rowLogSoftmax)
	}
}

// RowsAffine sets y[r,k] = act(x[r,k]*scale[k] + shift[k]): batch norm with known statistics, and its activation.
func RowsAffine(rows, c int, y, x, scale, shift []float32, alpha float32, act Act) {
	runRows(rowJob{kind: rowAffine, rows: rows, c: c, y: y[:rows*c], x: x[:rows*c], v0: scale[:c], v1: shift[:c], alpha: alpha, act: act})
}

// BNBackward sets dx[r,k] = a[k]*g[r,k] + b[k]*x[r,k] + d[k], the form every batch-norm input gradient takes.
func BNBackward(rows, c int, dx, g, x, a, b, d []float32) {
	runRows(rowJob{kind: rowBN, rows: rows, c: c, y: dx[:rows*c], x: g[:rows*c], z: x[:rows*c], v0: a[:c], v1: b[:c], v2: d[:c]})
}

// MulRows sets y[r,k] = x[r,k]*v[r]: row r times a number of its own.
func MulRows(rows, c int, y, x, v []float32) {
	runRows(rowJob{kind: rowMul, rows: rows, c: c, y: y[:rows*c], x: x[:rows*c], v0: v[:rows]})
}

func mulRows(s *set, c int, y, x, v []float32) {
	if c == 1 {
		s.mul(y, x, v)
		return
	}
	for r, a := range v {
		if o := y[r*c : r*c+c]; c >= 16 {
			s.axpb(o, x[r*c:r*c+c], a, 0)
		} else {
			for k, w := range x[r*c : r*c+c] {
				o[k] = a * w
			}
		}
	}
}

// AddRow sets y[r,k] = x[r,k] + v[k]: the same row added to every row.
func AddRow(rows, c int, y, x, v []float32) {
	one := ones(c)
	RowsAffine(rows, c, y, x, one, v[:c], 0, ActNone)
}

// Softmax sets each row of y to exp(x - max)/sum exp(x - max).
func Softmax(rows, c int, y, x []float32) {
	runRows(rowJob{kind: rowSoftmax, rows: rows, c: c, y: y[:rows*c], x: x[:rows*c]})
}

// LogSoftmax sets each row of y to x - max - log(sum exp(x - max)).
func LogSoftmax(rows, c int, y, x []float32) {
	runRows(rowJob{kind: rowLogSoftmax, rows: rows, c: c, y: y[:rows*c], x: x[:rows*c]})
}

func softmax(s *set, c int, y, x []float32, logs bool) {
	w := scratches.Get().(*scratch)
	e := y // the exponentials go to y itself, unless the shifted logits are still needed there
	if logs {
		e = grow(&w.a, len(y))
	}
	tmp := grow(&w.b, c/2+1)
	for r := 0; r < len(x); r += c {
		row := x[r : r+c]
		m := largest(s, tmp, row)
		if math.IsInf(float64(m), -1) { // a row of -Inf has no distribution: NaN, as 0/0
			m = float32(math.NaN())
		}
		s.axpb(y[r:r+c], row, 1, -m) // one times a number plus another one rounds once, as the difference does
	}
	s.exp(e, y)
	for r := 0; r < len(y); r += c {
		t := s.sum(e[r : r+c])
		if logs {
			s.axpb(y[r:r+c], y[r:r+c], 1, -float32(math.Log(t)))
		} else {
			s.axpb(y[r:r+c], y[r:r+c], float32(1/t), 0)
		}
	}
	scratches.Put(w)
}

// largest is the largest number of x, by halves in tmp, which is half as long at least. Whether a NaN wins does not matter: it spoils the sum of exponentials.
func largest(s *set, tmp, x []float32) float32 {
	for len(x) >= 32 {
		h := (len(x) + 1) / 2
		s.max(tmp[:h], x[:h], x[len(x)-h:])
		x = tmp[:h]
	}
	m := x[0]
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m
}
