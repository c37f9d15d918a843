package metrics

import (
	"context"
	"errors"
	"math"
	"testing"
)

// 1, 2, 6: mean 3, variance 7, standard error sqrt(7/3).
func TestLPIPSByHand(t *testing.T) {
	r, err := LPIPS{}.Compute(context.Background(), Pair{Perceptual: []float64{1, 2, 6}})
	if err != nil || r.Values[0].Value != 3 || math.Abs(r.Values[0].Interval.Hi-3-z95*math.Sqrt(7./3)) > 1e-12 {
		t.Errorf("%+v %v", r, err)
	}
	for _, bad := range [][]float64{{1, -1}, {math.NaN(), 1}} {
		if _, err := (LPIPS{}).Compute(context.Background(), Pair{Perceptual: bad}); !errors.Is(err, ErrValue) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
