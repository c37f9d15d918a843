package datasets

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// Every sentence of a tiny language: 3 tokens, 4 places, 81 sentences. Their probabilities sum to 1, and 20000 draws fall on them as the probabilities say.
func TestOracleIsADistribution(t *testing.T) {
	o := NewOracle(3, 2, 4, 7)
	all := &Samples{Shape: []int{4}}
	for i := range 81 {
		all.Data = append(all.Data, float32(i/27), float32(i/9%3), float32(i/3%3), float32(i%3))
	}
	logs, err := o.LogProb(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for _, l := range logs {
		total += math.Exp(l)
	}
	if math.Abs(total-1) > 1e-12 {
		t.Errorf("the probabilities sum to %v", total)
	}
	const n = 20000
	s, err := o.Sample(t.Context(), n, rng.Stream(1, "test"))
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]float64, 81)
	for i := range n {
		r := s.Row(i)
		counts[int(27*r[0]+9*r[1]+3*r[2]+r[3])]++
	}
	chi, cells := 0.0, 0.0
	for i, l := range logs {
		if e := n * math.Exp(l); e > 5 {
			chi += (counts[i] - e) * (counts[i] - e) / e
			cells++
		}
	}
	if z := (chi - cells) / math.Sqrt(2*cells); math.Abs(z) > 5 { // chi-square has mean and half the variance of its degrees of freedom
		t.Errorf("chi-square %v over %v sentences", chi, cells)
	}
}

// One unit, two tokens, two places: the formula written out.
func TestOracleByHand(t *testing.T) {
	o := NewOracle(2, 1, 2, 3)
	s := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	h, c := 0.0, 0.0
	hear := func(token int) (p0 float64) {
		g := o.in[4*token : 4*token+4]
		i, f, out, cand := s(g[0]+h*o.within[0]), s(g[1]+h*o.within[1]), s(g[2]+h*o.within[2]), math.Tanh(g[3]+h*o.within[3])
		c = f*c + i*cand
		h = out * math.Tanh(c)
		return s(h*o.out[0] + o.bias[0] - h*o.out[1] - o.bias[1])
	}
	first := hear(0)
	second := hear(1)
	logs, err := o.LogProb(t.Context(), &Samples{Shape: []int{2}, Data: []float32{1, 0}})
	if want := math.Log(1-first) + math.Log(second); err != nil || math.Abs(logs[0]-want) > 1e-12 {
		t.Errorf("have %v (%v), want %v", logs, err, want)
	}
}

func TestOracleRefuses(t *testing.T) {
	o := NewOracle(3, 2, 4, 7)
	for _, s := range []*Samples{
		{Shape: []int{3}, Data: []float32{0, 1, 2}},
		{Shape: []int{4}, Data: []float32{0, 1, 2, 3}},
		{Shape: []int{4}, Data: []float32{0, 1, 2, 0.5}},
		{Shape: []int{4}, Data: []float32{0, 1, 2, -1}},
	} {
		if _, err := o.LogProb(t.Context(), s); !errors.Is(err, ErrShape) && !errors.Is(err, ErrOption) {
			t.Errorf("%v: %v", s.Data, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := o.Sample(ctx, 100, rng.Stream(1, "x")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
