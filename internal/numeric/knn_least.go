package numeric

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"
)

// LeastBall returns, for every row of fake, the smallest squared radius among the balls around real rows that hold it (d^2 < r2), +Inf for a row in none.
// If both are the same matrix a row's own ball does not count.
func LeastBall(ctx context.Context, real, fake *mat.Dense, r2 []float64) ([]float64, error) {
	return engine{}.leastBall(ctx, real, fake, r2)
}

func (e engine) leastBall(ctx context.Context, real, fake *mat.Dense, r2 []float64) ([]float64, error) {
	least := make([]float64, fake.RawMatrix().Rows)
	for j := range least {
		least[j] = math.Inf(1)
	}
	pr, pf, scale := e.prepare(real, fake)
	err := e.allPairs(ctx, pf, pr, scale, func(j, i0 int, d2 []float64, slack float64) {
		for t, v := range d2 {
			i := i0 + t
			if r2[i] >= least[j] || (pr == pf && i == j) {
				continue
			}
			if d := (pairDistance{v - slack, v + slack, pr.row(i), pf.row(j)}); d.within(r2[i], false) {
				least[j] = r2[i]
			}
		}
	})
	return least, err
}
