package metrics

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Golden values by scipy 1.16: hypergeom.sf(a - 1, n + m, a + b, n).
func TestMoreOftenIsFishersExactTest(t *testing.T) {
	for _, c := range []struct {
		a, n, b, m int
		want       float64
	}{{10, 1000, 0, 1000, 0.0009547325826708071}, {30, 300, 12, 500, 4.815819217614866e-06}, {250, 1000, 180, 1000, 8.439484331079573e-05}, {0, 10, 3, 10, 1}} {
		if got := moreOften(c.a, c.n, c.b, c.m); math.Abs(got-c.want) > 1e-9*c.want {
			t.Errorf("%d of %d against %d of %d: %v, want %v", c.a, c.n, c.b, c.m, got, c.want)
		}
	}
}

// The least count that Fisher's test takes (10, 158), and the rate at which scipy's binom.sf of it is 0.95, less the base.
func TestLeastExcess(t *testing.T) {
	for _, c := range []struct {
		b    int
		want float64
	}{{0, 0.01565257374960655}, {110, 0.07547156075601613}} {
		if got := leastExcess(c.b, 1000, 1000, 1e-3, .002); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("base of %d in 1000: %v, want %v", c.b, got, c.want)
		}
	}
	if got := leastExcess(0, 5, 5, 1e-3, 0); got != 1 { // 5 of 5 against none: p = 1/252
		t.Errorf("5 rows a side show nothing, have %v", got)
	}
}

// A tenth of the samples, or three in ten, that repeat others are said to: the data repeat none. On data that repeat as often nothing is said.
func TestVerdictOnRepeats(t *testing.T) {
	w := world("ring", 3, 1000)
	held, rounded := w.draw(1000, nil, 1), w.draw(1000, nil, 1)
	for _, share := range []int{100, 300} {
		fake := w.draw(1000, nil, 1)
		for i := range share {
			fake.SetRow(i, fake.RawRowView(1000-share+i))
		}
		v, err := Judge(context.Background(), Pair{Real: held, Fake: fake, Modes: w.modes, Sigma: w.sigma}, DefaultThresholds())
		if want := fmt.Sprintf("%d of 1000 fakes repeat an earlier one, 0 of as many real samples do", share); err != nil || v.Word != Repeated || !strings.Contains(v.String(), want) {
			t.Errorf("%d repeats: %s, %v", share, v, err)
		}
	}
	fake := w.draw(700, nil, 1)
	for _, x := range []*mat.Dense{rounded, fake} {
		x.Apply(func(_, _ int, v float64) float64 { return math.Round(25*v) / 25 }, x)
	}
	v, err := Judge(context.Background(), Pair{Real: rounded, Fake: fake, Modes: w.modes, Sigma: w.sigma}, DefaultThresholds())
	if err != nil || v.Has(Repeated) || v.Readings[0].Value < .3 {
		t.Errorf("data that repeat: %s, %v, %v", v, err, v.Readings[0])
	}
}
