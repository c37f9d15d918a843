package main

import (
	"context"
	"math"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// FID of the exact P1 and Q of the published example in 2 048 dimensions, worked out in numpy from the moments of a rectified normal variable: 1123.0446621341925.
// A dimension is 1/2048 of it, because all are alike and independent. In 8 dimensions 40 000 samples of P1 are within 0.5 % of it.
func TestReluExample(t *testing.T) {
	const d, m = 8, 40_000
	recs, err := reluExample(d, m, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := 1123.0446621341925 / 2048 * d
	got := map[string]float64{}
	for _, r := range recs {
		got[r.Model] = r.Value
	}
	if v := got["p1-exact"]; math.Abs(v-want) > 1e-9 {
		t.Errorf("the exact distance is %v, want %v", v, want)
	}
	if v := got["p1"]; v == got["p1-exact"] || math.Abs(v-want) > 0.005*want {
		t.Errorf("the distance of %d samples is %v, want about %v", m, v, want)
	}
	if bias := got["p2"] - got["p2-corrected"]; bias <= 0 || bias > 0.01 {
		t.Errorf("the bias of %d samples in %d dimensions is %v", m, d, bias)
	}
}

// The mean of a rectified N(1, s^2) is Phi(1/s) + s phi(1/s): rows of P2 have variance 0.8 S_ii + 0.2, where S_ii = 4/d |C_i|^2.
func TestMixedRows(t *testing.T) {
	const d, m = 6, 30_000
	c := plain(d, rng.Stream(5, "papers", "relu", "c"))(d)
	x := mixed(d, 5)(m)
	for i := range d {
		want := 0.2
		for _, v := range c[i*d : (i+1)*d] {
			want += 0.8 * 4 / d * float64(v) * float64(v)
		}
		mean, square := 0.0, 0.0
		for r := range m {
			mean += float64(x[r*d+i]) / m
			square += float64(x[r*d+i]) * float64(x[r*d+i]) / m
		}
		if v := square - mean*mean; math.Abs(mean-1) > 0.06 || math.Abs(v-want) > 0.05*want { // four standard errors of either
			t.Errorf("dimension %d: mean %v and variance %v, want 1 and %v", i, mean, v, want)
		}
	}
}

// Two centres on a line, three widths: log-densities by their definition.
func TestParzenWindows(t *testing.T) {
	density := func(x, width float64) float64 {
		sum := 0.0
		for _, c := range []float64{0, 1} {
			sum += math.Exp(-(x-c)*(x-c)/2/width/width) / math.Sqrt(2*math.Pi) / width / 2
		}
		return math.Log(sum)
	}
	widths := []float64{0.1, 0.5, 1}
	got := windows([]float32{0, 1}, []float32{0.25, 3}, 1, widths)
	for i, w := range widths {
		if want := (density(0.25, w) + density(3, w)) / 2; math.Abs(got[i]-want) > 1e-6*math.Abs(want) {
			t.Errorf("width %v: %v, want %v", w, got[i], want)
		}
	}
	// Points to choose by that lie a width of 1 from the centres want the widest window; the value is that of the test rows.
	value, width := parzen([]float32{0, 1}, []float32{-1, 2}, []float32{0.25}, 1)
	if width != 1 || math.Abs(value-density(0.25, 1)) > 1e-6 {
		t.Errorf("value %v with width %v, want %v and 1", value, width, density(0.25, 1))
	}
}

// The paper's closed form for 400 rows a side and k = 5: 1 - (399 398 397 396 395)/(799 798 797 796 795) = 0.96934. A run of 400 rows scatters by sqrt(p (1 - p)/400) = 0.0086.
func TestSameLaw(t *testing.T) {
	recs, err := sameLaw(context.Background(), 3, 400, 1)
	if err != nil || len(recs) != 2 {
		t.Fatalf("%d records, %v; want density and coverage", len(recs), err)
	}
	for _, r := range recs {
		want, off := 1.0, 0.15 // density scatters more
		if r.Metric == "coverage" {
			want, off = 0.96934, 4*0.0086
		}
		if math.Abs(r.Value-want) > off || r.Value == want {
			t.Errorf("%s is %v, want %v within %v", r.Metric, r.Value, want, off)
		}
	}
}
