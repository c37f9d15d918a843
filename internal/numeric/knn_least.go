package numeric

import (
	"context"
	"math"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"
)

// LeastBall returns, for every row of fake, the smallest squared radius among the balls around real rows that hold it (d^2 < r2), +Inf for a row in none.
// If both are the same matrix a row's own ball does not count.
func LeastBall(ctx context.Context, real, fake *mat.Dense, r2 []float64) ([]float64, error) {
	return engine{}.leastBall(ctx, real, fake, r2)
}

func (e engine) leastBall(ctx context.Context, real, fake *mat.Dense, r2 []float64) ([]float64, error) {
	least := make([]atomic.Uint64, fake.RawMatrix().Rows) // bits of numbers that are not negative, which keep their order
	for j := range least {
		least[j].Store(math.Float64bits(math.Inf(1)))
	}
	pr, pf, scale := e.prepare(real, fake)
	err := e.sift(ctx, pr, pf, scale, sieve{
		limit: func(i int) float64 { return r2[i] },
		found: func(i, j int, d2, slack float64) {
			own, have := math.Float64bits(r2[i]), least[j].Load()
			if d := (pairDistance{d2 - slack, d2 + slack, pr.row(i), pf.row(j)}); own >= have || !d.within(r2[i], false) {
				return
			}
			for own < have && !least[j].CompareAndSwap(have, own) {
				have = least[j].Load()
			}
		},
	})
	out := make([]float64, len(least))
	for j := range least {
		out[j] = math.Float64frombits(least[j].Load())
	}
	return out, err
}
