package numeric

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestSoftmaxRows(t *testing.T) {
	// exp of the log of odds 1:2:5; the second row is far out of exp's range.
	x := mat.NewDense(2, 3, []float64{0, math.Log(2), math.Log(5), 1000, 1000 + math.Log(3), -1000})
	want := mat.NewDense(2, 3, []float64{0.125, 0.25, 0.625, 0.25, 0.75, 0})
	if got := SoftmaxRows(x); !mat.EqualApprox(got, want, 1e-13) {
		t.Errorf("got %v", mat.Formatted(got))
	}
	if x.At(1, 0) != 1000 {
		t.Error("the scores were overwritten")
	}
}
