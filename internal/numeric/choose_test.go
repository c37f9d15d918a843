package numeric

import (
	"math"
	"testing"
)

// 10 over 3 is 120; 500 over 250 has the logarithm 343.23999487845003 (scipy's gammaln).
func TestLogChoose(t *testing.T) {
	for _, c := range []struct {
		n, k int
		want float64
	}{{10, 3, math.Log(120)}, {7, 0, 0}, {7, 7, 0}, {500, 250, 343.23999487845003}} {
		if got := LogChoose(c.n, c.k); math.Abs(got-c.want) > 1e-10*max(1, c.want) {
			t.Errorf("%d over %d: %v, want %v", c.n, c.k, got, c.want)
		}
	}
	if !math.IsInf(LogChoose(3, 4), -1) || !math.IsInf(LogChoose(3, -1), -1) {
		t.Error("there is no way to choose 4 or -1 of 3")
	}
}
