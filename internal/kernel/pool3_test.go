package kernel

import (
	"math"
	"testing"
)

// Pools of 3 x 3 against Pool, whose windows are computed one by one; means in float32 sums of at most nine numbers.
func TestPool3(t *testing.T) {
	eachSet(t, func(t *testing.T, s *set) {
		r := source(61)
		for range 60 {
			p := Pool3{N: r.IntN(4), H: 1 + r.IntN(9), W: 1 + r.IntN(9), C: 1 + r.IntN(70), Half: r.IntN(2) == 0, CountPadding: r.IntN(2) == 0}
			if p.Half {
				p.H, p.W = p.H+2, p.W+2
			} else {
				p.Mean = r.IntN(2) == 0
			}
			x, tall := guardRand(p.N*p.H*p.W*p.C, r, 1), guard(p.W*p.C, r)
			if len(x.x) > 0 && r.IntN(4) == 0 {
				x.x[r.IntN(len(x.x))] = float32(math.NaN())
			}
			stride, pad := 1, 1
			if p.Half {
				stride, pad = 2, 0
			}
			q, err := NewPool(p.N, p.H, p.W, p.C, 3, 3, stride, stride, pad, pad)
			if err != nil {
				t.Fatal(err)
			}
			want := make([]float32, q.out())
			if p.Mean {
				q.Avg(want, x.x, p.CountPadding)
			} else {
				q.Max(want, nil, x.x)
			}
			h, w := p.Out()
			ld, rows := p.C+r.IntN(9), p.N*h*w
			y := apart(rows, p.C, ld, r)
			before := clone(y.x)
			p.Forward(y.x, ld, x.x, tall.x)
			y.check(t, "result")
			tall.check(t, "scratch")
			for i := range rows {
				near(t, shape(p, " pixel ", i), y.x[i*ld:][:p.C], want[i*p.C:(i+1)*p.C], 1e-6, 1)
				if i < rows-1 {
					same(t, "between pixels", y.x[i*ld+p.C:(i+1)*ld], before[i*ld+p.C:(i+1)*ld])
				}
			}
		}
	})
}
