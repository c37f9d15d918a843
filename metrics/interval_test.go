package metrics

import (
	"math"
	"testing"
)

// Bounds of fractional counts are those of scipy 1.17.1, beta.ppf(.025, k, n-k+1) and beta.ppf(.975, k+1, n-k).
func TestShareInterval(t *testing.T) {
	const tolerance = 1e-9
	for _, c := range []struct {
		v, se    float64
		least    int
		lo, hi   float64
		whatNote string
	}{
		{0.5, 0.05, 200, 0.398321129503301, 0.601678870496699, "the middle"},
		{0.9, 0.03, 90, 0.823777402259977, 0.950995310778514, "skewed"},
		{0.02, 0.004, 400, 0.0129204547954446, 0.0294961131853654, "next to 0"},
		{0.98, 0.001, 100, 0.963783307354824, 0.981914021046982, "next to 1, where the error that was seen is too small"},
		{0, 0, 100, 0, 0.0362166926451765, "0"},
		{1, 0, 250, 0.98535281136432, 1, "1"},
		{0.3, 0, 60, 0.188451445419723, 0.432083133876062, "no error was seen"},
	} {
		lo, hi := shareInterval(c.v, c.se, c.least)
		if math.Abs(lo-c.lo) > tolerance || math.Abs(hi-c.hi) > tolerance {
			t.Errorf("%s: share %v with error %v, %d rows: %.12g to %.12g, want %.12g to %.12g", c.whatNote, c.v, c.se, c.least, lo, hi, c.lo, c.hi)
		}
	}
}
