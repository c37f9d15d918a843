package metrics

import "testing"

// k 1, c 2. Real 0 1 2 9: second nearest others at 2 1 2 8; fakes 3 4 30: nearest fake 3 2 1 5 away, so 2 and 9 are covered. Fakes' second nearest others at 27 26 27; nearest
// real rows 1 2 21 away: all covered.
func TestCoverPrecisionByHand(t *testing.T) {
	valuesOf(t, CoverPrecision{K: 1, C: 2}, Pair{Real: onLine(0, 1, 2, 9), Fake: onLine(3, 4, 30)}, map[string]float64{"cover_precision": 1, "cover_recall": .5})
}
