package metrics

import (
	"context"
	"errors"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Features that are equal and labels that are exchanged: fd is 0, the joint distance is not. Real rows 0, 0, 2, 2 of classes 0, 0, 1, 1, fakes with the classes exchanged:
// the covariances of [x, 1 - c, c] are 4/3, 1/3 with signs, and their cross trace is worked out for rank one: roots vanish as the vectors (4, -2, 2) and (4, 2, -2) times
// alpha 1 have the product 16 - 4 - 4 = 8 of squared lengths 24: tr root = 8/24 of the trace.
func TestFJDOfExchangedClasses(t *testing.T) {
	p := Pair{Real: onLine(0, 0, 2, 2), Fake: onLine(0, 0, 2, 2), RealLabels: []int{0, 0, 1, 1}, FakeLabels: []int{1, 1, 0, 0}}
	trace := (4. + 1 + 1) / 3
	valuesOf(t, FJD{Alpha: 1}, p, map[string]float64{"fjd": 2*trace - 2*trace*8/24})
	// Alpha is the ratio of mean lengths: 1 over 1.
	valuesOf(t, FJD{}, p, map[string]float64{"fjd": 2*trace - 2*trace*8/24})
	if _, err := JointDistance(context.Background(), p, mat.NewDense(3, 1, nil), mat.NewDense(4, 1, nil), 1); !errors.Is(err, ErrShape) {
		t.Errorf("three conditions of four rows: %v", err)
	}
}
