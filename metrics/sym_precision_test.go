package metrics

import "testing"

// Real 0 1 10, k 1: balls of radii 1 1 9. Fakes 2 and 5, radii 3: both lie in the ball of 10 (8 and 5 away), the ball of 2 holds 0 and 1, that of 5 none: precision 1,
// complement 1/2. Real rows 0 and 1 lie in the ball of 2: recall 2/3; the balls of 0 and 1 hold no fake at d < 1: coverage 1/3.
func TestSymPrecisionByHand(t *testing.T) {
	valuesOf(t, SymPrecision{K: 1}, Pair{Real: onLine(0, 1, 10), Fake: onLine(2, 5)}, map[string]float64{"sym_precision": .5, "comp_precision": .5, "sym_recall": 1. / 3})
}
