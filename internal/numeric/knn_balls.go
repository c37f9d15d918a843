package numeric

import (
	"context"
	"math"

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

// Count makes one pass over all pairs, or asks trees of the rows where these take less. A pair whose distance is too close to a radius to be decided by the screening
// product is decided by SqDist.
func (q BallQuery) Count(ctx context.Context) (Balls, error) { return engine{}.balls(ctx, q) }

// balls is splitBalls with all rows in one half of one split.
func (e engine) balls(ctx context.Context, q BallQuery) (Balls, error) {
	n, _ := q.Real.Dims()
	m, _ := q.Fake.Dims()
	s := SplitQuery{Real: q.Real, Fake: q.Fake, Splits: 1, RealIn: make([]uint64, n), FakeIn: make([]uint64, m), RealR: q.RealR, FakeR: q.FakeR, Closed: q.Closed}
	if q.Keep != nil {
		s.Keep = make([]uint64, n)
		for i, keep := range q.Keep {
			if keep {
				s.Keep[i] = 1
			}
		}
	}
	b, err := e.splitBalls(ctx, s)
	return Balls{InReal: b.InReal, InFake: flags(b.InFake), Covered: flags(b.Covered), Realism: b.Realism}, err
}

func flags(bits []uint64) []bool {
	if bits == nil {
		return nil
	}
	b := make([]bool, len(bits))
	for i, v := range bits {
		b[i] = v != 0
	}
	return b
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
