package numeric

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// GramFactor returns L (n x rank) with g = L L', where g is symmetric and positive semidefinite, by pivoted Cholesky: what is left below n eps of the largest diagonal
// entry is round-off and is left out.
func GramFactor(g *mat.SymDense) *mat.Dense {
	f := factorise(g, true)
	u := f.inOrder()
	n := g.SymmetricDim()
	l := mat.NewDense(n, max(1, f.rank), nil)
	for i := range f.rank {
		for j := range n {
			l.Set(j, i, u.Data[i*u.Stride+j])
		}
	}
	return l
}

// SymValues are the eigenvalues of s, largest first; s stays as it is.
func SymValues(s *mat.SymDense) []float64 {
	raw := s.RawSymmetric()
	c := blas64.Symmetric{N: raw.N, Stride: raw.Stride, Data: slices.Clone(raw.Data), Uplo: raw.Uplo}
	w := SymEigenvalues(c)
	slices.Reverse(w)
	return w
}

// TopEigen returns the k largest eigenvalues of s, largest first, and their unit vectors in the columns of v (n x k), by Lanczos' method with every vector made orthogonal
// to all before it. Each pair has |s v - l v| of at most 1e-9 of the largest |eigenvalue|. The start is drawn from src.
func TopEigen(ctx context.Context, s *mat.SymDense, k int, src Random) (l []float64, v *mat.Dense, err error) {
	n := s.SymmetricDim()
	if k < 1 || k > n {
		return nil, nil, fmt.Errorf("%d eigenvectors of a %d x %d matrix", k, n, n)
	}
	z := lanczos{s: s.RawSymmetric(), n: n, src: src}
	for steps := min(n, 4*k+40); ; steps = min(n, 2*steps) {
		if err := z.extend(ctx, steps); err != nil {
			return nil, nil, err
		}
		if l, v, ok := z.pairs(k); ok || steps == n {
			return l, v, nil
		}
	}
}

// lanczos holds an orthonormal basis of a Krylov space and the matrix in it.
type lanczos struct {
	s    blas64.Symmetric
	n    int
	src  Random
	q    [][]float64
	a, b []float64 // diagonal and what lies beside it
	next []float64 // what the last product left after projection
}

// extend brings the basis to so many vectors.
func (z *lanczos) extend(ctx context.Context, steps int) error {
	for len(z.q) < steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		norm := math.Sqrt(dot(z.next, z.next))
		if len(z.q) > 0 {
			z.b = append(z.b, norm)
		}
		if len(z.q) == 0 || norm <= 1e-13*z.scale() {
			if len(z.q) > 0 {
				z.b[len(z.b)-1] = 0 // an invariant space: go on from outside it
			}
			z.fresh()
			norm = math.Sqrt(dot(z.next, z.next))
		}
		for i := range z.next {
			z.next[i] /= norm
		}
		v := z.next
		z.q = append(z.q, v)
		w := make([]float64, z.n)
		blas64.Symv(1, z.s, blas64.Vector{N: z.n, Inc: 1, Data: v}, 0, blas64.Vector{N: z.n, Inc: 1, Data: w})
		z.a = append(z.a, dot(v, w))
		z.next = w
		z.project()
	}
	return nil
}

// fresh makes next a random vector outside the basis.
func (z *lanczos) fresh() {
	z.next = make([]float64, z.n)
	for i := range z.next {
		z.next[i] = z.src.Float64() - 0.5
	}
	z.project()
}

// project takes the basis off next, twice: once leaves rounding of the size of what was taken off.
func (z *lanczos) project() {
	for range 2 {
		for _, q := range z.q {
			c := dot(q, z.next)
			for i, x := range q {
				z.next[i] -= c * x
			}
		}
	}
}

func (z *lanczos) scale() float64 {
	top := math.SmallestNonzeroFloat64
	for i, a := range z.a {
		top = max(top, math.Abs(a))
		if i < len(z.b) {
			top = max(top, z.b[i])
		}
	}
	return top
}

// pairs are the k largest Ritz pairs; ok says that their residuals are small.
func (z *lanczos) pairs(k int) (l []float64, v *mat.Dense, ok bool) {
	m := len(z.q)
	t := mat.NewSymDense(m, nil)
	for i, a := range z.a {
		t.SetSym(i, i, a)
		if i+1 < m {
			t.SetSym(i, i+1, z.b[i])
		}
	}
	var e mat.EigenSym
	if !e.Factorize(t, true) {
		return nil, nil, false
	}
	values := e.Values(nil)
	var y mat.Dense
	e.VectorsTo(&y)
	rest := math.Sqrt(dot(z.next, z.next))
	top := max(math.Abs(values[0]), math.Abs(values[m-1]))
	l, v, ok = make([]float64, k), mat.NewDense(z.n, k, nil), m >= k
	for c := range min(k, m) {
		at := m - 1 - c
		l[c] = values[at]
		ok = ok && rest*math.Abs(y.At(m-1, at)) <= 1e-9*top
		for i, q := range z.q {
			w := y.At(i, at)
			for r, x := range q {
				v.Set(r, c, v.At(r, c)+w*x)
			}
		}
	}
	return l, v, ok
}

// Signed returns L' D L for L (n x r) with D = +1 for the first rows and -1 for the others: the matrix of the difference of two covariances in the space that L spans.
func Signed(l *mat.Dense, plus int) *mat.SymDense {
	n, r := l.Dims()
	raw := l.RawMatrix()
	s := mat.NewSymDense(r, nil)
	g := s.RawSymmetric()
	syrk := func(lo, hi int, sign, beta float64) {
		if hi > lo {
			blas64.Syrk(blas.Trans, sign, block(raw, lo, hi, 0, r), beta, g)
		}
	}
	syrk(0, plus, 1, 0)
	syrk(plus, n, -1, 1)
	return s
}
