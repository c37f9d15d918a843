package metrics

import (
	"cmp"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/numeric"
)

func pickClosest(nb numeric.Neighbours, own []float64, n int) []Match {
	order := identity(nb.N)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(nb.D2[a], nb.D2[b]) })
	used := map[int32]bool{}
	var out []Match
	for _, i := range order {
		j := nb.Index[i]
		if len(out) == n || used[j] {
			continue
		}
		used[j] = true
		m := Match{Fake: i, Train: int(j), Distance: math.Sqrt(nb.D2[i])}
		if own[j] > 0 {
			m.Ratio = m.Distance / math.Sqrt(own[j])
		} else if m.Distance > 0 {
			m.Ratio = math.Inf(1)
		}
		out = append(out, m)
	}
	return out
}
