package stats

import (
	"math"
	"testing"
)

// tailsByHand counts, over every choice of the x in every stratum, how many have a sum of U at most and at least that at hand.
func tailsByHand(x, y [][]float64) (lower, upper float64) {
	u := func(x, y []float64) (s float64) {
		for _, a := range x {
			for _, b := range y {
				switch {
				case a > b:
					s++
				case a == b:
					s += 0.5
				}
			}
		}
		return s
	}
	seen, all := 0.0, 0.0
	sums := map[float64]float64{0: 1}
	for i := range x {
		seen += u(x[i], y[i])
		pool := append(append([]float64{}, x[i]...), y[i]...)
		next := map[float64]float64{}
		for mask := range 1 << len(pool) {
			var a, b []float64
			for k, v := range pool {
				if mask>>k&1 == 1 {
					a = append(a, v)
				} else {
					b = append(b, v)
				}
			}
			if len(a) == len(x[i]) {
				for s, n := range sums {
					next[s+u(a, b)] += n
				}
			}
		}
		sums = next
	}
	for s, n := range sums {
		all += n
		if s <= seen {
			lower += n
		}
		if s >= seen {
			upper += n
		}
	}
	return lower / all, upper / all
}

func TestStratifiedCountsEveryChoice(t *testing.T) {
	inf := math.Inf(1)
	for name, c := range map[string]struct{ x, y [][]float64 }{
		"one stratum":         {[][]float64{{1, 3, 4}}, [][]float64{{2, 5, 6, 7}}},
		"strata that agree":   {[][]float64{{1, 2, 3}, {10, 20}}, [][]float64{{4, 5, 6}, {30, 40, 50}}},
		"strata that do not":  {[][]float64{{1, 2, 7}, {60, 20}}, [][]float64{{4, 5, 6}, {30, 40, 50}}},
		"ties and failures":   {[][]float64{{1, 1, inf}, {2, 2}, {3}}, [][]float64{{1, 4}, {2, inf, inf}, {3, 3}}},
		"an empty side":       {[][]float64{{1, 2}, nil}, [][]float64{{3, 0}, {9, 9}}},
		"three times all won": {[][]float64{{1, 2}, {1, 2}, {1, 2}}, [][]float64{{3, 4}, {3, 4}, {3, 4}}},
	} {
		lower, upper := tailsByHand(c.x, c.y)
		for alt, want := range map[Alternative]float64{Less: lower, Greater: upper, TwoSided: min(1, 2*min(lower, upper))} {
			if got := Stratified(c.x, c.y, alt); math.Abs(got.P-want) > 1e-12 || !got.Exact {
				t.Errorf("%s, alternative %d: p = %v, want %v", name, alt, got.P, want)
			}
		}
	}
	if got := Stratified([][]float64{{1, 2}, {1, 2}, {1, 2}}, [][]float64{{3, 4}, {3, 4}, {3, 4}}, Less).P; math.Abs(got-1./216) > 1e-15 { // (1/6)^3
		t.Errorf("three strata, all pairs won: %v, want 1/216", got)
	}
	if got := Stratified(nil, nil, TwoSided).P; got != 1 {
		t.Errorf("no strata: %v", got)
	}
}

// One stratum is Mann-Whitney's test, for sizes of both ways of counting and for the approximation.
func TestStratifiedOfOneIsMannWhitney(t *testing.T) {
	for _, n := range []int{5, 40, 400} {
		x, y := make([]float64, n), make([]float64, n+3)
		for i := range x {
			x[i] = float64(i * 7 % 31)
		}
		for i := range y {
			y[i] = float64(i*5%29) + 2
		}
		a, b := Stratified([][]float64{x}, [][]float64{y}, TwoSided), MannWhitney(x, y, TwoSided)
		if a.U != b.U || a.Exact != b.Exact || math.Abs(a.P-b.P) > 1e-12 {
			t.Errorf("%d values: %+v, Mann-Whitney %+v", n, a, b)
		}
	}
}
