package metrics

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/numeric/golden"
	"github.com/assay-gan/assay/rng"
)

// A verdict is about sets: the order in which files were read changes no reading, by either route.
func TestJudgeDoesNotDependOnTheOrderOfRows(t *testing.T) {
	p := Pair{Real: golden.Matrix(71, 500, 3, 1, 0), Fake: golden.Matrix(72, 400, 3, 1, .4), Train: golden.Matrix(73, 450, 3, 1, 0), Seed: 5}
	for i := range 400 { // three clouds, unevenly visited by the fakes
		p.Fake.Set(i, 0, p.Fake.At(i, 0)+float64(6*(i%5/2)))
	}
	for i := range 450 {
		p.Train.Set(i, 0, p.Train.At(i, 0)+float64(6*(i%3)))
		p.Real.Set(i, 0, p.Real.At(i, 0)+float64(6*(i%3)))
	}
	src := rng.Stream(9, "permute")
	for what, p := range map[string]Pair{"training rows": p, "no training rows": {Real: p.Real, Fake: p.Fake, Seed: 5}} {
		want, err := Judge(context.Background(), p, DefaultThresholds())
		if err != nil {
			t.Fatal(err)
		}
		var train []int
		if p.Train != nil {
			train = src.Perm(450)
		}
		got, err := Judge(context.Background(), p.Take(src.Perm(500), src.Perm(400), train), DefaultThresholds())
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s: rows in another order: %v %s", what, err, d)
		}
	}
}
