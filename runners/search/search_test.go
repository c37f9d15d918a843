package search

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/rng"
)

func streamOf(seed uint64) Stream {
	return func(names ...string) *rng.Source { return rng.Stream(seed, names...) }
}

func TestAxisValues(t *testing.T) {
	for _, c := range []struct {
		a    Axis
		u    float64
		want string
	}{
		{Axis{Kind: Continuous, Lo: 2, Hi: 4}, 0.25, "2.5"},
		{Axis{Kind: Log, Lo: 1e-4, Hi: 1e-2}, 0.5, "0.001"},
		{Axis{Kind: Log, Lo: 1e-4, Hi: 1e-2}, 0, "0.0001"},
		{Axis{Kind: Integer, Lo: 1, Hi: 5}, 0.19, "1"},
		{Axis{Kind: Integer, Lo: 1, Hi: 5}, 0.999, "5"},
		{Axis{Kind: Choice, Values: []string{"a", "b"}}, 0.5, "b"},
	} {
		if got := c.a.At(c.u); got != c.want {
			t.Errorf("%+v at %g: %s, want %s", c.a, c.u, got, c.want)
		}
	}
	// Rounding to four digits stays inside.
	a := Axis{Kind: Continuous, Lo: 0.99996, Hi: 0.99999}
	for _, u := range []float64{0, 0.5, math.Nextafter(1, 0)} {
		if v, _ := strconv.ParseFloat(a.At(u), 64); v < a.Lo || v > a.Hi {
			t.Errorf("at %g: %v is outside", u, v)
		}
	}
}

func TestSpaceRefuses(t *testing.T) {
	lr := Axis{Names: []string{"lr"}, Kind: Log, Lo: 1, Hi: 2}
	for name, s := range map[string]Space{
		"log of zero":     {{Names: []string{"a"}, Kind: Log, Lo: 0, Hi: 1}},
		"empty":           {{Names: []string{"a"}, Kind: Continuous, Lo: 1, Hi: 1}},
		"turned":          {{Names: []string{"a"}, Kind: Integer, Lo: 2, Hi: 1}},
		"fractions":       {{Names: []string{"a"}, Kind: Integer, Lo: 0.5, Hi: 1}},
		"not a number":    {{Names: []string{"a"}, Kind: Continuous, Lo: math.NaN(), Hi: 1}},
		"no values":       {{Names: []string{"a"}, Kind: Choice}},
		"twice":           {lr, lr},
		"later condition": {{Names: []string{"a"}, Kind: Choice, Values: []string{"1"}, When: &Condition{"lr", []string{"1"}}}, lr},
	} {
		if err := s.Check(); !errors.Is(err, ErrSpace) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConditions(t *testing.T) {
	s := Space{
		{Names: []string{"loss"}, Kind: Choice, Values: []string{"hinge", "log"}},
		{Names: []string{"margin"}, Kind: Continuous, Lo: 0, Hi: 1, When: &Condition{"loss", []string{"hinge"}}},
		{Names: []string{"x", "y"}, Kind: Continuous, Lo: 0, Hi: 1, When: &Condition{"mode", []string{"0.50"}}},
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		point []float64
		mode  string
		want  map[string]string
	}{
		{[]float64{0, 0.5, 0.25}, "0.5", map[string]string{"loss": "hinge", "margin": "0.5", "x": "0.25", "y": "0.25"}},
		{[]float64{0.9, 0.5, 0.25}, "1", map[string]string{"loss": "log"}},
	} {
		if d := cmp.Diff(c.want, s.Settings(c.point, map[string]string{"mode": c.mode})); d != "" {
			t.Error(d)
		}
	}
}

// The first points of the Halton sequence in bases 2, 3 and 5, as scipy.stats.qmc.Halton(3, scramble=False) gives them after its zeroth.
func TestHaltonSequence(t *testing.T) {
	want := [][]float64{{1. / 2, 1. / 3, 1. / 5}, {1. / 4, 2. / 3, 2. / 5}, {3. / 4, 1. / 9, 3. / 5}, {1. / 8, 4. / 9, 4. / 5}, {5. / 8, 7. / 9, 1. / 25}}
	for i, w := range want {
		for k, base := range []int{2, 3, 5} {
			if got := radicalInverse(i+1, base); math.Abs(got-w[k]) > 1e-15 {
				t.Errorf("point %d, base %d: %v, want %v", i, base, got, w[k])
			}
		}
	}
	s := make(Space, 3)
	a, b := Halton{}.Point(s, streamOf(1), 0, nil), Halton{}.Point(s, streamOf(1), 1, nil)
	for k := range a { // the shift is the same for all
		d := b[k] - a[k] - (want[1][k] - want[0][k])
		if math.Abs(d-math.Round(d)) > 1e-12 {
			t.Errorf("axis %d: the points do not differ as the sequence does", k)
		}
	}
}

func TestGridIsEveryCombinationOnce(t *testing.T) {
	s := Space{
		{Names: []string{"a"}, Kind: Continuous, Lo: 0, Hi: 3},
		{Names: []string{"b"}, Kind: Choice, Values: []string{"x", "y"}},
		{Names: []string{"c"}, Kind: Integer, Lo: 4, Hi: 5},
	}
	g := Grid{Levels: 3}
	if g.Most(s) != 12 {
		t.Fatalf("%d points, want 3 x 2 x 2", g.Most(s))
	}
	seen := map[string]bool{}
	for i := range 12 {
		v := s.Settings(g.Point(s, nil, i, nil), nil)
		seen[v["a"]+v["b"]+v["c"]] = true
		if !slices.Contains([]string{"0.5", "1.5", "2.5"}, v["a"]) {
			t.Errorf("level %s", v["a"])
		}
	}
	if len(seen) != 12 {
		t.Errorf("%d different points of 12", len(seen))
	}
}

// A density's parts each integrate to 1 over [0, 1), whatever they are centred on.
func TestParzenIsADensity(t *testing.T) {
	for _, u := range [][]float64{nil, {0}, {0.999}, {0.1, 0.12, 0.5}, {0.3, 0.3, 0.3}} {
		const n = 20000
		sum := 0.0
		p := newParzen(u)
		for i := range n {
			sum += p.at((float64(i)+0.5)/n) / n
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Errorf("%v: the density integrates to %v", u, sum)
		}
	}
	h := newHistogram(4, []float64{0.1, 0.1, 0.9}) // counts 1+2, 1, 1, 1+1 of 7
	for i, want := range []float64{3, 1, 1, 2} {
		if got := h.at((float64(i) + 0.5) / 4); math.Abs(got-want*4/7) > 1e-12 {
			t.Errorf("bin %d: %v, want %v", i, got, want*4/7)
		}
	}
}

// On a bowl whose bottom is in a corner TPE's best of 40 is deeper than random search's, in most of 20 studies; and a draw depends on what was told, not on how many
// follow.
func TestTPEFindsTheBottom(t *testing.T) {
	s := Space{{Names: []string{"a"}, Kind: Continuous, Lo: 0, Hi: 1}, {Names: []string{"b"}, Kind: Continuous, Lo: 0, Hi: 1}, {Names: []string{"c"}, Kind: Choice, Values: []string{"0", "1", "2"}}}
	bowl := func(p []float64) float64 {
		return (p[0]-0.9)*(p[0]-0.9) + (p[1]-0.1)*(p[1]-0.1) + 0.1*float64(index(p[2], 3))
	}
	best := func(sm Sampler, seed uint64) float64 {
		var told []Trial
		least := math.Inf(1)
		for i := 0; i < 40; {
			n := 40
			if b := sm.Batch(i); b > 0 {
				n = min(40, i+b)
			}
			before := slices.Clone(told)
			for ; i < n; i++ {
				p := sm.Point(s, streamOf(seed), i, before)
				told = append(told, Trial{p, bowl(p)})
				least = min(least, bowl(p))
			}
		}
		return least
	}
	won := 0
	for seed := range uint64(40) {
		if best(DefaultTPE(), seed) < best(Random{}, seed) {
			won++
		}
	}
	if won < 27 { // of 40 fair coins at least 27 heads: p = 0.02
		t.Errorf("TPE is better in %d of 40 studies", won)
	}
	tpe := TPE{Startup: 4, Size: 3, Candidates: 8}
	var sizes []int
	for i := range 9 {
		sizes = append(sizes, tpe.Batch(i))
	}
	if d := cmp.Diff([]int{4, 3, 2, 1, 3, 2, 1, 3, 2}, sizes); d != "" {
		t.Error(d)
	}
}

func TestStopRules(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		s      Stop
		values []float64
		want   []int
	}{
		{Stop{Rule: ASHA, Keep: 0.5}, []float64{3, 1, inf, 2}, []int{1, 3}},
		{Stop{Rule: ASHA, Keep: 0.34}, []float64{3, 1, 2}, []int{1, 2}}, // ceil(1.02)
		{Stop{Rule: ASHA, Keep: 0.5}, []float64{inf, inf, inf, 5}, []int{3}},
		{Stop{Rule: ASHA, Keep: 0.5}, []float64{inf, inf}, nil},
		{Stop{Rule: ASHA, Keep: 0.25}, []float64{1, 1, 1, 1}, []int{0}},
		{Stop{Rule: Median}, []float64{3, 1, 2}, []int{1, 2}},
		{Stop{Rule: Median}, []float64{4, 1, 2, 3}, []int{1, 2}}, // the median is 2.5
		{Stop{Rule: Median}, []float64{inf, inf, 7}, []int{2}},
	} {
		if d := cmp.Diff(c.want, c.s.On(c.values)); d != "" {
			t.Errorf("%+v of %v: %s", c.s, c.values, d)
		}
	}
}
