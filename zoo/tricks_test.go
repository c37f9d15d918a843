package zoo

import (
	"context"
	"math"
	"testing"

	"github.com/assay-gan/assay/nn"
)

// Conditional and informed pairs with all networks at zero: every class is as likely as the other (twoPoints has 2), every category too.
func TestInformedLossesAtZero(t *testing.T) {
	ln2 := math.Ln2
	s := build(t, ACGAN{}, twoPoints(), map[string]string{"width": "8", "batch": "4", "w": "3"})
	got := lossesAtZero(t, s, "d", "g")
	near(t, "acgan D", got["d"], 2*ln2+3*2*ln2, 1e-5)
	near(t, "acgan G", got["g"], ln2+3*ln2, 1e-5)

	s = build(t, Projection{}, twoPoints(), map[string]string{"width": "8", "batch": "4", "d_norm": "none"})
	got = lossesAtZero(t, s, "d", "g")
	near(t, "cgan-pd D", got["d"], 2, 1e-5)
	near(t, "cgan-pd G", got["g"], 0, 1e-5)

	// One category of 16 is worth log 16; the continuous codes have E c^2 = 1/3, so two of them cost 1/3 in the mean over a large batch.
	s = build(t, InfoGAN{}, twoPoints(), map[string]string{"width": "8", "batch": "4096", "categories": "16", "lambda_c": "0.3"})
	got = lossesAtZero(t, s, "d", "g")
	near(t, "infogan D", got["d"], 2*ln2+math.Log(16)+0.1, 0.003) // 0.3 E c^2, standard error 0.3 * 0.21 / 64 = 0.001
	near(t, "infogan G", got["g"], ln2+math.Log(16)+0.1, 0.003)
}

// The projection: with psi = 0 and V y = e_y on features f the answer is f_y.
func TestProjectionTellsTheClass(t *testing.T) {
	s := build(t, Projection{}, twoPoints(), map[string]string{"width": "2", "depth": "1", "batch": "2", "d_norm": "none", "loss": "wasserstein"})
	for _, p := range s.build.Scope("d").Params() {
		d := nn.Data(p)
		clear(d)
		if p.Name() == "d.class.w" { // [classes, width]: the identity
			d[0], d[3] = 1, 1
		}
		if p.Name() == "d.fc0.b" {
			d[0], d[1] = 5, 7
		}
	}
	d := s.build.turns[0]
	for _, f := range d.feeds {
		f.fill()
	}
	want := 0.0 // E D(G, c) - E D(x, y), features (5, 7) whatever the sample
	for _, in := range s.build.feeds {
		sign := map[string]float64{"real": -0.5, "class": 0.5}[in.name()]
		if sign != 0 {
			y := nn.Data(in.nodes[len(in.nodes)-1])
			for i := 0; i < 4; i += 2 {
				want += sign * float64(5*y[i]+7*y[i+1])
			}
		}
	}
	near(t, "loss", float64(values(t, d.Loss)[0][0]), want, 1e-5)
}

// One-sided smoothing: with D answering a to everything the loss is softplus(a) - t a on data and softplus(a) on samples.
func TestSmoothing(t *testing.T) {
	const a = 0.8
	s := build(t, Improved{}, twoPoints(), map[string]string{"width": "8", "batch": "4", "smooth": "0.7"})
	for _, p := range s.build.Scope("d").Params() {
		clear(nn.Data(p))
		if p.Name() == "d.out.b" {
			nn.Data(p)[0] = a
		}
	}
	got := lossesAtZero(t, s)
	near(t, "D", got["d"], 2*math.Log1p(math.Exp(a))-0.7*a, 1e-6)
}

// Instance noise of 0.6 over 4 steps: 0.45 is left after one step, nothing after four.
func TestInstanceNoiseDecays(t *testing.T) {
	s := build(t, Improved{}, twoPoints(), map[string]string{"width": "8", "batch": "4", "noise": "0.6", "noise_steps": "4", "d_steps": "3"})
	level := nn.Data(s.build.Scope("noise").States()[0])
	for i, want := range []float64{0.6, 0.45, 0.3, 0.15, 0, 0} {
		near(t, "level", float64(level[0]), want, 1e-6)
		if err := s.Train(context.Background(), TrainOptions{Steps: i + 1}); err != nil {
			t.Fatal(err)
		}
	}
}

// Feature matching: means (2, 3) and (1, 5) are 1 + 4 apart.
func TestFeatureGap(t *testing.T) {
	g := nn.NewGraph(1)
	v := values(t, featureGap(rows(g, "real", 2, 1, 2, 3, 4), rows(g, "fake", 2, 0, 6, 2, 4)))
	near(t, "gap", float64(v[0][0]), 5, 1e-6)
}

// Minibatch discrimination against a plain loop, on three samples and two views of depth two.
func TestCloseness(t *testing.T) {
	m := []float32{.1, .2, .3, .4, .5, -.6, .7, .8, -.9, 1, 0, .2}
	const n, views, depth = 3, 2, 2
	got := values(t, closeness(rows(nn.NewGraph(1), "m", n, m...), views))[0]
	for i := range n {
		for v := range views {
			want := 0.0
			for j := range n {
				apart := 0.0
				for k := range depth {
					apart += math.Abs(float64(m[(i*views+v)*depth+k] - m[(j*views+v)*depth+k]))
				}
				want += math.Exp(-apart)
			}
			near(t, "closeness", float64(got[i*views+v]), want, 1e-5)
		}
	}
}

// Historical averaging: the state is the mean of the weights that the steps started from, and the penalty their squared distance from it.
func TestHistoricalAveraging(t *testing.T) {
	s := build(t, Improved{}, twoPoints(), map[string]string{"width": "4", "batch": "4", "history": "0.5", "smooth": "1"})
	w := nn.Data(s.build.Scope("g").Params()[0])
	var mean []float64
	for step := range 4 {
		for i, v := range w {
			if step == 0 {
				mean = append(mean, 0)
			}
			mean[i] += (float64(v) - mean[i]) / float64(step+1)
		}
		if err := s.Train(context.Background(), TrainOptions{Steps: step + 1}); err != nil {
			t.Fatal(err)
		}
	}
	for _, h := range s.build.Scope("history.g").States() {
		if h.Name() == "history."+s.build.Scope("g").Params()[0].Name() {
			for i, v := range nn.Data(h) {
				near(t, "mean weight", float64(v), mean[i], 1e-6)
			}
			return
		}
	}
	t.Error("no history of the first weight")
}

// What one batch is decides what a batch norm's answer depends on. Joined, the answer on data changes with the samples; apart it does not; beside a fixed batch of data it
// does not either, but is another one than apart.
func TestBatches(t *testing.T) {
	before, after := map[string]float32{}, map[string]float32{}
	for _, how := range []string{"separate", "joint", "reference"} {
		s := build(t, Improved{}, bars(), map[string]string{"width": "2", "depth": "2", "batch": "4", "batches": how, "d_norm": "batch"})
		for i := range nn.Data(s.build.feeds[0].nodes[0]) { // the data, a batch that the reference is not
			nn.Data(s.build.feeds[0].nodes[0])[i] = float32(i*i%7)/3 - 1
		}
		answer := s.build.turns[0].Watch["D(real)"]
		before[how] = values(t, answer)[0][0]
		for _, p := range s.build.Scope("g").Params() {
			if p.Name() == "g.out.b" {
				nn.Data(p)[0] = 2
			}
		}
		after[how] = values(t, answer)[0][0]
	}
	for how, same := range map[string]bool{"separate": true, "joint": false, "reference": true} {
		if (before[how] == after[how]) != same {
			t.Errorf("%s: the answer on data went from %v to %v with the samples", how, before[how], after[how])
		}
	}
	if before["reference"] == before["separate"] {
		t.Error("the reference batch changes nothing")
	}
}
