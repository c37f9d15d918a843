package metrics

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
)

// Errors of accumulated moments, beside ErrShape for rows of another width.
var (
	ErrOverlap = numeric.ErrOverlap // rows counted twice
	ErrGap     = numeric.ErrGap     // rows missing between the first and the last
	ErrState   = numeric.ErrState   // bytes that MarshalBinary did not write, or damaged ones
)

// Moments accumulates count, mean and co-moment of feature blocks in memory O(d^2 log N) whatever N. Feed it with Add, join shards of one set with
// Merge, keep it with MarshalBinary. The bits of the result depend on the rows and their absolute numbers only: not on block sizes, shards (cut at any
// row) or the order of merging.
//
// The zero value is ready: it takes its width from what it is given first and counts its rows from 0. NewMoments makes the accumulator of a later shard.
type Moments struct {
	acc *numeric.Moments // nil until a width is known
}

// NewMoments starts an accumulator for rows of d numbers whose first has absolute number first: 0, unless it is a later shard of a set. Both must make sense,
// else the error wraps ErrShape.
func NewMoments(d, first int) (*Moments, error) {
	if d < 1 || first < 0 {
		return nil, fault.Of(ErrShape, "moments of %d columns from row %d: want at least one column and row 0", d, first)
	}
	return &Moments{numeric.NewMoments(d, first)}, nil
}

// Dim is the number of columns, 0 as long as none is known.
func (m *Moments) Dim() int {
	if m.acc == nil {
		return 0
	}
	return m.acc.Dim()
}

// N is the number of rows seen.
func (m *Moments) N() int {
	if m.acc == nil {
		return 0
	}
	return m.acc.N()
}

// Add appends the rows of x, which is copied. Errors: ErrMissing for nil, ErrShape if x has another width, ErrOverlap after a Merge that already holds these rows.
func (m *Moments) Add(x *mat.Dense) error {
	if x == nil {
		return fault.Of(ErrMissing, "moments: no matrix")
	}
	if x.IsEmpty() {
		return nil
	}
	if m.acc == nil {
		_, d := x.Dims()
		m.acc = numeric.NewMoments(d, 0)
	}
	return momentsError(m.acc.Add(x))
}

// Merge takes in the rows of another shard of the same set, before or after these; o is left as it is. Errors: ErrShape if the widths differ, ErrOverlap if a
// row is in both. The receiver is then unchanged.
func (m *Moments) Merge(o *Moments) error {
	if o.acc == nil {
		return nil
	}
	if m.acc == nil {
		m.acc = numeric.NewMoments(o.Dim(), 0)
	}
	return momentsError(m.acc.Merge(o.acc))
}

// MarshalBinary writes the accumulator so that another process can go on with it or merge it. It needs a width.
func (m *Moments) MarshalBinary() ([]byte, error) {
	if m.acc == nil {
		return nil, fault.Of(ErrTooFew, "moments: nothing added yet")
	}
	return m.acc.MarshalBinary()
}

// UnmarshalBinary replaces the accumulator by one that MarshalBinary wrote. The error wraps ErrState if the bytes are not one, are cut or are damaged.
func (m *Moments) UnmarshalBinary(b []byte) error {
	var acc numeric.Moments
	if err := acc.UnmarshalBinary(b); err != nil {
		return err
	}
	m.acc = &acc
	return nil
}

// Stats is count, mean and covariance (ddof 1) of the rows seen. Errors: ErrTooFew for less than 2 rows, ErrGap if they are not one unbroken stretch.
func (m *Moments) Stats() (Stats, error) {
	if n := m.N(); n < 2 {
		return Stats{}, fault.Of(ErrTooFew, "statistics of %d row(s), want at least 2", n)
	}
	t, err := m.acc.Total()
	if err != nil {
		return Stats{}, fmt.Errorf("statistics: %w", err)
	}
	return Stats{N: t.N, Mean: t.Mean, Cov: t.Cov(1)}, nil
}

// momentsError gives an error of widths the sentinel that callers of this package know.
func momentsError(err error) error {
	if errors.Is(err, numeric.ErrWidth) {
		return fault.Of(ErrShape, "%w", err)
	}
	return err
}

// Rows is a feature set that need not be in memory at once.
type Rows interface {
	// Dims is the number of rows and of columns.
	Dims() (n, d int)
	// Block returns rows lo to hi-1. What it returns must stay as it is until the call after the next.
	Block(lo, hi int) (*mat.Dense, error)
}

// InMemory is a matrix as Rows.
type InMemory struct{ X *mat.Dense }

// Dims implements Rows.
func (m InMemory) Dims() (n, d int) { return m.X.Dims() }

// Block implements Rows; it copies nothing.
func (m InMemory) Block(lo, hi int) (*mat.Dense, error) { return numeric.InMemory(m).Block(lo, hi) }

// StatsFrom reads a set block by block; the result is that of Moments fed with all of it, to the bit.
func StatsFrom(r Rows) (Stats, error) {
	n, d := r.Dims()
	m, err := NewMoments(d, 0)
	if err != nil {
		return Stats{}, err
	}
	const block = 4096
	for lo := 0; lo < n; lo += block {
		b, err := r.Block(lo, min(lo+block, n))
		if err != nil {
			return Stats{}, err
		}
		if err := checkMatrix(fmt.Sprintf("features from row %d", lo), b, 1); err != nil {
			return Stats{}, err
		}
		if err := m.Add(b); err != nil {
			return Stats{}, err
		}
	}
	return m.Stats()
}

// statsSide is the statistics of a side, from its features where they are given.
func statsSide(x *mat.Dense, s Stats) Stats {
	if x == nil {
		return s
	}
	mean, cov := numeric.MeanCov(x, 1)
	return Stats{N: rows(x), Mean: mean, Cov: cov}
}

// covariance is s.Cov under another ddof.
func (s Stats) covariance(ddof int) *mat.SymDense {
	if ddof == 1 {
		return s.Cov
	}
	var c mat.SymDense
	c.ScaleSym(float64(s.N-1)/float64(s.N-ddof), s.Cov)
	return &c
}
