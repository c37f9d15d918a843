package numeric

import (
	"context"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/kernel"
)

// pairSide is one side of all scalar products of rows, in float32 or float64. What a centre took off the rows comes back by an offset, itself in float64:
//
//	x.y = (x-c).(y-c) + offset(x) + offset(y),  offset(x) = c.(x-c) + c.c/2
type pairSide[T float32 | float64] struct {
	n, d   int
	x      []T       // n x d
	offset []float64 // zeros where nothing was taken off
	square []float64 // x.x
}

// asIs is x in float64, not copied where its rows are contiguous.
func asIs(x *mat.Dense) *pairSide[float64] {
	n, d := x.Dims()
	raw := x.RawMatrix()
	s := &pairSide[float64]{n: n, d: d, x: raw.Data, offset: make([]float64, n), square: squares(x)}
	if raw.Stride != d {
		s.x = mat.DenseCopyOf(x).RawMatrix().Data
	}
	return s
}

// centred is x less a centre, rounded to float32.
func centred(x *mat.Dense, centre []float64) *pairSide[float32] {
	n, d := x.Dims()
	s := &pairSide[float32]{n: n, d: d, x: make([]float32, n*d), offset: make([]float64, n), square: squares(x)}
	half := 0.0
	for _, c := range centre {
		half += c * c / 2
	}
	kernel.Par(n, func(i int) {
		dst, t := s.x[i*d:(i+1)*d], 0.0
		for j, v := range x.RawRowView(i) {
			v -= centre[j]
			t += centre[j] * v
			dst[j] = float32(v)
		}
		s.offset[i] = t + half
	})
	return s
}

func squares(x *mat.Dense) []float64 {
	n, d := x.Dims()
	s := make([]float64, n)
	kernel.Par(n, func(i int) {
		v := blas64.Vector{N: d, Inc: 1, Data: x.RawRowView(i)}
		s[i] = blas64.Dot(v, v)
	})
	return s
}

// gather makes s the rows of from with the given numbers, in storage that it keeps.
func (s *pairSide[T]) gather(from *pairSide[T], rows []int) {
	s.n, s.d = len(rows), from.d
	if need := s.n * s.d; cap(s.x) < need {
		s.x = make([]T, need)
	}
	s.x, s.offset = s.x[:s.n*s.d], s.offset[:0]
	kernel.Par(s.n, func(i int) { copy(s.x[i*s.d:(i+1)*s.d], from.x[rows[i]*s.d:]) })
	for _, r := range rows {
		s.offset = append(s.offset, from.offset[r])
	}
}

// panelRows is how many rows are multiplied with all others at a time.
const panelRows = 1024

// pairPanels goes through all pairs of rows in panels of panelRows rows; it keeps their storage.
type pairPanels[T float32 | float64] struct{ dots []T }

// visit calls f for every row of a with its products with rows j0, j0+1, ... of b: with those after it where b is a, with all of them elsewhere.
// Calls may be made at once. f may change the products.
func (p *pairPanels[T]) visit(ctx context.Context, a, b *pairSide[T], f func(i, j0 int, dots []T)) error {
	for lo := 0; lo < a.n; lo += panelRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows, from := min(panelRows, a.n-lo), 0
		if a == b {
			from = lo
		}
		ld := b.n - from
		if cap(p.dots) < rows*ld {
			p.dots = make([]T, rows*ld)
		}
		c := p.dots[:rows*ld]
		if a == b {
			products(rows, rows, a.d, a.x[lo*a.d:], nil, c, ld)
			if rest := ld - rows; rest > 0 {
				products(rows, rest, a.d, a.x[lo*a.d:], a.x[(lo+rows)*a.d:], c[rows:], ld)
			}
		} else {
			products(rows, ld, a.d, a.x[lo*a.d:], b.x, c, ld)
		}
		kernel.Par(rows, func(r int) {
			j0 := from
			if a == b {
				j0 = lo + r + 1
			}
			f(lo+r, j0, c[r*ld+j0-from:(r+1)*ld])
		})
	}
	return nil
}

// products are those of m rows of a with n rows of b; without b those of the rows of a with each other, of which the part above the diagonal counts.
func products[T float32 | float64](m, n, d int, a, b, c []T, ld int) {
	switch a := any(a).(type) {
	case []float32:
		b, c := any(b).([]float32), any(c).([]float32)
		if b == nil {
			kernel.Syrk(m, d, a, d, c, ld)
			return
		}
		kernel.Gemm(false, true, m, n, d, a, d, b, d, c, ld, kernel.Epilogue{})
	case []float64:
		b, c := any(b).([]float64), any(c).([]float64)
		if b == nil {
			blas64.Syrk(blas.NoTrans, 1, blas64.General{Rows: m, Cols: d, Stride: d, Data: a}, 0, blas64.Symmetric{N: m, Stride: ld, Data: c, Uplo: blas.Upper})
			return
		}
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, blas64.General{Rows: m, Cols: d, Stride: d, Data: a},
			blas64.General{Rows: n, Cols: d, Stride: d, Data: b}, 0, blas64.General{Rows: m, Cols: n, Stride: ld, Data: c})
	}
}
