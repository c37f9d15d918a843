package zoo_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/zoo"
	"github.com/assay-gan/assay/zoo/zootest"
)

func tinySession(t *testing.T, id string, set *datasets.Set, more map[string]string) *zoo.Session {
	t.Helper()
	m, err := zoo.Lookup(id)
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{"batch": "8", "width": "8", "depth": "2", "latent": "3"}
	for k, v := range more {
		settings[k] = v
	}
	s, err := zoo.New(m, zoo.Config{Set: set, Settings: overPaper(t, m, set, settings), Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Train(context.Background(), zoo.TrainOptions{Steps: 5}); err != nil {
		t.Fatal(err)
	}
	return s
}

// Decoding the latent vectors of a seed gives what sampling with that seed gives, to the bit, with the averaged weights too; a row does not depend on the others.
func TestDecodeOfLatentsIsSample(t *testing.T) {
	ctx := context.Background()
	for _, set := range []*datasets.Set{zootest.Points(), zootest.Images()} {
		set.Target = nil
		for _, id := range []string{"gan-ns", "cgan", "vae"} {
			s := tinySession(t, id, set, map[string]string{"ema": "0.9"})
			if s.LatentWidth() != 3 {
				t.Fatalf("%s: latent width %d", id, s.LatentWidth())
			}
			want, err := s.Sample(ctx, 11, nil, 5)
			if err != nil {
				t.Fatal(err)
			}
			z, err := s.Latents(11, 5, 0)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Decode(ctx, z, want.Labels)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Data, want.Data) {
				t.Errorf("%s: decoded latents differ from samples", id)
			}
			var label []int
			if want.Labels != nil {
				label = want.Labels[10:]
			}
			last, err := s.Decode(ctx, z[30:], label)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(last.Data, want.Row(10)) {
				t.Errorf("%s: a sample depends on the rows decoded with it", id)
			}
			if _, err := s.Decode(ctx, z[:4], nil); err == nil {
				t.Errorf("%s: four numbers are no rows of three", id)
			}
		}
	}
}

// What is not the latent vector is held: InfoGAN's samples of one z are one sample.
func TestDecodeHoldsTheRest(t *testing.T) {
	s := tinySession(t, "infogan", zootest.Points(), nil)
	x, err := s.Decode(context.Background(), make([]float32, 3*20), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range x.Len() {
		if !slices.Equal(x.Row(i), x.Row(0)) {
			t.Fatalf("row %d differs", i)
		}
	}
}

// Truncated latents stay inside and keep the variance of a truncated normal, 1 - 2 t phi(t) / (2 Phi(t) - 1), which is 0.2911 for t = 1.
func TestTruncation(t *testing.T) {
	s := tinySession(t, "gan-ns", zootest.Points(), nil)
	for _, c := range []struct{ t, variance float64 }{{1, 0.29112}, {1e-4, 1e-8 / 3}, {math.Inf(1), 1}, {0, 1}} {
		z, err := s.Latents(20000, 1, c.t)
		if err != nil {
			t.Fatal(err)
		}
		square := 0.0
		for _, v := range z {
			if c.t > 0 && math.Abs(float64(v)) > c.t*(1+1e-6) {
				t.Fatalf("t = %v: drew %v", c.t, v)
			}
			square += float64(v) * float64(v) / float64(len(z))
		}
		if math.Abs(square-c.variance) > 0.03*c.variance { // 60 000 draws: five standard errors of the variance of a normal
			t.Errorf("t = %v: variance %v, want %v", c.t, square, c.variance)
		}
	}
	for _, bad := range []float64{-1, math.NaN()} {
		if _, err := s.Latents(1, 1, bad); err == nil {
			t.Errorf("truncation %v accepted", bad)
		}
	}
	ctx := context.Background()
	whole, err := s.Sample(ctx, 9, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	free, err := s.SampleTruncated(ctx, 9, nil, 2, math.Inf(1))
	if err != nil || !slices.Equal(free.Data, whole.Data) {
		t.Errorf("an infinite truncation changes the samples (%v)", err)
	}
	narrow, err := s.SampleTruncated(ctx, 9, nil, 2, 1e-6)
	if err != nil {
		t.Fatal(err)
	}
	for i := range narrow.Len() {
		for j, v := range narrow.Row(i) {
			if math.Abs(float64(v-narrow.Row(0)[j])) > 1e-3 {
				t.Fatal("samples of one point differ")
			}
		}
	}
}

// Encoding does not depend on batches, and an autoencoder trained for a while gives back what it encoded, in the units of the data.
func TestEncode(t *testing.T) {
	ctx := context.Background()
	set := zootest.Points()
	for i := range set.Train.Data {
		set.Train.Data[i] = 3*set.Train.Data[i] + 5 // so that scaling matters
	}
	for i := range set.Test.Data {
		set.Test.Data[i] = 3*set.Test.Data[i] + 5
	}
	for _, c := range []struct{ id, codes string }{{"ae", "normal"}, {"ae", "fitted"}, {"vae", ""}, {"cvae", ""}, {"iwae", ""}} {
		more := map[string]string{"lr": "1e-2", "batch": "64", "width": "32"}
		if c.codes != "" {
			more["codes"] = c.codes
		}
		s := tinySession(t, c.id, set, more)
		if err := s.Train(ctx, zoo.TrainOptions{Steps: 500}); err != nil {
			t.Fatal(err)
		}
		test := set.Test.Slice(0, 70)
		z, err := s.Encode(ctx, test)
		if err != nil {
			t.Fatal(err)
		}
		if len(z) != 70*s.LatentWidth() {
			t.Fatalf("%s: %d numbers", c.id, len(z))
		}
		one, err := s.Encode(ctx, test.Slice(69, 70))
		if err != nil || !slices.Equal(one, z[69*3:]) {
			t.Errorf("%s: a code depends on the batch (%v)", c.id, err)
		}
		var labels []int
		if s.Info().Conditional {
			labels = test.Labels
		}
		back, err := s.Decode(ctx, z, labels)
		if err != nil {
			t.Fatal(err)
		}
		off := 0.0
		for i, v := range back.Data {
			off += math.Pow(float64(v-test.Data[i]), 2) / float64(len(back.Data))
		}
		if off > 0.5 { // the variance of the data is 4.5 a coordinate
			t.Errorf("%s %s: mean squared error %v of what was encoded and decoded", c.id, c.codes, off)
		}
	}
	if _, err := tinySession(t, "gan-ns", set, nil).Encode(ctx, set.Test); err == nil {
		t.Error("a model without an encoder encoded")
	}
}
