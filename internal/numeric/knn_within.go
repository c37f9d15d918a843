package numeric

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"
)

// Within returns, for every row of query, how many base rows lie at a squared distance of at most r2 and the lowest index among them (-1: none).
// If query and base are the same matrix a row does not count itself.
func Within(ctx context.Context, query, base *mat.Dense, r2 float64) (counts, first []int32, err error) {
	return engine{}.within(ctx, query, base, r2)
}

func (e engine) within(ctx context.Context, query, base *mat.Dense, r2 float64) (counts, first []int32, err error) {
	n, d := query.Dims()
	if _, w := base.Dims(); d != w {
		return nil, nil, fmt.Errorf("query rows have %d columns, base rows %d", d, w)
	}
	var ok bool
	if counts, first, ok, err = e.withinByTree(ctx, query, base, r2); ok || err != nil {
		return counts, first, err
	}
	type answer struct{ count, first atomic.Int32 }
	answers := make([]answer, n)
	for i := range answers {
		answers[i].first.Store(math.MaxInt32)
	}
	pq, pb, scale := e.prepare(query, base)
	err = e.sift(ctx, pq, pb, scale, sieve{
		limit: func(int) float64 { return r2 },
		found: func(i, j int, d2, slack float64) {
			if d2+slack > r2 && SqDist(pq.row(i), pb.row(j)) > r2 {
				return
			}
			a := &answers[i]
			a.count.Add(1)
			for have := a.first.Load(); int32(j) < have && !a.first.CompareAndSwap(have, int32(j)); {
				have = a.first.Load()
			}
		},
	})
	counts, first = make([]int32, n), make([]int32, n)
	for i := range answers {
		counts[i], first[i] = answers[i].count.Load(), -1
		if counts[i] > 0 {
			first[i] = answers[i].first.Load()
		}
	}
	return counts, first, err
}
