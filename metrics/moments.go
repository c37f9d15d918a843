package metrics

import (
	"fmt"

	"github.com/assay-gan/assay/internal/numeric"
	"gonum.org/v1/gonum/mat"
)

// Moments accumulates count, mean and co-moment of feature blocks in memory O(d^2 log N) whatever N. Feed it with Add, join shards of one set with
// Merge, keep it with MarshalBinary. The bits of the result depend on the rows and their absolute numbers only: not on block sizes, shards (cut at any
// row) or the order of merging.
type Moments = numeric.Moments

// Rows is a feature set that need not be in memory at once: Dims, and Block(lo, hi) for a stretch of rows.
type Rows = numeric.Rows

// InMemory is a matrix as Rows.
type InMemory = numeric.InMemory

// NewMoments starts an accumulator for rows of d numbers whose first has absolute number first: 0, unless it is a later shard of a set.
func NewMoments(d, first int) (*Moments, error) {
	if d < 1 || first < 0 {
		return nil, fmt.Errorf("moments of %d columns from row %d: want at least one column and row 0: %w", d, first, ErrShape)
	}
	return numeric.NewMoments(d, first), nil
}

// StatsOf is what accumulated moments say: count, mean, covariance (ddof 1). It needs at least 2 rows in one unbroken stretch.
func StatsOf(m *Moments) (Stats, error) {
	if n := m.N(); n < 2 {
		return Stats{}, fmt.Errorf("statistics of %d row(s), want at least 2: %w", n, ErrTooFew)
	}
	t, err := m.Total()
	if err != nil {
		return Stats{}, fmt.Errorf("statistics: %w", err)
	}
	return Stats{N: t.N, Mean: t.Mean, Cov: t.Cov(1)}, nil
}

// StatsFrom reads a set block by block; the result is StatsOf's, to the bit.
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
	return StatsOf(m)
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
