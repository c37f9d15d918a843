package numeric

import (
	"context"
	"math"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"
)

// Balls is what one pass over all real-fake pairs finds out about the k-nearest-neighbour balls around real rows and around fake rows.
type Balls struct {
	InReal  []int32   // per fake row: how many real balls hold it
	InFake  []bool    // per real row: is it in any fake ball
	Covered []bool    // per real row: does its own ball hold any fake row
	Realism []float64 // per fake row: max over kept real i of r_i^2 / d_ij^2 (squared; +Inf at distance 0)
}

// BallQuery selects what Count computes. Radii are squared. Nil radii leave out what they are needed for.
type BallQuery struct {
	Real, Fake   *mat.Dense
	RealR, FakeR []float64
	Closed       bool   // d <= r holds a point, else d < r
	Keep         []bool // real rows whose balls count for Realism; nil: no Realism
}

// Count makes one pass over all pairs. A pair whose distance is too close to a radius to be decided by the screening product is decided by SqDist.
func (q BallQuery) Count(ctx context.Context) (Balls, error) { return engine{}.balls(ctx, q) }

func (e engine) balls(ctx context.Context, q BallQuery) (Balls, error) {
	n, _ := q.Real.Dims()
	m, _ := q.Fake.Dims()
	var out Balls
	var covered, inFake []atomic.Bool
	if q.RealR != nil {
		out.InReal, covered = make([]int32, m), make([]atomic.Bool, n)
	}
	if q.FakeR != nil {
		inFake = make([]atomic.Bool, n)
	}
	if q.Keep != nil {
		out.Realism = make([]float64, m)
	}
	// The centre of both sides comes from the first: the real rows.
	pr, pf, scale := e.prepare(q.Real, q.Fake)
	if pr == pf { // the very same matrix: a self pair counts here, it is not left out
		other := *pr
		pf = &other
	}
	err := e.allPairs(ctx, pf, pr, scale, func(j, i0 int, d2 []float64, slack float64) {
		y := pf.row(j)
		for t, v := range d2 {
			i := i0 + t
			if q.RealR != nil && q.within(y, i, v, slack, q.RealR[i]) {
				out.InReal[j]++
				if !covered[i].Load() {
					covered[i].Store(true)
				}
			}
			if q.FakeR != nil && v-slack <= q.FakeR[j] && !inFake[i].Load() && q.within(y, i, v, slack, q.FakeR[j]) {
				inFake[i].Store(true)
			}
			if q.Keep != nil && q.Keep[i] && out.Realism[j]*(v-slack) < q.RealR[i] {
				if slack > 0 {
					v = SqDist(y, q.Real.RawRowView(i))
				}
				out.Realism[j] = max(out.Realism[j], ratio(q.RealR[i], v))
			}
		}
	})
	out.Covered, out.InFake = plain(covered), plain(inFake)
	return out, err
}

func (q *BallQuery) within(y []float64, i int, v, slack, r float64) bool {
	if v-slack > r {
		return false
	}
	if v+slack < r {
		return true
	}
	if slack > 0 {
		v = SqDist(y, q.Real.RawRowView(i))
	}
	return v < r || (q.Closed && v == r)
}

// ratio is a/b with 0/0 = 0 (a ball of radius 0 says nothing) and a/0 = +Inf.
func ratio(a, b float64) float64 {
	if a == 0 {
		return 0
	}
	if b == 0 {
		return math.Inf(1)
	}
	return a / b
}

func plain(a []atomic.Bool) []bool {
	if a == nil {
		return nil
	}
	b := make([]bool, len(a))
	for i := range a {
		b[i] = a[i].Load()
	}
	return b
}
