package featurizer_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/featurizertest"
)

// TestStacked: three glyphs as channels have the features of the three and the product of their probabilities, the first channel's class counting 100.
func TestStacked(t *testing.T) {
	ctx := context.Background()
	set, err := datasets.Glyphs{}.Load(ctx, datasets.Options{Seed: 4, Train: 36, Test: 1, Hold: 1})
	if err != nil {
		t.Fatal(err)
	}
	x := &datasets.Samples{Shape: []int{28, 28, 3}, Data: make([]float32, 12*784*3)}
	for i := range 12 {
		for c := range 3 {
			for j, v := range set.Train.Row(3*i + c) {
				x.Row(i)[3*j+c] = v
			}
		}
	}
	f, err := featurizer.Open(ctx, "stacked(glyphnet)", featurizer.Env{})
	if err != nil {
		t.Fatal(err)
	}
	featurizertest.Laws(t, f, x)
	out, err := f.Featurize(ctx, x)
	if err != nil {
		t.Fatal(err)
	}
	single, err := featurizer.Open(ctx, "glyphnet", featurizer.Env{})
	if err != nil {
		t.Fatal(err)
	}
	alone, err := single.Featurize(ctx, set.Train)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		sum := 0.0
		for a := range 10 {
			for b := range 10 {
				for c := range 10 {
					got := out.Probs.At(i, 100*a+10*b+c)
					want := alone.Probs.At(3*i, a) * alone.Probs.At(3*i+1, b) * alone.Probs.At(3*i+2, c)
					if math.Abs(got-want) > 1e-12 {
						t.Fatalf("image %d, class %d%d%d: %v, want %v", i, a, b, c, got, want)
					}
					sum += got
				}
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("image %d: probabilities add up to %v", i, sum)
		}
		for c := range 3 {
			for j := range 64 {
				if out.Features.At(i, 64*c+j) != alone.Features.At(3*i+c, j) {
					t.Fatalf("image %d, channel %d: feature %d differs from the digit's own", i, c, j)
				}
			}
		}
	}
	four := &datasets.Samples{Shape: []int{28, 28, 4}, Data: make([]float32, 784*4)}
	if _, err := f.Featurize(ctx, four); !errors.Is(err, featurizer.ErrShape) {
		t.Errorf("ten thousand classes: %v", err)
	}
}
