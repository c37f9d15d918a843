package metrics

import (
	"math"
	"testing"

	"github.com/assay-gan/assay/rng"
)

func TestLooksOfKnownImages(t *testing.T) {
	const side = 64
	board, noise, dots := make([]float64, side*side), make([]float64, side*side), make([]float64, side*side)
	src := rng.Stream(2, "looks")
	for k := range board {
		board[k] = float64((k/side + k) % 2) // the finest checkerboard
		noise[k] = .5 + .1*src.Normal()
		if k/side%4 == 1 && k%side%4 == 1 {
			dots[k] = 1 // 16 x 16 of them, one in each block, none at the border
		}
	}
	// A coefficient of the checkerboard is 16 (0.5)/4 = 2 in band 6 and 0 elsewhere.
	if got, want := bandEnergies(board, side, side), [6]float64{5: 4}; got != want {
		t.Errorf("bands of the checkerboard: %v, want %v", got, want)
	}
	if got := noiseLevel(noise, side, side); math.Abs(got-.1) > .01 { // 1024 differences: 4 % of error at 1.2 standard errors
		t.Errorf("noise of 0.1 is read as %v", got)
	}
	if got, want := lonely(dots, side, side), 256./(62*62); got != want {
		t.Errorf("lonely pixels: %v, want %v", got, want)
	}
	if got := noiseLevel(board, side, side); math.Abs(got-1/.6745) > 1e-12 { // every difference is 2/2
		t.Errorf("the checkerboard's level is %v", got)
	}
}
