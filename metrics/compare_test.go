package metrics

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// twoModels is one reference and two fakes.
func twoModels(seed uint64, shiftA, shiftB float64) (a, b Pair) {
	src := rng.Stream(seed, "compare test")
	real, fa, fb := normalPopulation("", 4, 1, 0), normalPopulation("", 4, 1, shiftA), normalPopulation("", 4, 1, shiftB)
	x := real.draw(src, 200)
	return Pair{Real: x, Fake: fa.draw(src, 200)}, Pair{Real: x, Fake: fb.draw(src, 200)}
}

// Equal models are called different at most about as often as the level says; a clear gain is found and signed right.
func TestCompare(t *testing.T) {
	m := FD{Interval: "none"}
	const repeats = 100
	wrong, found := 0, 0
	for seed := range uint64(repeats) {
		a, b := twoModels(seed, .2, .2)
		c, err := Compare(context.Background(), m, a, b, 0)
		if err != nil {
			t.Fatal(err)
		}
		if c.Better != "" {
			wrong++
		}
		if (c.Better != "") != (c.P < .05) {
			t.Errorf("p = %v but better = %q", c.P, c.Better)
		}
		a, b = twoModels(seed, .2, .5)
		if c, err = Compare(context.Background(), m, a, b, 0); err != nil {
			t.Fatal(err)
		}
		if c.Better == "a" {
			found++
		}
		if c.Better == "b" {
			t.Errorf("seed %d: the worse model wins", seed)
		}
	}
	if wrong > 13 { // 5 expected; above 13 by chance once in 5000
		t.Errorf("%d of %d equal pairs called different", wrong, repeats)
	}
	if found < repeats*9/10 {
		t.Errorf("a clear difference found in %d of %d", found, repeats)
	}
}

// The shared reference must cancel: the paired interval is narrower than the two separate ones say.
func TestComparisonIsPaired(t *testing.T) {
	src := rng.Stream(1, "paired")
	real, fake := normalPopulation("", 4, 1, 0), normalPopulation("", 4, 1, .5)
	x := real.draw(src, 60) // a small reference whose noise dominates
	a, b := Pair{Real: x, Fake: fake.draw(src, 2000)}, Pair{Real: x, Fake: fake.draw(src, 2000)}
	m := FD{Interval: "jackknife"}
	c, err := Compare(context.Background(), m, a, b, 0)
	if err != nil {
		t.Fatal(err)
	}
	iv, single := c.Difference.Interval, c.A.Values[0].Interval
	if iv.Hi-iv.Lo > (single.Hi-single.Lo)/2 {
		t.Errorf("difference is known to %v, one score to %v", iv.Hi-iv.Lo, single.Hi-single.Lo)
	}
}

func TestCompareRefuses(t *testing.T) {
	a, b := twoModels(1, 0, 0)
	m := FD{Interval: "none"}
	if _, err := Compare(context.Background(), m, a, b, 1); !errors.Is(err, ErrValue) {
		t.Errorf("one group: %v", err)
	}
	if _, err := Compare(context.Background(), m, a, b, 150); !errors.Is(err, ErrTooFew) {
		t.Errorf("more groups than half the rows: %v", err)
	}
	if _, err := Compare(context.Background(), m, a, Pair{}, 0); !errors.Is(err, ErrMissing) {
		t.Errorf("nothing for b: %v", err)
	}
}

// The floor of the reals is the null: near 0 for an unbiased estimator, at its bias for FD, and the rows are split without overlap.
func TestFloor(t *testing.T) {
	a, _ := twoModels(3, 1, 0)
	r, err := Floor(context.Background(), FD{}, a)
	if err != nil {
		t.Fatal(err)
	}
	if iv := r.Values[0].Interval; iv.Lo != 0 || r.Values[0].Value <= 0 {
		t.Errorf("floor %+v", r.Values[0])
	}
	if r.Convention["rows"] != "100 and 100" {
		t.Errorf("halves of %s", r.Convention["rows"])
	}
	if _, err := Floor(context.Background(), ASW{}, Pair{}); !errors.Is(err, ErrMissing) {
		t.Errorf("no reals: %v", err)
	}
}

// counted counts how often a metric is computed.
type counted struct {
	FD
	n *int
}

func (c counted) Compute(ctx context.Context, p Pair) (Result, error) {
	*c.n++
	return c.FD.Compute(ctx, p)
}

// 20 groups a side, each left out once of the reals for both models and once of each model's fakes, and both scores themselves: 4*20 + 2.
func TestComparisonsAreCounted(t *testing.T) {
	a, b := twoModels(1, .2, .5)
	n := 0
	if _, err := Compare(context.Background(), counted{FD{Interval: "none"}, &n}, a, b, 0); err != nil || n != 82 {
		t.Errorf("computed %d times, want 82: %v", n, err)
	}
}

// Statistics have no rows: an interval from the other sides' noise alone would be too narrow, so there is none and the better model is not named.
func TestComparisonOfStatisticsHasNoInterval(t *testing.T) {
	a, b := twoModels(1, .2, .5)
	for _, p := range []*Pair{&a, &b} {
		m, err := NewMoments(4, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Add(p.Fake); err != nil {
			t.Fatal(err)
		}
		if p.FakeStats, err = m.Stats(); err != nil {
			t.Fatal(err)
		}
	}
	want, err := Compare(context.Background(), FD{Interval: "none"}, a, b, 0)
	if err != nil {
		t.Fatal(err)
	}
	b.Fake = nil
	c, err := Compare(context.Background(), FD{Interval: "none"}, a, b, 0)
	if err != nil || c.Difference.Interval != nil || c.Better != "" || c.Difference.NoInterval == "" {
		t.Errorf("%+v, %v", c.Difference, err)
	}
	if math.Abs(c.Difference.Value-want.Difference.Value) > 1e-9 {
		t.Errorf("difference %v, from rows it is %v", c.Difference.Value, want.Difference.Value)
	}
}
