package metrics

import (
	"math"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// A shift around the image and a mirror change nothing; another image does.
func TestShiftlessDoesNotSeeShifts(t *testing.T) {
	src, m := rng.Stream(4, "shiftless"), &Images{N: 4, H: 12, W: 10, C: 1, Lo: 0, Hi: 1}
	for range 120 {
		m.Pix = append(m.Pix, src.Float32())
	}
	for y := range 12 {
		for x := range 10 {
			m.Pix = append(m.Pix, m.Pix[(y+11)%12*10+(x+3)%10])
		}
	}
	for y := range 12 {
		for x := range 10 {
			m.Pix = append(m.Pix, m.Pix[y*10+9-x])
		}
	}
	for range 120 {
		m.Pix = append(m.Pix, src.Float32())
	}
	x := shiftless(m)
	for i, same := range []bool{true, true, true, false} {
		d := 0.
		for k, v := range x.RawRowView(i) {
			d = max(d, math.Abs(v-x.At(0, k)))
		}
		if (d < 1e-9) != same {
			t.Errorf("image %d is %v away", i, d)
		}
	}
}
