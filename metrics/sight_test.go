package metrics

import (
	"math"
	"testing"
)

// Values 1 to 5: mean 3, variance (4+1+0+1+4)/4 = 2.5.
func TestNull(t *testing.T) {
	u := NullOf([]float64{3, 1, 5, 2, 4})
	if u.N != 5 || u.Mean != 3 || math.Abs(u.SD-math.Sqrt(2.5)) > 1e-15 || u.Lo != 1 || u.Hi != 5 {
		t.Errorf("%+v", u)
	}
	edge := 3 + SightSpreads*math.Sqrt(2.5) // 9.32
	for _, row := range []struct {
		better Direction
		ideal  float64
		x      float64
		want   Sight
	}{
		{Lower, 0, edge - .01, Blind}, {Lower, 0, edge + .01, Sees}, {Lower, 0, 3 - (edge - 3) - .01, Fooled},
		{Higher, 0, edge + .01, Fooled}, {Higher, 0, -edge, Sees}, {Near, 3, edge + .01, Sees}, {Near, 10, edge + .01, Fooled}, {None, 0, 99, Fooled},
	} {
		if got := u.Sight(row.better, row.ideal, row.x); got != row.want {
			t.Errorf("%s of %v around %v: %s, want %s", row.better, row.x, row.ideal, got, row.want)
		}
	}
	// Far from the mean of a set whose own range reaches further is not outside.
	if wide := NullOf([]float64{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100}); wide.Outside(99) {
		t.Errorf("inside the range, and outside: %+v", wide)
	}
	if one := NullOf([]float64{2}); one.SD != 0 || !one.Outside(3) || one.Outside(2) {
		t.Errorf("of one: %+v", one)
	}
	if none := NullOf(nil); none.Lo <= none.Hi || none.N != 0 {
		t.Errorf("of none: %+v", none)
	}
}
