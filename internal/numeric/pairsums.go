package numeric

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/kernel"
)

// Rows is a set of rows that need not be in memory at once.
type Rows interface {
	Dims() (n, d int)
	// Block returns rows lo..hi-1. What it returns must stay as it is until the call after the next.
	Block(lo, hi int) (*mat.Dense, error)
}

// InMemory is a matrix as Rows.
type InMemory struct{ X *mat.Dense }

// Dims implements Rows.
func (m InMemory) Dims() (n, d int) { return m.X.Dims() }

// Block implements Rows; it copies nothing.
func (m InMemory) Block(lo, hi int) (*mat.Dense, error) {
	_, d := m.X.Dims()
	return m.X.Slice(lo, hi, 0, d).(*mat.Dense), nil
}

// Kernel is a positive definite (or conditionally positive definite) function of two rows.
type Kernel struct {
	Kind   KernelKind
	Gamma  float64 // poly: factor of the dot product; 0 means 1/d
	Coef   float64 // poly: added to it
	Degree int     // poly
	Sigma  float64 // rbf

	centre []float64 // poly: the kernel is reduced around it; see reduced
	base   float64
}

// KernelKind says which.
type KernelKind int

// The kernels.
const (
	Poly   KernelKind = iota // (Gamma x.y + Coef)^Degree
	RBF                      // exp(-|x-y|^2 / (2 Sigma^2))
	Energy                   // -|x-y|: its MMD^2 is the energy distance
)

// PairSums is what one pass over all pairs finds out: enough for every estimator of MMD^2 and its variance.
type PairSums struct {
	N, M             int
	RowXX, RowYY     []float64 // sum over j != i of k(x_i, x_j)
	RowXY, RowYX     []float64 // sum over all rows of the other side
	DiagX, DiagY     float64   // sum of k(x_i, x_i)
	DiagXY           float64   // sum of k(x_i, y_i) over the common rows
	SqXX, SqYY, SqXY float64   // sums of squares: over i != j, i != j, all

	Reduced bool // a polynomial kernel without what cancels from every estimate, as the rest would be lost in rounding
}

const pairBlock = 256

// SumPairs visits every pair once, in blocks: memory is O(n + m + block^2 + block d). The result is the same to the bit for every thread count.
func SumPairs(ctx context.Context, x, y Rows, k Kernel) (PairSums, error) {
	n, d := x.Dims()
	m, _ := y.Dims()
	if k.Kind == Poly && k.Gamma == 0 {
		k.Gamma = 1 / float64(d)
	}
	if k.Kind == Poly {
		a, err := someRows(x)
		if err != nil {
			return PairSums{}, err
		}
		b, err := someRows(y)
		if err != nil {
			return PairSums{}, err
		}
		k = k.precise(a, b, max(n, m))
	}
	p := pairPass{k: k, d: d, centre: k.centre}
	if k.Kind != Poly {
		first, err := x.Block(0, min(n, pairBlock))
		if err != nil {
			return PairSums{}, err
		}
		p.centre = Mean(first) // distances do not feel a shift, their rounding does
	}
	s := PairSums{N: n, M: m, RowXX: make([]float64, n), RowYY: make([]float64, m), RowXY: make([]float64, n), RowYX: make([]float64, m), Reduced: k.centre != nil}
	var err error
	if s.DiagX, s.SqXX, err = p.within(ctx, x, s.RowXX); err != nil {
		return s, err
	}
	if s.DiagY, s.SqYY, err = p.within(ctx, y, s.RowYY); err != nil {
		return s, err
	}
	s.DiagXY, s.SqXY, err = p.across(ctx, x, y, s.RowXY, s.RowYX)
	return s, err
}

// pairPass holds one pass's kernel and scratch.
type pairPass struct {
	k      Kernel
	d      int
	centre []float64
	buf    []float64
}

// rowBlock is a contiguous, centred copy of a block with its squared norms; for the reduced kernel with its offsets in their place.
type rowBlock struct {
	lo   int
	x    blas64.General
	norm []float64
}

func (p *pairPass) load(r Rows, lo, hi int) (rowBlock, error) {
	src, err := r.Block(lo, hi)
	if err != nil {
		return rowBlock{}, err
	}
	if p.k.Kind == Poly {
		if p.k.centre == nil {
			return rowBlock{lo: lo, x: src.RawMatrix()}, nil // read in place: no norms, no centre
		}
		s := p.k.take(src)
		return rowBlock{lo: lo, x: blas64.General{Rows: s.n, Cols: s.d, Stride: s.d, Data: s.x}, norm: s.offset}, nil
	}
	b := rowBlock{lo: lo, x: newGeneral(hi-lo, p.d), norm: make([]float64, hi-lo)}
	for i := range hi - lo {
		row := b.x.Data[i*p.d : (i+1)*p.d]
		copy(row, src.RawRowView(i))
		for j, c := range p.centre {
			row[j] -= c
		}
		for _, v := range row {
			b.norm[i] += v * v
		}
	}
	return b, nil
}

// within fills row sums over all other rows of the same side.
func (p *pairPass) within(ctx context.Context, r Rows, sums []float64) (diag, squares float64, err error) {
	n, _ := r.Dims()
	for i := 0; i < n; i += pairBlock {
		a, err := p.load(r, i, min(i+pairBlock, n))
		if err != nil {
			return 0, 0, err
		}
		for j := i; j < n; j += pairBlock {
			if err := ctx.Err(); err != nil {
				return 0, 0, err
			}
			b := a
			if j > i {
				if b, err = p.load(r, j, min(j+pairBlock, n)); err != nil {
					return 0, 0, err
				}
			}
			k, sq := p.values(a, b)
			for t := range a.x.Rows {
				row := k[t*b.x.Rows : (t+1)*b.x.Rows]
				if j > i {
					squares += 2 * sq[t]
					addTo(sums[j:], row)
					sums[i+t] += Sum(row)
					continue
				}
				diag += row[t]
				squares += sq[t] - row[t]*row[t]
				row[t] = 0
				sums[i+t] += Sum(row)
			}
		}
	}
	return diag, squares, nil
}

// across fills row sums of both sides over the other.
func (p *pairPass) across(ctx context.Context, x, y Rows, rowX, rowY []float64) (diag, squares float64, err error) {
	n, _ := x.Dims()
	m, _ := y.Dims()
	for i := 0; i < n; i += pairBlock {
		a, err := p.load(x, i, min(i+pairBlock, n))
		if err != nil {
			return 0, 0, err
		}
		for j := 0; j < m; j += pairBlock {
			if err := ctx.Err(); err != nil {
				return 0, 0, err
			}
			b, err := p.load(y, j, min(j+pairBlock, m))
			if err != nil {
				return 0, 0, err
			}
			k, sq := p.values(a, b)
			for t := range a.x.Rows {
				row := k[t*b.x.Rows : (t+1)*b.x.Rows]
				if i == j && t < len(row) {
					diag += row[t]
				}
				squares += sq[t]
				addTo(rowY[j:], row)
				rowX[i+t] += Sum(row)
			}
		}
	}
	return diag, squares, nil
}

// values are the kernel of every row of a with every row of b, and the sum of squares of each row of them.
func (p *pairPass) values(a, b rowBlock) (k, sq []float64) {
	if p.buf == nil {
		p.buf = make([]float64, pairBlock*pairBlock)
	}
	m := b.x.Rows
	g := blas64.General{Rows: a.x.Rows, Cols: m, Stride: m, Data: p.buf[:a.x.Rows*m]}
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, a.x, b.x, 0, g)
	sq = make([]float64, a.x.Rows)
	kernel.Par(a.x.Rows, func(t int) {
		row := g.Data[t*m : (t+1)*m]
		switch {
		case p.k.Kind != Poly:
			p.distances(row, a, t, b)
		case p.k.centre != nil:
			for j, v := range row {
				row[j] = p.k.reduced(a.norm[t], b.norm[j], p.k.Gamma*v)
			}
		default:
			p.k.poly(row)
		}
		s := 0.0
		for _, v := range row {
			s += v * v
		}
		sq[t] = s
	})
	return g.Data, sq
}

func (k Kernel) poly(row []float64) {
	if k.Degree == 3 {
		for j, v := range row {
			v = v*k.Gamma + k.Coef
			row[j] = v * v * v
		}
		return
	}
	for j, v := range row {
		row[j] = math.Pow(v*k.Gamma+k.Coef, float64(k.Degree))
	}
}

// distances turns dot products into the kernel of distances. Where the difference has lost more than half of the digits it is taken again.
func (p *pairPass) distances(row []float64, a rowBlock, t int, b rowBlock) {
	const lost = 1e-6
	x := a.x.Data[t*p.d : (t+1)*p.d]
	scale := -0.5 / (p.k.Sigma * p.k.Sigma)
	for j, dot := range row {
		sum := a.norm[t] + b.norm[j]
		d2 := sum - 2*dot
		if d2 < lost*sum {
			d2 = SqDist(x, b.x.Data[j*p.d:(j+1)*p.d])
		}
		if p.k.Kind == RBF {
			row[j] = math.Exp(d2 * scale)
		} else {
			row[j] = -math.Sqrt(d2)
		}
	}
}

// Sum adds in order.
func Sum(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}

func addTo(dst, x []float64) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] += v
	}
}
