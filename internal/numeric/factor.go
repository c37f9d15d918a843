package numeric

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// factor is A = P'U'UP with U upper trapezoidal, rank x d: rows of u are the factors.
type factor struct {
	u         blas64.General // rank x d, column j belongs to feature perm[j]
	perm      []int          // nil if the identity
	rank      int
	condition float64 // (largest pivot / smallest kept pivot)^2, an estimate from below; +Inf if rank < d
	pivoted   bool
}

// factorise takes plain Cholesky, and pivoted Cholesky (also if force is set) where a pivot falls under d*eps of the largest variance: what is
// left of such a covariance is round-off.
func factorise(a *mat.SymDense, force bool) factor {
	d := a.SymmetricDim()
	top := 0.0
	for i := range d {
		top = math.Max(top, a.At(i, i))
	}
	cut := float64(d) * eps * top
	if !force {
		t := copyUpper(a)
		if _, ok := lapack64.Potrf(blas64.Symmetric{N: d, Stride: t.Stride, Data: t.Data, Uplo: blas.Upper}); ok {
			if low, high := pivots(t, d); low*low > cut {
				return factor{u: t, rank: d, condition: (high / low) * (high / low)}
			}
		}
	}
	t := copyUpper(a)
	perm := make([]int, d)
	_, rank, _ := lapack64.Pstrf(blas64.Symmetric{N: d, Stride: t.Stride, Data: t.Data, Uplo: blas.Upper}, perm, cut, make([]float64, 2*d))
	if top == 0 {
		rank = 0
	}
	f := factor{u: block(t, 0, rank, 0, d), perm: perm, rank: rank, condition: math.Inf(1), pivoted: rank < d}
	if rank == d {
		low, high := pivots(t, d)
		f.condition = (high / low) * (high / low)
	}
	return f
}

// copyUpper is the upper triangle of a over zeros.
func copyUpper(a *mat.SymDense) blas64.General {
	raw := a.RawSymmetric()
	t := newGeneral(raw.N, raw.N)
	for i := range raw.N {
		copy(t.Data[i*t.Stride+i:(i+1)*t.Stride], raw.Data[i*raw.Stride+i:i*raw.Stride+raw.N])
	}
	return t
}

func pivots(u blas64.General, rank int) (low, high float64) {
	low = math.Inf(1)
	for i := range rank {
		v := u.Data[i*u.Stride+i]
		low, high = math.Min(low, v), math.Max(high, v)
	}
	return low, high
}

// gramPanel is the side of blocks of products: wide enough to run at full speed, narrow enough to skip most of a triangle.
const gramPanel = 256

// crossFactors is FA'FB = UA PA PB' UB', rankA x rankB. Without pivoting only the columns from the diagonal on take part.
func crossFactors(a, b factor) blas64.General {
	w := newGeneral(a.rank, b.rank)
	ua, ub := a.inOrder(), b.inOrder()
	d := ua.Cols
	for i := 0; i < a.rank; i += gramPanel {
		for j := 0; j < b.rank; j += gramPanel {
			ie, je, from := min(i+gramPanel, a.rank), min(j+gramPanel, b.rank), max(i, j)
			if a.perm != nil || b.perm != nil {
				from = 0
			}
			blas64.Gemm(blas.NoTrans, blas.Trans, 1, block(ua, i, ie, from, d), block(ub, j, je, from, d), 0, block(w, i, ie, j, je))
		}
	}
	return w
}

// inOrder is u with its columns in the order of the features.
func (f factor) inOrder() blas64.General {
	if f.perm == nil {
		return f.u
	}
	o := newGeneral(f.u.Rows, f.u.Cols)
	for i := range f.u.Rows {
		for j, p := range f.perm {
			if j >= i { // below the diagonal Pstrf leaves what was there
				o.Data[i*o.Stride+p] = f.u.Data[i*f.u.Stride+j]
			}
		}
	}
	return o
}

// SymEigenvalues are the eigenvalues of s in ascending order; s is overwritten.
func SymEigenvalues(s blas64.Symmetric) []float64 {
	w := make([]float64, s.N)
	scale := ordinary(s)
	defer func() {
		for i := range w {
			w[i] *= scale
		}
	}()
	work := make([]float64, 1)
	lapack64.Syev(lapack.EVNone, s, w, work, -1)
	work = make([]float64, int(work[0]))
	if !lapack64.Syev(lapack.EVNone, s, w, work, len(work)) {
		panic("numeric: eigenvalues of a finite symmetric matrix did not converge")
	}
	return w
}

// ordinary divides s by a power of two, which it returns, where its largest entry is far from 1, and drops entries far below the rounding of the largest: gonum's dsterf
// panics over blocks of numbers whose squares leave the range of floats. Ordinary matrices stay as they are, to the bit.
func ordinary(s blas64.Symmetric) (scale float64) {
	most := 0.0
	for i := range s.N {
		for _, v := range s.Data[i*s.Stride+i : i*s.Stride+s.N] {
			most = max(most, math.Abs(v))
		}
	}
	if most == 0 || math.IsInf(most, 0) || math.IsNaN(most) {
		return 1
	}
	scale = unitOf(most)
	least := math.Ldexp(most, -200)
	for i := range s.N {
		row := s.Data[i*s.Stride+i : i*s.Stride+s.N]
		for j, v := range row {
			if math.Abs(v) < least {
				row[j] = 0
			} else if scale != 1 {
				row[j] = v / scale
			}
		}
	}
	return scale
}

// unitOf is the power of two by which numbers up to most are divided, without rounding, so that their squares stay in the range of floats: 1 where they do as they are.
func unitOf(most float64) float64 {
	if _, exp := math.Frexp(most); exp > 200 || exp < -200 {
		return math.Ldexp(1, exp)
	}
	return 1
}
