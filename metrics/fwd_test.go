package metrics

import (
	"context"
	"errors"
	"math"
	"testing"
)

// Images of 2 x 2 pixels from 0 to 1 at one level: four packets of one number. Constant images of 0 and 1 against images of 0 and .5: the mean's packet has the numbers 0, 2
// against 0, 1, of means 1, .5 and deviations sqrt 2, sqrt .5; the others are 0. (.25 + .5)/4.
func TestFWDByHand(t *testing.T) {
	set := func(v float32) *Images {
		return &Images{N: 2, H: 2, W: 2, C: 1, Lo: 0, Hi: 1, Pix: []float32{0, 0, 0, 0, v, v, v, v}}
	}
	p := Pair{RealImages: set(1), FakeImages: set(.5)}
	valuesOf(t, FWD{}, p, map[string]float64{"fwd": .75 / 4})
	// A checkerboard is the packet of both differences: 0 and 2 with signs against 0.
	p.FakeImages = &Images{N: 2, H: 2, W: 2, C: 1, Lo: 0, Hi: 1, Pix: []float32{0, 0, 0, 0, 1, 0, 0, 1}}
	p.RealImages = set(0)
	// Packets of mean 1/2 of (0, 1) twice: the sum 1 and the diagonal 1, each mean .5 and variance .5 against 0.
	valuesOf(t, FWD{}, p, map[string]float64{"fwd": 2 * (.25 + .5) / 4})
	p.RealImages = &Images{N: 2, H: 4, W: 4, C: 1, Lo: 0, Hi: 1, Pix: make([]float32, 32)}
	if _, err := (FWD{}).Compute(context.Background(), p); !errors.Is(err, ErrShape) {
		t.Errorf("images of two sizes: %v", err)
	}
	p.FakeImages = p.RealImages
	if _, err := (FWD{Level: 3}).Compute(context.Background(), p); !errors.Is(err, ErrShape) {
		t.Errorf("three halvings of 4 pixels: %v", err)
	}
}

// Packets held a few at a time are the same as all at once, and energy is kept.
func TestPacketsInParts(t *testing.T) {
	m := &Images{N: 3, H: 8, W: 8, C: 2, Lo: -1, Hi: 1}
	for i := range 3 * 128 {
		m.Pix = append(m.Pix, float32(math.Sin(float64(i*i))))
	}
	whole := packets{level: 2}.of(m, 0, 16)
	energy, want := 0.0, 0.0
	for lo := 0; lo < 16; lo += 5 {
		for k, part := range (packets{level: 2}).of(m, lo, min(16, lo+5)) {
			for i := range 3 {
				for j, v := range part.RawRowView(i) {
					if v != whole[lo+k].At(i, j) {
						t.Fatalf("packet %d: %v and %v", lo+k, v, whole[lo+k].At(i, j))
					}
					energy += v * v
				}
			}
		}
	}
	for _, v := range m.Pix {
		want += (float64(v) + 1) / 2 * (float64(v) + 1) / 2
	}
	if math.Abs(energy-want) > 1e-9*want {
		t.Errorf("energy %v, want %v", energy, want)
	}
}
