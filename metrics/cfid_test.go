package metrics

import (
	"context"
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

// Class 0 has means 1 and 1, class 1 means 11 and 14; variances within classes are 1 and 4: (1 * 0 + 1 * 9)/2 + (2 - 1)^2.
func TestCFIDByHand(t *testing.T) {
	p := Pair{Real: onLine(0, 2, 10, 12), Fake: onLine(-1, 3, 12, 16), RealLabels: []int{0, 0, 1, 1}, FakeLabels: []int{0, 0, 1, 1}}
	valuesOf(t, CFID{}, p, map[string]float64{"cfid": 5.5})
	p.FakeLabels = []int{0, 0, 2, 2}
	if _, err := (CFID{}).Compute(context.Background(), p); !errors.Is(err, ErrTooFew) {
		t.Errorf("a class of one side alone: %v", err)
	}
}

// Classes are conditions of one number each: both routes say the same.
func TestCFIDOfClassesIsThatOfConditions(t *testing.T) {
	p := Pair{Real: golden.Matrix(301, 60, 3, 1, 0), Fake: golden.Matrix(302, 60, 3, 1.3, .2)}
	for i := range 60 {
		p.RealLabels, p.FakeLabels = append(p.RealLabels, i%3), append(p.FakeLabels, (i*i)%3%2)
		p.FakeLabels[i] = (i / 2) % 3
		p.Real.Set(i, 0, p.Real.At(i, 0)+2*float64(i%3))
	}
	classes := []int{0, 1, 2}
	a, err := classConditional(p)
	b, err2 := ConditionalDistance(p, oneHot(p.RealLabels, classes), oneHot(p.FakeLabels, classes))
	if err != nil || err2 != nil || math.Abs(a-b) > 1e-10 {
		t.Errorf("%v and %v (%v, %v)", a, b, err, err2)
	}
}

// A fake that follows its condition the other way is as far as the lines are apart: y = x against y = -x for x = -1, 1 has mean |2x|^2 = 4 and nothing left to either.
func TestConditionalDistanceOfLines(t *testing.T) {
	x := mat.NewDense(4, 1, []float64{-1, 1, -1, 1})
	got, err := ConditionalDistance(Pair{Real: onLine(-1, 1, -1, 1), Fake: onLine(1, -1, 1, -1)}, x, x)
	if err != nil || math.Abs(got-4) > 1e-12 {
		t.Errorf("%v, %v", got, err)
	}
}
