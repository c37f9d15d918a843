package metrics

import (
	"context"
	"errors"
	"math"
	"testing"
)

// A wave cos(w x) has the Laplacian (2 cos w - 2) cos(w x): over whole periods its variance is (2 - 2 cos w)^2 / 2, times the squared amplitude. Period 4
// (w = pi/2) inside the border of a width of 10: 2^2 / 2 = 2. The reals have an amplitude of .5 of the range, the fakes .2: (.2/.5)^2 = .16.
func TestSharpnessOfWaves(t *testing.T) {
	wave := func(amplitude, span float64) *Images {
		return images(3, 5, 10, 3, 0, span, func(_, _, x, _ int) float64 { return span * (.5 + amplitude*math.Cos(math.Pi/2*float64(x))) })
	}
	v := compute(t, metric(t, "sharpness"), Pair{FakeImages: wave(.2, 1), RealImages: wave(.5, 255)})
	near(t, "sharpness", v["sharpness"], .16, 1e-6) // float32 pixels
	near(t, "sharpness_real", v["sharpness_real"], .5, 1e-6)
	near(t, "sharpness_fake", v["sharpness_fake"], .08, 1e-6)
}

// A binomial blur (1 2 1)/4 multiplies a wave by (1 + cos w)/2, hence its variance by the square: at w = pi/2 by 1/4.
func TestSharpnessOfBlur(t *testing.T) {
	g := func(x int) float64 { return .5 + .4*math.Cos(math.Pi/2*float64(x)) }
	sharp := images(2, 4, 10, 1, 0, 1, func(_, _, x, _ int) float64 { return g(x) })
	blurred := images(2, 4, 10, 1, 0, 1, func(_, _, x, _ int) float64 { return (g(x-1) + 2*g(x) + g(x+1)) / 4 })
	near(t, "sharpness", compute(t, metric(t, "sharpness"), Pair{FakeImages: blurred, RealImages: sharp})["sharpness"], .25, 1e-6)
}

func TestSharpnessRefuses(t *testing.T) {
	flat := images(2, 4, 4, 1, 0, 1, func(int, int, int, int) float64 { return .5 })
	thin := images(2, 2, 9, 1, 0, 1, func(_, _, x, _ int) float64 { return float64(x % 2) })
	for _, p := range []Pair{{FakeImages: flat}, {FakeImages: flat, RealImages: flat}} {
		if r, err := metric(t, "sharpness").Compute(context.Background(), p); err != nil || r.Status != Failed || len(r.Warnings) == 0 {
			t.Errorf("%+v, %v", r, err)
		}
	}
	if _, err := metric(t, "sharpness").Compute(context.Background(), Pair{FakeImages: thin, RealImages: thin}); !errors.Is(err, ErrShape) {
		t.Error(err)
	}
}
