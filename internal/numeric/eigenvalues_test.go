package numeric

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// [[a b] [b a]] has the eigenvalues a - b and a + b, whatever the unit, and beside a block that is larger by any factor.
func TestEigenvaluesOfAnyUnit(t *testing.T) {
	for _, unit := range []float64{1e-300, 1e-200, 1e-130, 1, 1e130, 1e200, 1e300} {
		s := mat.NewSymDense(4, []float64{1, 2, 0, 0, 2, 1, 0, 0, 0, 0, 5, 3, 0, 0, 3, 5})
		s.ScaleSym(unit, s)
		for i, want := range []float64{8, 3, 2, -1} {
			if got := SymValues(s)[i] / unit; math.Abs(got-want) > 1e-14 {
				t.Errorf("unit %g: eigenvalue %v, want %v", unit, got, want)
			}
		}
	}
	s := mat.NewSymDense(4, []float64{7, 0, 0, 0, 0, 1e-200, 2e-200, 0, 0, 2e-200, 1e-200, 0, 0, 0, 0, 4})
	got := SymValues(s)
	if math.Abs(got[0]-7) > 1e-14 || math.Abs(got[1]-4) > 1e-14 || math.Abs(got[2])+math.Abs(got[3]) > 1e-14 {
		t.Errorf("a tiny block: %v", got)
	}
}
