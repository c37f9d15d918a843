package numeric

import (
	"context"
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// What is left out never decides: with ties everywhere (small whole numbers, centres twice) and wherever a row begins, the nearest centre is that of a plain search, the
// lowest of equals, at the same bits.
func TestNearestCentreIsThatOfAPlainSearch(t *testing.T) {
	src := rng.Stream(3, "nearest centre")
	for _, c := range []struct {
		n, k, d, levels int
		unit            float64
	}{{300, 7, 1, 9, 1}, {300, 12, 2, 5, .1}, {200, 9, 5, 3, 1e-150}, {200, 16, 37, 2, .3}, {200, 16, 40, 1000, .7}, {100, 5, 64, 3, 1e150}} {
		draw := func(rows int) *mat.Dense {
			x := mat.NewDense(rows, c.d, nil)
			x.Apply(func(_, _ int, _ float64) float64 { return c.unit * float64(src.IntN(c.levels)) }, x)
			return x
		}
		x, centers, from := draw(c.n), draw(c.k), make([]int, c.n)
		centers.SetRow(c.k-1, centers.RawRowView(1))
		for i := range from {
			from[i] = src.IntN(c.k)
		}
		want := Neighbours{N: c.n, K: 1}
		for i := range c.n {
			at, best := 0, SqDist(x.RawRowView(i), centers.RawRowView(0))
			for k := range c.k {
				if v := SqDist(x.RawRowView(i), centers.RawRowView(k)); v < best {
					at, best = k, v
				}
			}
			want.Index, want.D2 = append(want.Index, int32(at)), append(want.D2, best)
		}
		for _, begin := range [][]int{nil, from} {
			if got, err := (engine{}).nearestCentre(context.Background(), x, centers, begin); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%+v, begun at %v: %v\nhave %v\nwant %v", c, begin != nil, err, got, want)
			}
		}
	}
}

// A distance that is given up early is above the limit; one that is not has the bits of SqDist.
func TestSqDistUpTo(t *testing.T) {
	r := rng.Stream(1, "numeric", "up to")
	for n := range 130 {
		a, b := make([]float64, n), make([]float64, n)
		for i := range n {
			a[i], b[i] = r.Normal(), r.Normal()
		}
		want := SqDist(a, b)
		if got := sqDistUpTo(a, b, math.Inf(1)); got != want {
			t.Errorf("%d values: %v, want %v", n, got, want)
		}
		for _, limit := range []float64{0, want / 2, want, 2 * want} {
			switch got := sqDistUpTo(a, b, limit); {
			case want <= limit && got != want:
				t.Errorf("%d values, limit %v: %v, want %v", n, limit, got, want)
			case want > limit && !(got > limit):
				t.Errorf("%d values, limit %v: %v is not above it, and the distance is %v", n, limit, got, want)
			}
		}
	}
}
