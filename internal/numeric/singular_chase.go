package numeric

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/gonum"

	"github.com/assay-gan/assay/internal/kernel"
)

// band is an upper band matrix of n columns with b diagonals above the main one, and room for what chasing them away fills in: b-1 below the main one, and as many more
// above the band.
type band struct {
	n, b, stride int
	data         []float64
}

func newBand(a blas64.General, b int) *band {
	s := &band{n: a.Cols, b: b, stride: 3 * b}
	s.data = make([]float64, s.n*s.stride)
	for i := range s.n {
		hi := min(i+b+1, s.n)
		copy(s.data[s.at(i, i):], a.Data[i*a.Stride+i:i*a.Stride+hi])
	}
	return s
}

// at is where element (i, j) lies, i-b < j < i+2b.
func (s *band) at(i, j int) int { return i*s.stride + j - i + s.b - 1 }

// block is rows i0 to i1-1 of columns j0 to j1-1: a step from one row to the next is one element shorter than a row of storage.
func (s *band) block(i0, i1, j0, j1 int) blas64.General {
	return blas64.General{Rows: i1 - i0, Cols: j1 - j0, Stride: s.stride - 1, Data: s.data[s.at(i0, j0):]}
}

// chase makes the band bidiagonal and returns its singular values, largest first. Sweep s clears row s and what that fills in, in steps that go down the diagonal; step j
// of a sweep may go ahead when the sweep before has ended step j+2, as they touch nothing in common then. So the steps of one round are independent, and in which order
// they are made changes no bit.
func (s *band) chase() []float64 {
	if kernel.Threads() == 1 {
		w := newChaser(s)
		for sweep := range s.n - 1 {
			for j := range s.steps(sweep) {
				w.step(sweep, j)
			}
		}
		return s.values()
	}
	chasers := make([]chaser, s.steps(0)/3+1)
	for i := range chasers {
		chasers[i] = newChaser(s)
	}
	first := 0
	for round := 0; first < s.n-1; round++ {
		for first < s.n-1 && round-3*first >= s.steps(first) {
			first++
		}
		last := min(round/3, s.n-2) // sweeps end in their order: from first on none has
		kernel.Par(last-first+1, func(i int) { chasers[i].step(first+i, round-3*(first+i)) })
	}
	return s.values()
}

// steps is how many blocks of columns lie right of column sweep.
func (s *band) steps(sweep int) int { return (s.n - sweep - 1 + s.b - 1) / s.b }

// chaser makes steps; it holds their scratch.
type chaser struct {
	*band
	v, w []float64
}

func newChaser(s *band) chaser {
	return chaser{band: s, v: make([]float64, s.b), w: make([]float64, 2*s.b)}
}

// step j clears the row that sticks out of block j of columns but for its first element, from the right, and then the first column of the block that this has filled in
// below the diagonal, from the left. That fills in block j+1, of which the next step clears a row.
func (c chaser) step(sweep, j int) {
	lo := sweep + 1 + j*c.b
	hi, next := min(lo+c.b, c.n), min(lo+2*c.b, c.n)
	row := max(lo-c.b, sweep)
	if tau := c.reflector(c.data[c.at(row, lo):c.at(row, lo)+hi-lo], 1); tau != 0 {
		c.fromRight(tau, c.block(row+1, hi, lo, hi))
	}
	if hi-lo < 2 {
		return
	}
	column := c.data[c.at(lo, lo) : c.at(hi-1, lo)+1]
	if tau := c.reflector(column, c.stride-1); tau != 0 && next-lo > 1 {
		c.fromLeft(tau, c.block(lo, hi, lo+1, next))
	}
}

// reflector makes v and tau with (I - tau v v') x = (beta, 0, ..., 0), and x that.
func (c chaser) reflector(x []float64, inc int) (tau float64) {
	n := (len(x) + inc - 1) / inc
	for i := 1; i < n; i++ {
		c.v[i] = x[i*inc]
		x[i*inc] = 0
	}
	x[0], tau = gonum.Implementation{}.Dlarfg(n, x[0], c.v[1:], 1)
	c.v[0] = 1
	return tau
}

func (c chaser) fromRight(tau float64, a blas64.General) {
	v, w := blas64.Vector{N: a.Cols, Inc: 1, Data: c.v}, blas64.Vector{N: a.Rows, Inc: 1, Data: c.w}
	blas64.Gemv(blas.NoTrans, 1, a, v, 0, w)
	blas64.Ger(-tau, w, v, a)
}

func (c chaser) fromLeft(tau float64, a blas64.General) {
	v, w := blas64.Vector{N: a.Rows, Inc: 1, Data: c.v}, blas64.Vector{N: a.Cols, Inc: 1, Data: c.w}
	blas64.Gemv(blas.Trans, 1, a, v, 0, w)
	blas64.Ger(-tau, v, w, a)
}

// values are the singular values of the two diagonals that are left.
func (s *band) values() []float64 {
	d, e := make([]float64, s.n), make([]float64, s.n)
	for i := range d {
		d[i] = s.data[s.at(i, i)]
		if i+1 < s.n {
			e[i] = s.data[s.at(i, i+1)]
		}
	}
	if (gonum.Implementation{}).Dlasq1(s.n, d, e, make([]float64, 4*s.n)) != 0 {
		panic("numeric: singular values of finite numbers did not converge")
	}
	return d
}
