package zoo_test

import (
	"context"
	"maps"
	"math"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/zoo"
	"github.com/assay-gan/assay/zoo/zootest"
)

// Parameter counts by hand, at the default widths: points 128 x 3 layers, images 64 x 2 halvings, 28 x 28 x 1 with four classes.
func TestParameterCountsOfJointAndLargeModels(t *testing.T) {
	mlp := func(in, out int) int { return in*128 + 128 + 2*(128*128+128) + 128*out + out }
	gen := func(in int) int { return in*6272 + 2*128 + 16*128*64 + 2*64 + 16*64 + 1 }
	convs := 16*64 + 64 + 16*64*128 + 128
	norm := func(c, row int) int { return 2*c + 2*row*c }
	attention := 2*64*8 + 2*64*32 + 1
	joint := convs + 64*256 + 256 + (6272+256)*256 + 256 + 256 + 1
	for _, c := range []struct {
		model  string
		images bool
		want   map[string]int
	}{
		{"ali", false, map[string]int{"g": mlp(8, 2) + mlp(2, 16), "d": mlp(2+8, 1)}},
		{"veegan", false, map[string]int{"g": mlp(8, 2) + mlp(2, 16), "d": mlp(2+8, 1)}},
		{"ali", true, map[string]int{"g": gen(64) + convs + 6272*128 + 128, "d": joint}},
		{"biggan", false, map[string]int{"g": 4*16 + 8*128 + 2*128*128 + 3*norm(128, 8+16) + 128*2 + 2, "d": mlp(2, 1) + 4*128}},
		{"biggan", true, map[string]int{
			"g": 4*32 + 64*6272 + norm(128, 64+32) + 16*128*64 + norm(64, 64+32) + attention + 16*64 + 1,
			"d": convs + attention + 6272 + 1 + 4*6272}},
	} {
		set := zootest.Points()
		if c.images {
			set = &datasets.Set{Train: &datasets.Samples{Shape: []int{28, 28, 1}, Data: make([]float32, 4*784), Labels: []int{0, 1, 2, 3}}}
		}
		m, err := zoo.Lookup(c.model)
		if err != nil {
			t.Fatal(err)
		}
		kind := datasets.Points
		if c.images {
			kind = datasets.Images
		}
		settings, err := zoo.Preset(m.Info(), kind, zoo.PresetPaper) // the sizes that were counted by hand
		if err != nil {
			t.Fatal(err)
		}
		s, err := zoo.New(m, zoo.Config{Set: set, Settings: settings})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.ParamCount(); !maps.Equal(got, c.want) {
			t.Errorf("%s, images=%t: %v, by hand %v", c.model, c.images, got, c.want)
		}
	}
}

// On images of one bright row, whose height is the class: nearly every sample is such an image of the class that was asked for, and truncation makes samples of a class
// more alike.
func TestBigGANDrawsWhatIsAskedFor(t *testing.T) {
	if !testutil.Long() {
		t.Skip("set ASSAY_LONG=1 to train it")
	}
	ctx := context.Background()
	set := zootest.Images()
	set.Target = nil
	s, err := zoo.New(zoo.BigGAN{}, zoo.Config{Set: set, Seed: 1, Settings: map[string]string{"steps": "600", "batch": "32", "width": "16", "latent": "8"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Train(ctx, zoo.TrainOptions{}); err != nil {
		t.Fatal(err)
	}
	const n = 200
	var spread [2]float64
	for k, truncation := range []float64{0, 0.1} {
		x, err := s.SampleTruncated(ctx, n, nil, 1, truncation)
		if err != nil {
			t.Fatal(err)
		}
		right := 0
		for i := range n {
			bright, dark := float32(0), float32(0)
			for j, v := range x.Row(i) {
				if j/8 == 2*x.Label(i) {
					bright += v / 8
				} else {
					dark += v / 56
				}
			}
			if bright > 0.5 && dark < -0.7 {
				right++
			}
			for j, v := range x.Row(i) {
				spread[k] += math.Abs(float64(v - x.Row(i % 4)[j]))
			}
		}
		if right < n*95/100 {
			t.Errorf("truncation %v: %d of %d samples are what was asked for", truncation, right, n)
		}
	}
	if spread[1] > 0.5*spread[0] {
		t.Errorf("samples of a class differ by %v, truncated by %v", spread[0], spread[1])
	}
}
