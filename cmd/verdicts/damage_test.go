package main

import (
	"math"
	"slices"
	"testing"
)

// A shift is the image one step on with its edge repeated; a blurred point is the product of two normal densities, whole numbers apart, that sum to 1.
func TestShiftAndBlur(t *testing.T) {
	row := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}
	for way, want := range [][]float32{{1, 2, 3, 1, 2, 3, 4, 5, 6}, {4, 5, 6, 7, 8, 9, 7, 8, 9}, {1, 1, 2, 4, 4, 5, 7, 7, 8}, {2, 3, 3, 5, 6, 6, 8, 9, 9}} {
		if got := slices.Clone(row); true {
			if shift(got, 3, 3, 1, way); !slices.Equal(got, want) {
				t.Errorf("way %d: %v, want %v", way, got, want)
			}
		}
	}
	const side = 15
	dot := make([]float32, side*side)
	dot[7*side+7] = 1
	blur(dot, side, side, 1, 1)
	weight, norm := func(d float64) float64 { return math.Exp(-d * d / 2) }, 0.
	for d := -4.; d <= 4; d++ {
		norm += weight(d)
	}
	for _, c := range []struct{ dy, dx int }{{0, 0}, {0, 1}, {-2, 1}, {3, -3}} {
		want := weight(float64(c.dy)) * weight(float64(c.dx)) / norm / norm
		if got := float64(dot[(7+c.dy)*side+7+c.dx]); math.Abs(got-want) > 1e-6 {
			t.Errorf("blur at %+v: %v, want %v", c, got, want)
		}
	}
}
