package main

import (
	"math"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/rng"
)

// A pixel of level k lies in logit space where its place on [0, 1] is in [k/256, (k+1)/256), but for the edge; the Jacobian is the slope of logit there, by differences.
func TestLogits(t *testing.T) {
	level := func(k int) float32 { return float32(k)/255*2 - 1 }
	y, jacobian, err := logits([][]float32{{level(0), level(7)}, {level(254), level(255)}}, rng.Stream(1, "test"))
	if err != nil {
		t.Fatal(err)
	}
	place := func(logit float64) float64 { return (1/(1+math.Exp(-logit)) - logitEdge) / (1 - 2*logitEdge) }
	logit := func(x float64) float64 { z := logitEdge + (1-2*logitEdge)*x; return math.Log(z / (1 - z)) }
	for i, row := range [][]int{{0, 7}, {254, 255}} {
		want := 0.0
		for j, k := range row {
			x := place(float64(y.Row(i)[j]))
			if x < float64(k)/256-1e-6 || x > float64(k+1)/256+1e-6 {
				t.Errorf("level %d went to place %v of 256", k, 256*x)
			}
			h := 1e-4 * math.Min(x, 1-x)
			want += math.Log((logit(x+h) - logit(x-h)) / (2 * h))
		}
		if math.Abs(jacobian[i]-want) > 1e-4 { // places are read back from float32
			t.Errorf("row %d: log-slope %v, by differences %v", i, jacobian[i], want)
		}
	}
	again, _, err := logits([][]float32{{level(0), level(7)}}, rng.Stream(2, "test"))
	if err != nil || again.Row(0)[0] == y.Row(0)[0] {
		t.Errorf("another stream gave the same number: %v", err)
	}
}

// log 1/2 (e^-1 + e^-3) = -1.56622..., far below where exp is 0 as well; a uniform density on [0, 1] takes all eight bits, one of half the width seven.
func TestMixtureAndBits(t *testing.T) {
	want := math.Log((math.Exp(-1) + math.Exp(-3)) / 2)
	if got := evenMixture([][]float64{{-1, -2001}, {-3, -2003}}); math.Abs(got[0]-want) > 1e-12 || math.Abs(got[1]-want+2000) > 1e-9 {
		t.Errorf("mixture %v, want %v and 2000 less", got, want)
	}
	jacobian := []float64{5, 9}
	recs := likelihoods("m", []float64{-5, -9}, jacobian, 3)
	if recs[0].Value != -7 || math.Abs(recs[1].Value-8) > 1e-12 {
		t.Errorf("uniform: %v nats and %v bits, want -7 and 8", recs[0].Value, recs[1].Value)
	}
	if half := likelihoods("m", []float64{-5 + 3*math.Ln2, -9 + 3*math.Ln2}, jacobian, 3)[1].Value; math.Abs(half-7) > 1e-12 {
		t.Errorf("half the width: %v bits, want 7", half)
	}
}

// The normal distribution of -1, 0 and 1 has mean 0 and variance 2/3; a class takes its own rows alone.
func TestNormalLikelihood(t *testing.T) {
	x, err := datasets.NewSamples([]int{1}, []float32{-1, 40, 0, 50, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	y, err := datasets.NewSamples([]int{1}, []float32{1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := normalLikelihood(t.Context(), ofClass(x, []int{3, 0, 3, 0, 3}, 3), y, 1)
	if err != nil {
		t.Fatal(err)
	}
	if want := -0.5*math.Log(2*math.Pi*2/3) - 0.5/(2.0/3); math.Abs(got[0]-want) > 1e-5 { // the ridge is a millionth
		t.Errorf("log-density %v, want %v", got[0], want)
	}
}
