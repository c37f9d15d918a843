package numeric

import (
	"context"
	"fmt"

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
	counts, first = make([]int32, n), make([]int32, n)
	for i := range first {
		first[i] = -1
	}
	pq, pb, scale := e.prepare(query, base)
	err = e.allPairs(ctx, pq, pb, scale, func(i, j0 int, d2 []float64, slack float64) {
		for t, v := range d2 {
			j := j0 + t
			if v-slack > r2 || (pq == pb && i == j) {
				continue
			}
			if v+slack > r2 && SqDist(pq.row(i), pb.row(j)) > r2 {
				continue
			}
			counts[i]++
			if first[i] < 0 {
				first[i] = int32(j) // columns come in order
			}
		}
	})
	return counts, first, err
}
