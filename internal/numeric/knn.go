package numeric

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"
)

// Neighbours lists the K nearest base rows of each query row, nearest first; equal distances are ordered by index.
type Neighbours struct {
	N, K  int
	Index []int32   // N x K
	D2    []float64 // N x K squared distances
}

// At returns the index and the squared distance of query i's neighbour number r (0 is the nearest).
func (q Neighbours) At(i, r int) (int, float64) { return int(q.Index[i*q.K+r]), q.D2[i*q.K+r] }

// Radii returns the squared distance of every row to its k-th nearest, k at most K; nil of no rows.
func (q Neighbours) Radii(k int) []float64 {
	if q.N == 0 {
		return nil
	}
	r := make([]float64, q.N)
	for i := range r {
		_, r[i] = q.At(i, k-1)
	}
	return r
}

// KNN returns the k nearest rows of base for every row of query. If query and base are the same matrix a row is not its own neighbour (an equal
// row elsewhere is). Needs equal widths and more base rows than k (at least k if query and base differ). Memory is O(N k) beside one float32 copy.
func KNN(ctx context.Context, query, base *mat.Dense, k int) (Neighbours, error) {
	return engine{}.knn(ctx, query, base, k)
}

func (e engine) knn(ctx context.Context, query, base *mat.Dense, k int) (Neighbours, error) {
	n, d := query.Dims()
	m, w := base.Dims()
	if d != w {
		return Neighbours{}, fmt.Errorf("query rows have %d columns, base rows %d", d, w)
	}
	if k < 1 || k > m || (query == base && k > m-1) {
		return Neighbours{}, fmt.Errorf("k = %d neighbours of %d rows: k must be at least 1 and below the number of rows", k, m)
	}
	if out, ok, err := e.knnByTree(ctx, query, base, k); ok || err != nil {
		return out, err
	}
	pq, pb, scale := e.prepare(query, base)
	lists, room := make([]nearest, n), 2*k+16
	cand := make([]candidate, n*room)
	for i := range lists {
		lists[i].k, lists[i].cand = k, cand[i*room:i*room:(i+1)*room]
		lists[i].lower(math.Inf(1))
	}
	err := e.sift(ctx, pq, pb, scale, sieve{
		limit: func(i int) float64 { return lists[i].limit() },
		found: func(i, j int, d2, slack float64) {
			q := &lists[i]
			q.mu.Lock()
			if d2-slack <= q.limit() {
				q.push(candidate{d2, slack, int32(j)}, pq.row(i), base)
			}
			q.mu.Unlock()
		},
	})
	if err != nil {
		return Neighbours{}, err
	}
	out := Neighbours{N: n, K: k, Index: make([]int32, n*k), D2: make([]float64, n*k)}
	e.par((n+tile-1)/tile, func(c int) {
		for i := c * tile; i < min(n, (c+1)*tile); i++ {
			lists[i].finish(query.RawRowView(i), base)
			for r, g := range lists[i].cand {
				out.Index[i*k+r], out.D2[i*k+r] = g.j, g.d2
			}
		}
	})
	return out, nil
}

// Radii returns the squared distance of every row of x to its k-th nearest other row.
func Radii(ctx context.Context, x *mat.Dense, k int) ([]float64, error) {
	return engine{}.radii(ctx, x, k)
}

func (e engine) radii(ctx context.Context, x *mat.Dense, k int) ([]float64, error) {
	nb, err := e.knn(ctx, x, x, k)
	return nb.Radii(k), err
}

type candidate struct {
	d2, err float64 // the squared distance is within err of d2
	j       int32
}

// nearest collects what may still be among the k nearest of one row. Its limit is never below the true k-th squared distance seen so far, and may be read at any time.
type nearest struct {
	mu    sync.Mutex
	k     int
	least atomic.Uint64 // the limit's bits
	cand  []candidate
}

func (q *nearest) limit() float64  { return math.Float64frombits(q.least.Load()) }
func (q *nearest) lower(v float64) { q.least.Store(math.Float64bits(v)) }

func (q *nearest) push(c candidate, x []float64, base *mat.Dense) {
	q.cand = append(q.cand, c)
	if len(q.cand) < 2*q.k+16 {
		return
	}
	q.trim()
	if len(q.cand) > q.k+12 { // many near-ties: only exact distances can thin them out
		q.finish(x, base)
	}
}

// trim lowers the limit to the k-th smallest upper bound and drops what lies surely beyond it.
func (q *nearest) trim() {
	slices.SortFunc(q.cand, func(a, b candidate) int { return cmp.Compare(a.d2+a.err, b.d2+b.err) })
	last := q.cand[q.k-1]
	limit := min(q.limit(), last.d2+last.err)
	q.lower(limit)
	q.cand = slices.DeleteFunc(q.cand, func(c candidate) bool { return c.d2-c.err > limit })
}

// finish makes every distance exact and keeps the k smallest by distance, then index.
func (q *nearest) finish(x []float64, base *mat.Dense) {
	if len(q.cand) > q.k {
		q.trim()
	}
	for i, c := range q.cand {
		if c.err > 0 {
			q.cand[i] = candidate{SqDist(x, base.RawRowView(int(c.j))), 0, c.j}
		}
	}
	slices.SortFunc(q.cand, func(a, b candidate) int {
		if c := cmp.Compare(a.d2, b.d2); c != 0 {
			return c
		}
		return cmp.Compare(a.j, b.j)
	})
	q.cand = q.cand[:min(q.k, len(q.cand))]
	if len(q.cand) == q.k {
		q.lower(min(q.limit(), q.cand[q.k-1].d2))
	}
}
