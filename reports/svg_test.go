package reports

import (
	"math"
	"testing"
)

// Ticks are few, round and inside, whatever is to be shown: runs that agree but for the last bit, one number alone, and the ends of the range of numbers.
func TestScalesOfAnyNumbers(t *testing.T) {
	up := func(v float64) float64 { return math.Nextafter(v, math.Inf(1)) }
	for _, values := range [][]float64{
		{}, {0}, {1}, {-3, -3}, {0.1224, up(0.1224)}, {1e12, up(up(1e12))}, {-1e-12, up(-1e-12)}, {0, 5e-324}, {5e-324, 1e-300}, {1e-3, 1e300}, {1, math.MaxFloat64},
		{-math.MaxFloat64, math.MaxFloat64}, {math.Inf(-1), math.NaN(), 2, math.Inf(1)}, {1, 1 + 1e-8}, {-5, 7}, {2, 90},
	} {
		s := newScale(0, 100, values...)
		ticks := s.ticks(6)
		if len(ticks) > mostTicks {
			t.Errorf("%v: %d ticks", values, len(ticks))
		}
		for _, v := range ticks {
			if at := s.at(v); !(at >= -1e-6 && at <= 100+1e-6) {
				t.Errorf("%v: tick %v at %v of 100", values, v, at)
			}
		}
		for _, v := range values {
			if at := s.at(v); math.Abs(v) <= farthest && !(at >= 0 && at <= 100) {
				t.Errorf("%v: %v at %v of 100", values, v, at)
			}
		}
	}
}
