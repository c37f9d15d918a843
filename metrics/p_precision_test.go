package metrics

import "testing"

// Real 0 1 2, k 1: the mean distance to the nearest other is 1, the radius 2 with a = 2. A fake at .5 is .25, .25 and .75 of it away: outside all with 3/64; one at 9
// is in none. Fakes are 8.5 apart, radius 17: real 0 is .5/17 and 9/17, 1 is .5/17 and 8/17, 2 is 1.5/17 and 7/17 away.
func TestPPrecisionByHand(t *testing.T) {
	out := (.5*9 + .5*8 + 1.5*7) / (17 * 17)
	valuesOf(t, PPrecision{A: 2, K: 1}, Pair{Real: onLine(0, 1, 2), Fake: onLine(.5, 9)}, map[string]float64{"p_precision": (1 - 3./64) / 2, "p_recall": 1 - out/3})
}
