package metrics

import (
	"context"
	"math"
	"testing"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

// The interval of the mean term is the same from rows, of which no covariances are made where there are no more of them than features, as from the statistics.
func TestMeanTermOfFewRows(t *testing.T) {
	for _, n := range [][2]int{{20, 30}, {20, 90}, {90, 25}, {50, 50}, {3, 2}} {
		p := Pair{Real: golden.Matrix(1, n[0], 50, 1, 0), Fake: golden.Matrix(2, n[1], 50, 1.2, .3)}
		of := func(p Pair) Value {
			t.Helper()
			r, err := FD{Interval: "none"}.Compute(context.Background(), p)
			if err != nil {
				t.Fatal(err)
			}
			return r.Values[1]
		}
		got, want := of(p), of(Pair{RealStats: statsSide(p.Real, Stats{}), FakeStats: statsSide(p.Fake, Stats{})})
		if got.Name != "fd_mean" || got.Interval == nil || want.Interval == nil {
			t.Fatalf("%v: %+v and %+v", n, got, want)
		}
		for what, pair := range map[string][2]float64{"lower end": {got.Interval.Lo, want.Interval.Lo}, "upper end": {got.Interval.Hi, want.Interval.Hi}, "centre": {*got.Interval.Centre, *want.Interval.Centre}} {
			if math.Abs(pair[0]-pair[1]) > 1e-12*(1+math.Abs(pair[1])) {
				t.Errorf("%v: %s %v from rows, %v from statistics", n, what, pair[0], pair[1])
			}
		}
	}
}
