package metrics

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// The ratio of squared distances after and before is chi-squared with narrowWidth degrees of freedom over their number: mean 1, standard deviation sqrt(2/64) = 0.177. Rows
// of one set keep their distances to those of another, and rows that are narrow stay what they are.
func TestClusterableKeepsDistances(t *testing.T) {
	src := rng.Stream(5, "narrowed")
	draw := func(n, d int) *mat.Dense {
		x := mat.NewDense(n, d, nil)
		x.Apply(func(_, _ int, _ float64) float64 { return 3 + src.Normal() }, x)
		return x
	}
	ref, held, fake := draw(40, 500), draw(30, 500), draw(20, 500)
	in := clusterable(nil, ref, held, fake)
	if _, d := in.ref.Dims(); d != narrowWidth {
		t.Fatalf("%d columns", d)
	}
	var ratios []float64
	for i := range 40 {
		for k := range 20 {
			ratios = append(ratios, numeric.SqDist(in.ref.RawRowView(i), in.fake.RawRowView(k))/numeric.SqDist(ref.RawRowView(i), fake.RawRowView(k)))
		}
	}
	m, se := meanSE(ratios)
	// 800 ratios of 60 independent rows: 0.177/sqrt(60) = 0.023 of error in the mean.
	if sd := se * math.Sqrt(800); math.Abs(m-1) > .08 || sd < .12 || sd > .24 {
		t.Errorf("ratios have mean %v and deviation %v", m, sd)
	}
	few := draw(10, wideFrom)
	if in := clusterable(nil, few, few, few); in.ref != few {
		t.Error("narrow rows were changed")
	}
}
