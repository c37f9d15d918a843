package zoo

import (
	"context"
	"maps"
	"math"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

func twoPoints() *datasets.Set {
	return &datasets.Set{Train: &datasets.Samples{Shape: []int{2}, Data: []float32{1, 0, -1, 0, 0, 1, 0, -1}, Labels: []int{0, 1, 0, 1}}}
}

// build makes a session of the paper's settings with those given over them: a better default is no business of a test of what the model computes.
func build(t *testing.T, m Model, set *datasets.Set, settings map[string]string) *Session {
	t.Helper()
	given, err := Preset(m.Info(), kindOf(set), PresetPaper)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(given, settings)
	s, err := New(m, Config{Set: set, Settings: given, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// After every critic update each weight of the critic lies in [-c, c], and some have reached the bound; the generator's are free.
func TestClipClips(t *testing.T) {
	s := build(t, WGAN{}, twoPoints(), map[string]string{"clip": "0.02", "width": "16", "batch": "8", "lr_g": "1e-2"})
	if err := s.Train(context.Background(), TrainOptions{Steps: 20}); err != nil {
		t.Fatal(err)
	}
	const c = float32(0.02)
	atBound, beyond := 0, 0
	for _, p := range s.build.Scope("d").Params() {
		for _, w := range nn.Data(p) {
			if w > c || w < -c {
				t.Fatalf("%s holds %v", p.Name(), w)
			}
			if w == c || w == -c {
				atBound++
			}
		}
	}
	for _, p := range s.build.Scope("g").Params() {
		for _, w := range nn.Data(p) {
			if w > c || w < -c {
				beyond++
			}
		}
	}
	if atBound == 0 || beyond == 0 {
		t.Errorf("%d critic weights at the bound, %d generator weights beyond it", atBound, beyond)
	}
}

// lossesAtZero runs every turn's loss with all parameters of some networks at zero.
func lossesAtZero(t *testing.T, s *Session, networks ...string) map[string]float64 {
	t.Helper()
	for _, n := range networks {
		for _, p := range s.build.Scope(n).Params() {
			clear(nn.Data(p))
		}
	}
	got := map[string]float64{}
	for _, u := range s.build.turns {
		for _, f := range u.feeds {
			f.fill()
		}
		prog, err := nn.Compile(u.Loss)
		if err != nil {
			t.Fatal(err)
		}
		if err := prog.Run(); err != nil {
			t.Fatal(err)
		}
		got[u.Name] = float64(prog.Get(u.Loss)[0])
	}
	return got
}

// A discriminator that answers 0 to everything: the closed forms of the losses.
func TestLossesOfAConstantDiscriminator(t *testing.T) {
	ln2 := math.Ln2
	for _, c := range []struct {
		model  Model
		d      []string
		want   map[string]float64
		ignore string
	}{
		{GAN{}, []string{"d"}, map[string]float64{"d": 2 * ln2, "g": ln2}, ""},
		{GAN{Saturating: true}, []string{"d"}, map[string]float64{"d": 2 * ln2, "g": -ln2}, ""}, // E log(1 - 1/2)
		{WGAN{}, []string{"d"}, map[string]float64{"d": 0, "g": 0}, ""},
		{CGAN{}, []string{"d"}, map[string]float64{"d": 2 * ln2, "g": ln2}, ""}, // negatives weigh 1/2 + 1/2
	} {
		s := build(t, c.model, twoPoints(), map[string]string{"width": "8", "batch": "4"})
		for turn, got := range lossesAtZero(t, s, c.d...) {
			if math.Abs(got-c.want[turn]) > 1e-6 {
				t.Errorf("%s, turn %s: %v, want %v", s.Info().ID, turn, got, c.want[turn])
			}
		}
	}
}

// CycleGAN with all networks at zero: least squares 1/2 (1 + 0 + 1 + 0) = 1 for D; for G twice 1 from the adversarial terms plus lambda times the cycle error. With zero
// weights the translators are the identity on points (they add to their input), so nothing is lost on the way there and back.
func TestCycleGANLosses(t *testing.T) {
	set := twoPoints()
	set.Test = set.Train
	set.Target = &datasets.Domain{Train: set.Train, Test: set.Train}
	s := build(t, CycleGAN{}, set, map[string]string{"width": "8", "batch": "4"})
	got := lossesAtZero(t, s, "d_x", "d_y", "g", "f")
	if math.Abs(got["d"]-1) > 1e-6 || math.Abs(got["g"]-2) > 1e-6 {
		t.Errorf("losses %v, want d 1 and g 2", got)
	}
	x, err := s.Sample(context.Background(), 3, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range s.Sources(3).Data {
		if math.Abs(float64(v-x.Data[i])) > 1e-6 {
			t.Errorf("the identity moved value %d from %v to %v", i, v, x.Data[i])
		}
	}
}

// VAE with all weights at zero: q = N(0, 1) so KL = 0; the decoder says 0. On points of mean square 1 per coordinate after scaling with fixed sigma s:
// NLL = D/2 log(2 pi s^2) + D/(2 s^2). On images with Bernoulli likelihood: every value costs log 2 whatever it is.
func TestVAELosses(t *testing.T) {
	s := build(t, VAE{}, twoPoints(), map[string]string{"width": "8", "batch": "4", "likelihood": "gaussian", "sigma": "0.5"})
	want := math.Log(2*math.Pi*0.25) + 1/0.25
	if got := lossesAtZero(t, s, "encoder", "decoder")["elbo"]; math.Abs(got-want) > 1e-5 {
		t.Errorf("points: %v, want %v", got, want)
	}
	images := &datasets.Set{Train: &datasets.Samples{Shape: []int{8, 8, 1}, Data: make([]float32, 4*64)}}
	for i := range images.Train.Data {
		images.Train.Data[i] = float32(i%5)/2 - 1
	}
	s = build(t, VAE{}, images, map[string]string{"width": "8", "batch": "4"})
	if got := lossesAtZero(t, s, "encoder", "decoder")["elbo"]; math.Abs(got-64*math.Ln2) > 1e-4 {
		t.Errorf("images: %v, want %v", got, 64*math.Ln2)
	}
}

// The minimax generator's gradient vanishes while the discriminator is sure, the non-saturating one's does not: at D(G(z)) = 1e-3 the derivatives of the losses with
// respect to the logit are -1e-3 and -0.999.
func TestSaturation(t *testing.T) {
	g := nn.NewGraph(1)
	logit := g.Scope("x").Param("logit", nn.Const(float32(math.Log(1e-3/(1-1e-3)))), 1)
	for name, c := range map[string]struct {
		loss *nn.Node
		want float64
	}{
		"minimax":        {nn.Neg(nn.BCELogits(logit, 0)), -1e-3},
		"non-saturating": {nn.BCELogits(logit, 1), -0.999},
	} {
		d, err := nn.Grad(c.loss, logit)
		if err != nil {
			t.Fatal(err)
		}
		prog, err := nn.Compile(d[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := prog.Run(); err != nil {
			t.Fatal(err)
		}
		if got := float64(prog.Get(d[0])[0]); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
