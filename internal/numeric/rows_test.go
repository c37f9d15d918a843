package numeric

import (
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Columns 1, 3 and 5, 5: means 2 and 5, deviations 1 and none.
func TestStandard(t *testing.T) {
	mean, scale := Standard(mat.NewDense(2, 2, []float64{1, 5, 3, 5}))
	if !slices.Equal(mean, []float64{2, 5}) || !slices.Equal(scale, []float64{1, 1}) {
		t.Errorf("mean %v, scale %v", mean, scale)
	}
	if _, scale = Standard(mat.NewDense(2, 1, []float64{-3, 3})); scale[0] != 3 {
		t.Errorf("scale %v, want 3", scale)
	}
}

func TestPick(t *testing.T) {
	x := mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6})
	if got := Pick(x, []int{2, 0, 2}); !mat.Equal(got, mat.NewDense(3, 2, []float64{5, 6, 1, 2, 5, 6})) {
		t.Errorf("rows %v", mat.Formatted(got))
	}
	if Pick(nil, []int{1}) != nil || Pick(x, nil) != nil {
		t.Error("there are rows of nothing")
	}
}
