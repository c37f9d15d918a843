package runners

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/rng"
)

// imagesOf are 20 images of 4 x 4 x 3 whose values are made one by one.
func imagesOf(value func(u float64, i int) float64) []float64 {
	s := rng.Stream(3, "arrays")
	v := make([]float64, 20*48)
	for i := range v {
		v[i] = value(s.Float64(), i)
	}
	return v
}

// A range is never guessed from an extreme value: what may be meant in two ways is refused with what was seen and what decides it.
func TestRanges(t *testing.T) {
	tests := []struct {
		name  string
		value func(u float64, i int) float64
		text  string // of the error; "" for a range that shows
		first float64
	}{
		{"-1 to 1", func(u float64, _ int) float64 { return 2*u - 1 }, "", math.NaN()},
		{"0 to 1", func(u float64, _ int) float64 { return u }, "0 % of them below 0", 0},
		{"0 to 1 and one overshoot", func(u float64, i int) float64 { return map[bool]float64{true: -0.004, false: u}[i == 5] }, "0.104 % of them below 0 and 0 % below -0.5", 0},
		{"0 to 1, a fifth overshoots", func(u float64, i int) float64 { return map[bool]float64{true: -0.2 * u, false: u}[i%5 == 0] }, "20 % of them below 0", 0},
		{"0 to 1 and one value of -1", func(u float64, i int) float64 { return map[bool]float64{true: -1, false: u}[i == 5] }, "0.104 % below -0.5", 0},
		{"beyond 1", func(u float64, _ int) float64 { return 2.2*u - 1.1 }, "their range cannot be told", 0},
		{"0 to 255 with fractions", func(u float64, _ int) float64 { return 255 * u }, "values from", 0},
		{"not a number", func(u float64, i int) float64 { return map[bool]float64{true: math.NaN(), false: u}[i == 7] }, "value 7 of the images is NaN", 0},
	}
	for _, tt := range tests {
		path := filepath.Join(t.TempDir(), "x.npz")
		v := imagesOf(tt.value)
		if err := (featurizer.NPZ{"arr_0": featurizer.Float64Array([]int{20, 4, 4, 3}, v)}).Save(path); err != nil {
			t.Fatal(err)
		}
		s, err := OpenSide(t.Context(), path, 0, 0, source.Options{})
		switch {
		case tt.text == "" && (err != nil || math.Abs(float64(s.Samples.Data[3])-v[3]) > 1e-6):
			t.Errorf("%s: %v", tt.name, err)
		case tt.text != "" && (err == nil || !strings.Contains(err.Error(), tt.text)):
			t.Errorf("%s: %v, want %q", tt.name, err, tt.text)
		}
	}
}

// What the refusal advises works: the stated range, and clipping to it.
func TestRangeRemedies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npz")
	v := imagesOf(func(u float64, i int) float64 { return map[bool]float64{true: -0.004, false: u}[i == 5] })
	save := func() {
		if err := (featurizer.NPZ{"arr_0": featurizer.Float64Array([]int{20, 4, 4, 3}, v)}).Save(path); err != nil {
			t.Fatal(err)
		}
	}
	save()
	if _, err := OpenSide(t.Context(), path, 0, 1, source.Options{}); err == nil || !strings.Contains(err.Error(), "value -0.004 of image 0 is outside of the range 0 to 1: save arr.clip(0, 1)") {
		t.Errorf("outside of the range: %v", err)
	}
	v[5] = 0 // clipped
	save()
	s, err := OpenSide(t.Context(), path, 0, 1, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range v {
		if got := float64(s.Samples.Data[i]); math.Abs(got-(2*x-1)) > 1e-6 {
			t.Fatalf("value %d is %v, want %v", i, got, 2*x-1)
		}
	}
}

// Whole numbers of 0 to 255 are bytes, whatever their type; zeros and ones alone may be something else.
func TestWholeNumbersAreBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npz")
	v := imagesOf(func(u float64, _ int) float64 { return math.Floor(256 * u) })
	if err := (featurizer.NPZ{"arr_0": featurizer.Float64Array([]int{20, 4, 4, 3}, v)}).Save(path); err != nil {
		t.Fatal(err)
	}
	s, err := OpenSide(t.Context(), path, 0, 0, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := s.Source.Image(1)
	if err != nil || float64(m.Pix[7]) != v[48+7] {
		t.Errorf("pixel %v (%v), want %v", m, err, v[48+7])
	}
	for i := range v {
		v[i] = math.Mod(v[i], 2)
	}
	if err := (featurizer.NPZ{"arr_0": featurizer.Float64Array([]int{20, 4, 4, 3}, v)}).Save(path); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSide(t.Context(), path, 0, 0, source.Options{}); err == nil || !strings.Contains(err.Error(), "range cannot be told") {
		t.Errorf("zeros and ones: %v", err)
	}
}

// What is one image, or has its axes in another order, is not taken for many grey images.
func TestArrayShapes(t *testing.T) {
	for _, tt := range []struct {
		shape []int
		text  string
	}{
		{[]int{32, 24, 3}, "one image of H x W x C? want N x H x W x C: save arr[None]"},
		{[]int{3, 32, 24}, "save arr.transpose(1, 2, 0)[None]"},
		{[]int{20, 3, 8, 8}, "save arr.transpose(0, 2, 3, 1)"},
		{[]int{20, 8, 8, 4}, "save arr[..., :3]"},
		{[]int{20, 8, 8, 5}, "with 1 or 3 channels"},
		{[]int{2, 2, 8, 8, 3}, "with 1 or 3 channels"},
	} {
		n := 1
		for _, d := range tt.shape {
			n *= d
		}
		path := filepath.Join(t.TempDir(), "x.npz")
		if err := (featurizer.NPZ{"arr_0": {Shape: tt.shape, Type: "u1", Raw: make([]byte, n)}}).Save(path); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenSide(t.Context(), path, 0, 0, source.Options{}); err == nil || !strings.Contains(err.Error(), tt.text) || !strings.Contains(err.Error(), path) {
			t.Errorf("%v: %v, want %q", tt.shape, err, tt.text)
		}
	}
	path := filepath.Join(t.TempDir(), "grey.NPZ") // many grey images are
	if err := (featurizer.NPZ{"arr_0": {Shape: []int{5, 6, 7}, Type: "u1", Raw: make([]byte, 210)}}).Save(path); err != nil {
		t.Fatal(err)
	}
	s, err := OpenSide(t.Context(), path, 0, 0, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m, _, err := s.Source.Image(4); err != nil || cmp.Diff([]int{6, 7, 1}, []int{m.H, m.W, m.C}) != "" {
		t.Errorf("grey images: %v, %v", m, err)
	}
}
