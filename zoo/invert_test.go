package zoo_test

import (
	"context"
	"math"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/zoo"
	"github.com/assay-gan/assay/zoo/zootest"
)

// What a generator made it can make again: its own samples are found, to a small part of their distance from the nearest of a few draws; others are not, and more draws
// and steps never find less. The same seed finds the same.
func TestInvertFindsOwnSamples(t *testing.T) {
	ctx := context.Background()
	for _, set := range []*datasets.Set{zootest.Points(), zootest.Images()} {
		set.Target = nil
		for _, id := range []string{"gan-ns", "vae"} {
			s := tinySession(t, id, set, map[string]string{"ema": "0.9"})
			own, err := s.Sample(ctx, 11, nil, 5)
			if err != nil {
				t.Fatal(err)
			}
			o := zoo.Inversion{Draws: 16, Rate: 0.05}
			start, err := s.Invert(ctx, own, o, 9)
			if err != nil {
				t.Fatal(err)
			}
			o.Steps = 300
			found, err := s.Invert(ctx, own, o, 9)
			if err != nil {
				t.Fatal(err)
			}
			again, err := s.Invert(ctx, own, o, 9)
			if err != nil {
				t.Fatal(err)
			}
			sumStart, sum := 0.0, 0.0
			for i := range found {
				if found[i] > start[i] || found[i] != again[i] {
					t.Errorf("%s: sample %d: %v after the descent, %v before, %v the second time", id, i, found[i], start[i], again[i])
				}
				sum, sumStart = sum+found[i], sumStart+start[i]
			}
			if sum > sumStart/10 {
				t.Errorf("%s on %s: its own samples are found to %v, a draw is as near as %v", id, set.Info.ID, sum, sumStart)
			}
			// In the units of the data: far samples are as far as they lie.
			far := own.Slice(0, 1)
			moved := append([]float32(nil), far.Data...)
			for i := range moved {
				moved[i] += 100
			}
			away, err := datasets.NewSamples(far.Shape, moved, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Invert(ctx, away, zoo.Inversion{Draws: 16, Rate: 0.05}, 9)
			if err != nil {
				t.Fatal(err)
			}
			if want := 1e4 * float64(far.Dim()); math.Abs(got[0]/want-1) > 0.25 {
				t.Errorf("%s on %s: a sample 100 away in each of %d values is %v away", id, set.Info.ID, far.Dim(), got[0])
			}
		}
	}
}
