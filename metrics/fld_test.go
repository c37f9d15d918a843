package metrics

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The gradient in the widths is the derivative of the loss.
func TestMixtureGradient(t *testing.T) {
	d2 := mat.NewDense(3, 2, []float64{1, 4, .5, 2, 3, .1})
	origin, at := []float64{.3, 1, 2}, []float64{.2, -.4, .1}
	const h = 1e-6
	_, grad := mixtureGradient(d2, origin, at, 3)
	for j := range at {
		up, down := append([]float64{}, at...), append([]float64{}, at...)
		up[j] += h
		down[j] -= h
		a, _ := mixtureGradient(d2, origin, up, 3)
		b, _ := mixtureGradient(d2, origin, down, 3)
		if want := (a - b) / (2 * h); math.Abs(grad[j]-want) > 1e-8 {
			t.Errorf("width %d: %v, differences say %v", j, grad[j], want)
		}
	}
}

// One centre with a width w has the density of a normal: at distance r in d dimensions nll = r^2/(2 e^w d) + (w + log 2 pi)/2.
func TestMixtureOfOne(t *testing.T) {
	m := gaussians{centres: mat.NewDense(1, 2, []float64{3, 4}), width: []float64{.7}}
	if got, want := m.nll(mat.NewDense(1, 2, nil))[0], 25/(4*math.Exp(.7))+(.7+math.Log(2*math.Pi))/2; math.Abs(got-want) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
}

// Copies of training rows are dear: a large fld and a gap far below 0. Another sample of the same distribution has neither.
func TestFLDSeesCopies(t *testing.T) {
	p := Pair{Real: normals(1, 150, 4), Train: normals(2, 200, 4)}
	value := func(fake *mat.Dense) (fld, gap float64) {
		p.Fake = fake
		r, err := FLD{}.Compute(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		g, _ := r.Get("fld_gap")
		return r.Values[0].Value, g.Value
	}
	fld, gap := value(normals(3, 200, 4))
	copied, copiedGap := value(mat.DenseCopyOf(p.Train))
	if math.Abs(fld) > 50 || math.Abs(gap) > 50 || copied < 1000 || copiedGap > -1000 {
		t.Errorf("honest: fld %v, gap %v; copies: %v, %v", fld, gap, copied, copiedGap)
	}
}
