package numeric

import (
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
)

// Leaf is the number of rows that are reduced together before any merging. Leaf boundaries are counted from absolute row 0 of the whole set. A merge
// reads and writes d^2 numbers, so at the widths of networks' features many small leaves would cost as much as the products.
const Leaf = 2048

// Errors of accumulators whose parts do not make one set.
var (
	ErrWidth   = errors.New("widths differ")
	ErrOverlap = errors.New("rows counted twice")
	ErrGap     = errors.New("rows missing")
)

// Moments accumulates count, mean and co-moment of rows that arrive in blocks of any size, in memory of O(d^2 log n) whatever n.
//
// Rows have absolute numbers. They are reduced in leaves of Leaf rows, and leaves are merged [chan1983] in the binary tree of their absolute
// positions: two neighbours join only if they are the two halves of an aligned power-of-two stretch. The tree, and so every bit of the result,
// depends on the rows alone: not on block sizes, not on how a set was cut into shards (at any row), not on the order in which shards are merged.
type Moments struct {
	d     int
	next  int    // absolute number of the next row to Add
	nodes []node // complete stretches, by start
	spans []span // raw rows of leaves not yet complete, by start

	meanOnly bool // leave co-moments away
}

// node is a reduced stretch of rows.
type node struct {
	start, rows int
	mean        []float64
	co          []float64 // upper triangle, packed by rows: sum of (x-mean)(x-mean)'
	shared      bool      // another accumulator may hold co
}

// span is a stretch of raw rows inside one leaf.
type span struct {
	start int
	data  []float64
}

func (s span) rows(d int) blas64.General {
	return blas64.General{Rows: len(s.data) / d, Cols: d, Stride: d, Data: s.data}
}

// NewMoments starts an accumulator for rows of d numbers, the first of which has absolute number first (0 unless this is a later shard).
func NewMoments(d, first int) *Moments {
	if d < 1 || first < 0 {
		panic(fmt.Sprintf("numeric: moments of %d columns from row %d", d, first))
	}
	return &Moments{d: d, next: first}
}

// Dim is the number of columns.
func (m *Moments) Dim() int { return m.d }

// N is the number of rows seen.
func (m *Moments) N() int {
	n := 0
	for _, v := range m.nodes {
		n += v.rows
	}
	for _, s := range m.spans {
		n += len(s.data) / m.d
	}
	return n
}

// Add appends the rows of x, which is copied. It returns ErrWidth if x has another width, or ErrOverlap after a Merge that already holds them.
func (m *Moments) Add(x *mat.Dense) error {
	r, c := x.Dims()
	if c != m.d {
		return fault.Of(ErrWidth, "rows of %d numbers in moments of %d", c, m.d)
	}
	for i := 0; i < r; {
		k := min(r-i, Leaf-m.next%Leaf)
		if k == Leaf { // whole: reduced where it lies
			if err := m.insertNode(reduce(m.next, x.Slice(i, i+k, 0, c).(*mat.Dense).RawMatrix(), m.meanOnly)); err != nil {
				return err
			}
			m.next += k
			i += k
			continue
		}
		block := make([]float64, 0, k*c)
		for j := i; j < i+k; j++ {
			block = append(block, x.RawRowView(j)...)
		}
		if err := m.insertSpan(span{m.next, block}); err != nil {
			return err
		}
		m.next += k
		i += k
	}
	return nil
}

// Merge takes in the rows of another shard of the same set, before or after these. It returns ErrWidth or ErrOverlap and is then unchanged.
func (m *Moments) Merge(o *Moments) error {
	if o.d != m.d {
		return fault.Of(ErrWidth, "moments of %d and of %d columns", m.d, o.d)
	}
	t := &Moments{d: m.d, next: max(m.next, o.next), nodes: shared(m.nodes), spans: slices.Clone(m.spans)}
	for _, s := range o.spans {
		if err := t.insertSpan(span{s.start, slices.Clone(s.data)}); err != nil {
			return err
		}
	}
	for _, v := range shared(o.nodes) {
		if err := t.insertNode(v); err != nil {
			return err
		}
	}
	*m = *t
	return nil
}

// shared is a copy of nodes whose numbers must not be changed.
func shared(nodes []node) []node {
	out := slices.Clone(nodes)
	for i := range out {
		out[i].shared = true
	}
	return out
}

// insertSpan joins s with raw neighbours of the same leaf, and reduces the leaf once it is complete.
func (m *Moments) insertSpan(s span) error {
	if err := m.free(s.start, len(s.data)/m.d); err != nil {
		return err
	}
	i, _ := slices.BinarySearchFunc(m.spans, s.start, func(a span, at int) int { return a.start - at })
	m.spans = slices.Insert(m.spans, i, s)
	if i+1 < len(m.spans) {
		m.join(i)
	}
	if i > 0 && m.join(i-1) {
		i--
	}
	if j := m.spans[i]; len(j.data) == Leaf*m.d {
		m.spans = slices.Delete(m.spans, i, i+1)
		return m.insertNode(reduce(j.start, j.rows(m.d), m.meanOnly))
	}
	return nil
}

// join makes spans i and i+1 one if they touch inside a leaf.
func (m *Moments) join(i int) bool {
	a, b := m.spans[i], m.spans[i+1]
	if a.start+len(a.data)/m.d != b.start || b.start%Leaf == 0 {
		return false
	}
	// Spans of a merged copy may share storage with their origin: grow into fresh memory once, then in place.
	if cap(a.data) < Leaf*m.d {
		a.data = append(make([]float64, 0, Leaf*m.d), a.data...)
	}
	m.spans[i].data = append(a.data, b.data...)
	m.spans = slices.Delete(m.spans, i+1, i+2)
	return true
}

// insertNode places v and merges siblings as far up the tree as they go.
func (m *Moments) insertNode(v node) error {
	if err := m.free(v.start, v.rows); err != nil {
		return err
	}
	i, _ := slices.BinarySearchFunc(m.nodes, v.start, func(a node, at int) int { return a.start - at })
	m.nodes = slices.Insert(m.nodes, i, v)
	for {
		v = m.nodes[i]
		left := v.start%(2*v.rows) == 0
		j := i
		if !left {
			j = i - 1
		}
		if j < 0 || j+1 >= len(m.nodes) {
			return nil
		}
		a, b := m.nodes[j], m.nodes[j+1]
		if a.rows != b.rows || a.start+a.rows != b.start || a.start%(2*a.rows) != 0 {
			return nil
		}
		m.nodes[j] = combine(a, b)
		m.nodes = slices.Delete(m.nodes, j+1, j+2)
		i = j
	}
}

// free says whether no row of the stretch is held yet.
func (m *Moments) free(start, rows int) error {
	for _, v := range m.nodes {
		if v.start < start+rows && start < v.start+v.rows {
			return fault.Of(ErrOverlap, "rows %d to %d counted twice", max(start, v.start), min(start+rows, v.start+v.rows)-1)
		}
	}
	for _, s := range m.spans {
		if n := len(s.data) / m.d; s.start < start+rows && start < s.start+n {
			return fault.Of(ErrOverlap, "rows %d to %d counted twice", max(start, s.start), min(start+rows, s.start+n)-1)
		}
	}
	return nil
}

// Total is what Moments knows of all its rows.
type Total struct {
	First, N int
	Mean     []float64
	co       []float64
}

// Total merges the tree. It returns ErrGap if the rows are not one unbroken stretch, naming those that miss.
func (m *Moments) Total() (Total, error) {
	items := shared(m.nodes)
	for _, s := range m.spans {
		items = append(items, reduce(s.start, s.rows(m.d), m.meanOnly))
	}
	slices.SortFunc(items, func(a, b node) int { return a.start - b.start })
	if len(items) == 0 {
		return Total{Mean: make([]float64, m.d), co: make([]float64, packedLen(m.d))}, nil
	}
	for i := 1; i < len(items); i++ {
		if end := items[i-1].start + items[i-1].rows; end != items[i].start {
			return Total{}, fault.Of(ErrGap, "rows %d to %d missing", end, items[i].start-1)
		}
	}
	// From the right: the small stretches at the end join before they meet the large ones.
	t := items[len(items)-1]
	for i := len(items) - 2; i >= 0; i-- {
		t = combine(items[i], t)
	}
	if t.shared { // the accumulator goes on to add to it
		t.mean, t.co = slices.Clone(t.mean), slices.Clone(t.co)
	}
	return Total{First: t.start, N: t.rows, Mean: t.mean, co: t.co}, nil
}

// Cov is the covariance with the given ddof: co-moment / (N - ddof). It panics unless N > ddof.
func (t Total) Cov(ddof int) *mat.SymDense {
	if t.N <= ddof {
		panic(fmt.Sprintf("numeric: covariance of %d rows with ddof %d", t.N, ddof))
	}
	d := len(t.Mean)
	c := mat.NewSymDense(d, nil)
	raw := c.RawSymmetric()
	scale := 1 / float64(t.N-ddof)
	each(d, d*d/2, func(i int) {
		row := raw.Data[i*raw.Stride+i : i*raw.Stride+d]
		for j, v := range t.co[packedAt(d, i):][:d-i] {
			row[j] = v * scale
		}
	})
	return c
}

// MeanCov is mean and covariance of the rows of x, the same to the bit as from a Moments fed with them.
func MeanCov(x *mat.Dense, ddof int) ([]float64, *mat.SymDense) {
	_, c := x.Dims()
	m := NewMoments(c, 0)
	if err := m.Add(x); err != nil {
		panic(err) // unreachable: the width is its own
	}
	t, err := m.Total()
	if err != nil {
		panic(err) // unreachable: one block has no gap
	}
	return t.Mean, t.Cov(ddof)
}

// Mean is the column means of x, the same to the bit as MeanCov's.
func Mean(x *mat.Dense) []float64 {
	n, d := x.Dims()
	m := NewMoments(d, 0)
	m.meanOnly = true
	if err := m.Add(x); err != nil {
		panic(err) // unreachable, as above
	}
	t, err := m.Total()
	if err != nil || t.N != n {
		panic(err) // unreachable, as above
	}
	return t.Mean
}
