package metrics

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Five fakes of four classes: three say 0, one 2, one 3 (ties go to the first). p = (3/5, 0, 1/5, 1/5); KL = ln 4 - H(p).
func TestClassModes(t *testing.T) {
	p := Pair{FakeProbs: mat.NewDense(5, 4, []float64{
		.7, .1, .1, .1,
		.4, .4, .1, .1,
		.26, .25, .25, .24,
		0, 0, 1, 0,
		.1, .2, .3, .4,
	})}
	kl := math.Log(4) + .6*math.Log(.6) + .4*math.Log(.2)
	v := compute(t, metric(t, "class_modes"), p)
	near(t, "classes", v["class_modes"], 3, 0)
	near(t, "KL", v["class_modes_kl"], kl, exact)
	v = compute(t, ClassModes{Least: 2}, p)
	near(t, "classes with two", v["class_modes"], 1, 0)

	// Logits say the same: any rising function of the probabilities does.
	logits := mat.NewDense(5, 4, nil)
	logits.Apply(func(_, _ int, x float64) float64 { return 3*math.Log(x+1e-9) + 7 }, p.FakeProbs)
	v = compute(t, metric(t, "class_modes"), Pair{FakeLogits: logits, FakeProbs: p.FakeProbs})
	near(t, "classes by logits", v["class_modes"], 3, 0)
	near(t, "KL by logits", v["class_modes_kl"], kl, exact)
}
