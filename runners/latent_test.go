package runners

import (
	"math"
	"slices"
	"testing"

	"github.com/assay-gan/assay/datasets"
)

// Three steps over dimensions 2 and 0 of four, from -6 to 6; the others stay.
func TestSweep(t *testing.T) {
	z, err := Sweep{From: []float64{9, 1, 9, 2}, Dims: [2]int{2, 0}, Range: 6, Steps: 3}.Latents(4)
	if err != nil {
		t.Fatal(err)
	}
	var want []float32
	for _, a := range []float32{-6, 0, 6} {
		for _, b := range []float32{-6, 0, 6} {
			want = append(want, b, 1, a, 2)
		}
	}
	if !slices.Equal(z, want) {
		t.Errorf("%v", z)
	}
	for _, bad := range []Sweep{
		{Dims: [2]int{0, 4}, Range: 1, Steps: 2}, {Dims: [2]int{1, 1}, Range: 1, Steps: 2}, {Dims: [2]int{0, 1}, Steps: 2}, {Dims: [2]int{0, 1}, Range: 1, Steps: 1},
		{From: []float64{1}, Dims: [2]int{0, 1}, Range: 1, Steps: 2}, {Dims: [2]int{-1, 1}, Range: 1, Steps: 2},
	} {
		if _, err := bad.Latents(4); err == nil {
			t.Errorf("%+v accepted", bad)
		}
	}
}

// From (3, 0) to (0, 5): the straight line's middle is (1.5, 2.5); the circle's has length 4 at 45 degrees. Vectors without a circle between them go straight.
func TestPath(t *testing.T) {
	h := float32(4 / math.Sqrt2)
	for _, c := range []struct {
		how  string
		a, b []float32
		want []float32
	}{
		{"linear", []float32{3, 0}, []float32{0, 5}, []float32{3, 0, 1.5, 2.5, 0, 5}},
		{"slerp", []float32{3, 0}, []float32{0, 5}, []float32{3, 0, h, h, 0, 5}},
		{"slerp", []float32{2, 0}, []float32{4, 0}, []float32{2, 0, 3, 0, 4, 0}},
		{"slerp", []float32{2, 0}, []float32{-2, 0}, []float32{2, 0, 0, 0, -2, 0}},
		{"slerp", []float32{0, 0}, []float32{4, 2}, []float32{0, 0, 2, 1, 4, 2}},
	} {
		z, err := Path(c.how, c.a, c.b, 3)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range z {
			if math.Abs(float64(v-c.want[i])) > 1e-6 {
				t.Errorf("%s from %v to %v: %v, want %v", c.how, c.a, c.b, z, c.want)
				break
			}
		}
	}
	for _, bad := range []func() ([]float32, error){
		func() ([]float32, error) { return Path("slerpy", []float32{1}, []float32{2}, 3) },
		func() ([]float32, error) { return Path("linear", []float32{1}, []float32{2, 3}, 3) },
		func() ([]float32, error) { return Path("linear", []float32{1}, []float32{2}, 1) },
	} {
		if _, err := bad(); err == nil {
			t.Error("accepted")
		}
	}
}

// A mode at the origin of deviation 2: 5.9 away is inside of three deviations, 6.1 is not.
func TestValidityByModes(t *testing.T) {
	truth := &datasets.Mixture{Modes: [][]float64{{0, 0}, {100, 0}}, Sigma: 2}
	v := inModes(truth, &datasets.Samples{Shape: []int{2}, Data: []float32{5.9, 0, 0, 6.1, 100, 1}})
	if !slices.Equal(v.Score, []float64{1, 0, 1}) || !slices.Equal(v.Nearest, []int{0, 0, 1}) || math.Abs(v.Mean()-2./3) > 1e-12 {
		t.Errorf("%+v", v)
	}
}
