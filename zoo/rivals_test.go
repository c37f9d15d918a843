package zoo

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// values compiles and runs nodes.
func values(t *testing.T, nodes ...*nn.Node) [][]float32 {
	t.Helper()
	p, err := nn.Compile(nodes...)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	out := make([][]float32, len(nodes))
	for i, n := range nodes {
		out[i] = append(out[i], p.Get(n)...)
	}
	return out
}

func rows(g *nn.Graph, name string, count int, v ...float32) *nn.Node {
	n := g.Input(name, count, len(v)/count)
	copy(nn.Data(n), v)
	return n
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// The answers and losses that TF-GAN's loss tests are pinned to: wasserstein D -2.625 and G -2.1, least squares D 19.76125 and G 7.3425, minimax D 3.1251488 and
// non-saturating G 0.9509911. Hinge by hand: no x falls short of 1; 1 + D(G) is 5.8, 2.2, 0, 6.9 with mean 3.725; G is -mean = -2.1.
func TestRivals(t *testing.T) {
	g := nn.NewGraph(1)
	real, fake := rows(g, "real", 4, 1.3, 2.9, 8.4, 6.3), rows(g, "fake", 4, 4.8, 1.2, -3.5, 5.9)
	for loss, want := range map[string][2]float64{
		"wasserstein":   {-2.625, -2.1},
		"least-squares": {19.76125, 7.3425},
		"log":           {3.1251488, 0.9509911},
		"hinge":         {3.725, -2.1},
	} {
		d, gl := rivals(loss, real, fake)
		v := values(t, d, gl)
		near(t, loss+" D", float64(v[0][0]), want[0], 2e-6*math.Abs(want[0])+1e-6)
		near(t, loss+" G", float64(v[1][0]), want[1], 2e-6*math.Abs(want[1])+1e-6)
	}
}

// With all networks at zero the discriminator answers 0 and samples are 0. The data are (+-1, 0), (0, +-1), scaled to (+-sqrt 2, 0), (0, +-sqrt 2): mean square 1 and
// mean absolute value sqrt(1/2).
func TestLossesAtZero(t *testing.T) {
	ln2 := math.Ln2
	for _, c := range []struct {
		model    Model
		settings map[string]string
		d, g     float64
	}{
		{LSGAN{}, nil, 0.5, 0.5},
		{WGANGP{}, map[string]string{"lambda": "7"}, 7, 0}, // a constant critic has slope 0 and pays (0 - 1)^2
		{DRAGAN{}, map[string]string{"lambda": "10"}, 2*ln2 + 10, ln2},
		{R1{}, nil, 2 * ln2, ln2},
		{R3GAN{}, nil, ln2, ln2},
		{SNGAN{}, map[string]string{"d_norm": "none"}, 2, 0},
		{SNGAN{}, map[string]string{"d_norm": "none", "loss": "least-squares"}, 0.5, 0.5},
		{BEGAN{}, nil, math.Sqrt(0.5), 0},                                  // k starts at 0
		{EBGAN{}, map[string]string{"margin": "3", "pull": "0"}, 1 + 3, 0}, // data cost their mean square, samples nothing: short of the margin by all of it
		{FGAN{}, map[string]string{"divergence": "kl"}, 1 / math.E, 0},     // T = 0, f*(0) = e^-1; trick: -T
		{FGAN{}, map[string]string{"divergence": "kl", "g_loss": "conjugate"}, 1 / math.E, -1 / math.E},
		{FGAN{}, map[string]string{"divergence": "reverse-kl"}, 0, 1}, // T = -1, f* = -1
		{FGAN{}, nil, 0, 0},
		{RaGAN{}, nil, 2 * ln2, 2 * ln2},
		{RaGAN{}, map[string]string{"loss": "hinge"}, 2, 2},
		{RaGAN{}, map[string]string{"loss": "least-squares"}, 2, 2},
		{PacGAN{}, map[string]string{"m": "4"}, 2 * ln2, ln2},
		{Unrolled{}, nil, 2 * ln2, ln2},
		{DDGAN{}, nil, 2 * ln2, ln2},
	} {
		settings := map[string]string{"width": "8", "batch": "4"}
		for k, v := range c.settings {
			settings[k] = v
		}
		s := build(t, c.model, twoPoints(), settings)
		got := lossesAtZero(t, s, "d", "g")
		near(t, s.Info().ID+" D", got["d"], c.d, 5e-5)
		near(t, s.Info().ID+" G", got["g"], c.g, 1e-5)
	}
}

// A linear critic D(x) = 3 x_1 - 4 x_2 has slope 5 everywhere: squared 25, penalty (5 - 1)^2 = 16.
func TestSlopes(t *testing.T) {
	g := nn.NewGraph(1)
	x, w := rows(g, "x", 3, 1, 2, 3, 4, 5, 6), rows(g, "w", 2, 3, -4)
	score := nn.MatMul(x, w, false, false)
	v := values(t, slopes(score, x), unitSlope(norms(score, x)))
	for _, s := range v[0] {
		near(t, "squared slope", float64(s), 25, 1e-4)
	}
	near(t, "penalty", float64(v[1][0]), 16, 1e-4)
}

// The variational bound is the divergence when T is best: T* = f'(p/q), that is written in v through the activations, see the rows.
// p = N(0, 1), q = N(1, 1): KL = reverse KL = 1/2, chi^2 = e - 1, squared Hellinger = 2 - 2 e^(-1/8), TV = erf(1 / sqrt 8); JS by quadrature. Any other v gives less.
func TestDivergencesReachTheirValue(t *testing.T) {
	const n, lo, hi = 4001, -9.0, 10.0
	dx := (hi - lo) / (n - 1)
	p, q, logRatio := make([]float64, n), make([]float64, n), make([]float64, n)
	js := 0.0
	for i := range n {
		x := lo + float64(i)*dx
		p[i], q[i] = math.Exp(-x*x/2)/math.Sqrt(2*math.Pi), math.Exp(-(x-1)*(x-1)/2)/math.Sqrt(2*math.Pi)
		logRatio[i] = 0.5 - x
		m := (p[i] + q[i]) / 2
		js += dx * (p[i]*math.Log(p[i]/m) + q[i]*math.Log(q[i]/m))
	}
	for name, c := range map[string]struct {
		best func(l float64) float64 // v at log ratio l
		want float64
	}{
		"kl":         {func(l float64) float64 { return 1 + l }, 0.5},                          // f' = 1 + log u
		"reverse-kl": {func(l float64) float64 { return l }, 0.5},                              // f' = -1/u = -e^-v
		"js":         {func(l float64) float64 { return l }, js},                               // f' = log 2u/(1+u)
		"pearson":    {func(l float64) float64 { return 2 * (math.Exp(l) - 1) }, math.E - 1},   // f' = 2 (u - 1)
		"hellinger":  {func(l float64) float64 { return l / 2 }, 2 - 2*math.Exp(-1.0/8)},       // f' = 1 - u^-1/2
		"tv":         {func(l float64) float64 { return 1e3 * l }, math.Erf(1 / math.Sqrt(8))}, // f' = sign(u - 1) / 2
	} {
		f := divergences(name)
		bound := func(scale float64) float64 {
			g := nn.NewGraph(1)
			v := g.Input("v", n, 1)
			for i, l := range logRatio {
				nn.Data(v)[i] = float32(scale * c.best(l))
			}
			out := values(t, f.activation(v), f.conjugate(v))
			s := 0.0
			for i := range n {
				s += dx * (p[i]*float64(out[0][i]) - q[i]*float64(out[1][i]))
			}
			return s
		}
		near(t, name, bound(1), c.want, 2e-4)
		if less := bound(0.7); name != "tv" && less > c.want-1e-3 {
			t.Errorf("%s: a worse discriminator reads %v, no less than %v", name, less, c.want)
		}
	}
}

// The generator at zero but for a last bias of (2, -1): every sample is (2, -1), L(G) = 3/2 under an autoencoder that answers 0, and k = 1/4 weighs it.
func TestBEGANWeighsSamples(t *testing.T) {
	s := build(t, BEGAN{}, twoPoints(), map[string]string{"width": "8", "batch": "4"})
	for _, p := range s.build.graph.Scope("").Params() {
		clear(nn.Data(p))
		if p.Name() == "g.out.b" {
			copy(nn.Data(p), []float32{2, -1})
		}
	}
	nn.Data(s.build.Scope("balance").States()[0])[0] = 0.25
	got := lossesAtZero(t, s)
	near(t, "D", got["d"], math.Sqrt(0.5)-0.25*1.5, 1e-5)
	near(t, "G", got["g"], 1.5, 1e-5)
}

// A generator's update raises the answers on its samples (or lowers the lead of the data), a discriminator's one raises that lead, on the same inputs.
func TestWhoPullsWhere(t *testing.T) {
	checked := 0
	for _, m := range All() {
		if m.Info().Family != Adversarial || !slices.Contains(m.Info().Kinds, datasets.Points) {
			continue
		}
		settings := map[string]string{"batch": "32"}
		if m.Info().ID == "wgan" {
			settings["clip"] = "1e6" // clipping follows the update and levels the critic
		}
		s := build(t, m, twoPoints(), settings)
		watch := s.build.turns[0].Watch
		lead := watch["lead of data"]
		if w := watch["W estimate"]; w != nil {
			lead = w
		}
		if watch["D(real)"] != nil {
			lead = nn.Sub(watch["D(real)"], watch["D(fake)"])
		}
		if lead == nil || len(s.build.turns) < 2 {
			continue
		}
		checked++
		for _, u := range s.build.turns {
			for _, f := range u.feeds {
				f.fill()
			}
			before := values(t, lead)[0][0]
			if err := u.run(); err != nil {
				t.Fatal(err)
			}
			if after := values(t, lead)[0][0]; (after > before) != (u.Role == Critic) {
				t.Errorf("%s, turn %s: the lead of the data went from %v to %v", m.Info().ID, u.Name, before, after)
			}
		}
	}
	if checked < 12 {
		t.Errorf("%d models checked", checked)
	}
}

// The lines go from samples to data: t rows of 0 stay at the sample, rows of 1 reach the datum.
func TestLinesGoFromSamplesToData(t *testing.T) {
	g := nn.NewGraph(1)
	got := values(t, lines(rows(g, "from", 3, 1, 1, 1, 1, 1, 1), rows(g, "to", 3, 3, 5, 3, 5, 3, 5), rows(g, "t", 3, 0, 0.5, 1)))[0]
	for i, want := range []float32{1, 1, 2, 3, 3, 5} {
		if got[i] != want {
			t.Fatalf("%v", got)
		}
	}
}

// The controller of BEGAN by hand. At zero weights L(x) = sqrt(1/2) on this data and L(G) = 0: k = lambda_k gamma L(x) after one update, M = L(x) + gamma L(x).
func TestBEGANController(t *testing.T) {
	s := build(t, BEGAN{}, twoPoints(), map[string]string{"width": "8", "batch": "4", "lambda_k": "0.1", "gamma": "0.5", "lr_d": "1e-30", "lr_g": "1e-30"})
	for _, p := range s.build.graph.Scope("").Params() {
		clear(nn.Data(p))
	}
	if err := s.Train(context.Background(), TrainOptions{Steps: 1, LogEvery: 1}); err != nil {
		t.Fatal(err)
	}
	l := math.Sqrt(0.5)
	k := nn.Data(s.build.Scope("balance").States()[0])[0]
	near(t, "k", float64(k), 0.1*0.5*l, 1e-6)
	for _, c := range s.Curves() {
		if c.Name == "M" {
			near(t, "M", c.Values[0], 1.5*l, 1e-6)
		}
	}
	if err := s.Train(context.Background(), TrainOptions{Steps: 100}); err != nil {
		t.Fatal(err)
	}
	if k := nn.Data(s.build.Scope("balance").States()[0])[0]; k != 1 {
		t.Errorf("k = %v after a hundred updates that raise it by 0.035, want the bound 1", k)
	}
}

// The pulling-away term: orthogonal codes 0, parallel ones 1; of three rows, two parallel and one orthogonal: 2 of 6 ordered pairs, 1/3.
func TestAlignment(t *testing.T) {
	g := nn.NewGraph(1)
	v := values(t,
		alignment(rows(g, "a", 2, 3, 0, 0, 5)),
		alignment(rows(g, "b", 2, 1, 2, -2, -4)),
		alignment(rows(g, "c", 3, 1, 1, 2, 2, 1, -1)))
	for i, want := range []float64{0, 1, 1. / 3} {
		near(t, "alignment", float64(v[i][0]), want, 1e-6)
	}
}

// Packs join the i-th of each part: rows a b c d with m = 2 give (a, c) and (b, d).
func TestPack(t *testing.T) {
	g := nn.NewGraph(1)
	got := values(t, pack(rows(g, "x", 4, 1, 2, 3, 4, 5, 6, 7, 8), 2))[0]
	for i, want := range []float32{1, 2, 5, 6, 3, 4, 7, 8} {
		if got[i] != want {
			t.Fatalf("%v", got)
		}
	}
}

// The generator's loss after k = 3 steps of the discriminator equals that of a plain pair (same names, hence same weights and inputs) whose discriminator really made
// them; and with k = 0 it is the plain loss.
func TestUnrolledLooksAhead(t *testing.T) {
	const k, eta = 3, 0.3
	settings := map[string]string{"width": "8", "batch": "4"}
	plain := build(t, GAN{}, twoPoints(), settings)
	d, g := plain.build.turns[0], plain.build.turns[1]
	fill := func(s *Session) {
		for _, u := range s.build.turns[:1] { // the first turn reads every input
			for _, f := range u.feeds {
				f.fill()
			}
		}
	}
	fill(plain)
	lossNow := func() float64 { return float64(values(t, g.Loss)[0][0]) }
	ahead := func(k string) float64 {
		settings := map[string]string{"width": "8", "batch": "4", "k": k, "eta": "0.3"}
		s := build(t, Unrolled{}, twoPoints(), settings)
		fill(s)
		return float64(values(t, s.build.turns[1].Loss)[0][0])
	}
	start := lossNow()
	near(t, "k = 0", ahead("0"), start, 1e-6)
	for range k {
		grads, err := nn.Grad(d.Loss, d.Train...)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values(t, grads...) {
			for j := range v {
				nn.Data(d.Train[i])[j] -= eta * v[j]
			}
		}
	}
	near(t, "k = 3", ahead("3"), lossNow(), 1e-5)
	if math.Abs(lossNow()-start) < 1e-3 {
		t.Error("the steps changed nothing, so nothing was tested")
	}
}

// After some updates each spectrally normalised weight has largest singular value 1, within the five per cent that a running estimate lags behind.
func TestSpectralNormHolds(t *testing.T) {
	s := build(t, SNGAN{}, twoPoints(), map[string]string{"width": "16", "batch": "8", "lr_d": "1e-4"})
	if err := s.Train(context.Background(), TrainOptions{Steps: 40}); err != nil {
		t.Fatal(err)
	}
	ds := s.build.Scope("d")
	states := map[string][]float32{}
	for _, u := range ds.States() {
		states[u.Name()] = nn.Data(u)
	}
	checked := 0
	for _, w := range ds.Params() {
		u := states[w.Name()[:len(w.Name())-1]+"u"]
		if u == nil || !strings.HasSuffix(w.Name(), ".w") {
			continue
		}
		checked++
		rows := len(u)
		estimate := stretch(nn.Data(w), rows, append([]float32(nil), u...), 1)
		truth := stretch(nn.Data(w), rows, append([]float32(nil), u...), 500)
		near(t, "sigma of "+w.Name(), truth/estimate, 1, 0.05)
	}
	if checked != 4 {
		t.Errorf("%d normalised weights, want three hidden layers and the head", checked)
	}
}

// stretch is |W' u| after some power iterations from u.
func stretch(w []float32, rows int, u []float32, times int) float64 {
	cols := len(w) / rows
	norm := 0.0
	for range times {
		normalise(u)
		v := make([]float32, cols)
		for i := range rows {
			for j := range cols {
				v[j] += w[i*cols+j] * u[i]
			}
		}
		norm = normalise(v)
		clear(u)
		for i := range rows {
			for j := range cols {
				u[i] += w[i*cols+j] * v[j]
			}
		}
	}
	return norm
}

func normalise(v []float32) float64 {
	s := 0.0
	for _, x := range v {
		s += float64(x) * float64(x)
	}
	s = math.Sqrt(s)
	for i := range v {
		v[i] /= float32(s)
	}
	return s
}
