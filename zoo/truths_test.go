package zoo

import (
	"context"
	"maps"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// judge is a discriminator alone: it tells data from a generator that stands still and only moves noise by a shift, so that what a loss measures can be compared with the
// truth. There are normal data on one side and the same shifted on the other, or uniform ones.
type judge struct {
	loss  string
	noise func([]float32, *rng.Source)
	shift float32
}

func (judge) Info() Info {
	return Info{ID: "judge", Kinds: allKinds, Settings: join(common("1500", "1"), adamAt("2e-3"), []Setting{number("lambda", "1", 0, 1e6, "penalty")})}
}

func (j judge) Build(b *Builder) error {
	d := b.critic(b.Scope("d"), 1, 1, normNone)
	p := &pair{b: b, x: b.Real(), fake: nn.AddConst(b.noise("q", j.noise, 1), j.shift)}
	onReal, onFake := p.judge(d)
	loss, _ := rivals(j.loss, onReal, onFake)
	watch := map[string]*nn.Node{"value": nn.Neg(loss)}
	if j.loss == "wasserstein" {
		line := p.onLines()
		slope := norms(d.Forward(line, nn.Train), line)
		watch["value"] = nn.Div(watch["value"], nn.Mean(slope)) // a critic K times as steep reads K times the distance
		loss = nn.Add(loss, nn.Scale(unitSlope(slope), float32(b.Settings.Float("lambda"))))
	}
	b.Samples(p.fake, nil)
	return b.Turn(Turn{Name: "d", Role: Critic, Loss: loss, Train: b.Scope("d").Params(), With: b.Adam("lr"), Watch: watch})
}

// oneD draws 20 000 values of mean 0 and standard deviation 1, so that scaling changes nothing that matters.
func oneD(draw func([]float32, *rng.Source)) *datasets.Set {
	x := &datasets.Samples{Shape: []int{1}, Data: make([]float32, 20000)}
	draw(x.Data, rng.Stream(3, "one-d"))
	return &datasets.Set{Train: x}
}

func trainedJudge(t *testing.T, j judge, settings map[string]string) *Session {
	t.Helper()
	all := map[string]string{"width": "32", "depth": "2", "batch": "256"}
	maps.Copy(all, settings)
	s := build(t, j, oneD(j.noise), all)
	if err := s.Train(context.Background(), TrainOptions{LogEvery: 1}); err != nil {
		t.Fatal(err)
	}
	return s
}

// At its best the discriminator's value is -2 log 2 + 2 JSD. Trained between N(0, 1) and N(m, 1), its value under the true densities (by quadrature, so that no draw
// blurs it) reads the JSD (by quadrature too) within 5 %, from below; and its answer is p / (p + q).
func TestDiscriminatorReadsTheJSD(t *testing.T) {
	for _, m := range []float64{1, 2.5} {
		s := trainedJudge(t, judge{"log", normal, float32(m)}, nil)
		const n, lo, hi = 4001, -7.0, 10.0
		x := s.build.graph.Input("grid", n, 1)
		for i := range n {
			nn.Data(x)[i] = float32(lo + (hi-lo)*float64(i)/(n-1))
		}
		d := s.build.critic(s.build.Scope("d").With(nil, nil), 1, 1, normNone)
		answer := values(t, d.Forward(x, nn.Eval))[0]
		value, jsd, off := 0.0, 0.0, 0.0
		for i, a := range answer {
			v := float64(nn.Data(x)[i])
			p, q := math.Exp(-v*v/2)/math.Sqrt(2*math.Pi), math.Exp(-(v-m)*(v-m)/2)/math.Sqrt(2*math.Pi)
			dx := (hi - lo) / (n - 1)
			value -= dx * (p*math.Log1p(math.Exp(-float64(a))) + q*math.Log1p(math.Exp(float64(a))))
			jsd += dx / 2 * (p*math.Log(2*p/(p+q)) + q*math.Log(2*q/(p+q)))
			off += dx * (p + q) / 2 * math.Abs(1/(1+math.Exp(-float64(a)))-p/(p+q))
		}
		read := (value + 2*math.Ln2) / 2
		t.Logf("shift %v: JSD %.4f, read %.4f, D off by %.4f in the mean", m, jsd, read, off)
		if math.Abs(read-jsd) > 0.05*jsd || read > jsd+1e-6 {
			t.Errorf("shift %v: read %v, the JSD is %v", m, read, jsd)
		}
		if off > 0.02 {
			t.Errorf("shift %v: D is off p / (p + q) by %v", m, off)
		}
	}
}

// Between sets that share nothing the JSD is log 2 whatever the gap, so a discriminator has nothing to say about it, while a critic of slope 1 reads the distance of the
// two sets: uniform on an interval of width sqrt 12 (standard deviation 1) and the same shifted by 4, 8 and 16.
func TestGaps(t *testing.T) {
	half := float32(math.Sqrt(3))
	for _, gap := range []float64{4, 8, 16} {
		last := func(loss string, settings map[string]string) float64 {
			s := trainedJudge(t, judge{loss, uniform(-half, half), float32(gap)}, settings)
			for _, c := range s.Curves() {
				if c.Name == "value" {
					tail := c.Values[len(c.Values)-50:]
					sum := 0.0
					for _, v := range tail {
						sum += v / float64(len(tail))
					}
					return sum
				}
			}
			return math.NaN()
		}
		jsd := (last("log", map[string]string{"steps": "300"}) + 2*math.Ln2) / 2
		w := last("wasserstein", map[string]string{"steps": "600", "beta1": "0"})
		t.Logf("gap %v: JSD %.4f, W %.3f", gap, jsd, w)
		if math.Abs(jsd-math.Ln2) > 0.02*math.Ln2 {
			t.Errorf("gap %v: the discriminator reads %v, want log 2", gap, jsd)
		}
		if math.Abs(w-gap) > 0.05*gap {
			t.Errorf("gap %v: the critic reads %v", gap, w)
		}
	}
}

// The two generators of the same weights, with a discriminator that answers 1e-3 to every sample: the gradients point the same way and are 999 to 1.
func TestSaturatedGenerators(t *testing.T) {
	gradient := func(m Model) []float64 {
		s := build(t, m, twoPoints(), map[string]string{"width": "8", "batch": "16"})
		for _, p := range s.build.Scope("d").Params() {
			for i := range nn.Data(p) {
				nn.Data(p)[i] *= 0.02 // nearly constant, but with a slope
			}
			if p.Name() == "d.out.b" {
				nn.Data(p)[0] = float32(math.Log(1e-3 / (1 - 1e-3)))
			}
		}
		u := s.build.turns[1]
		for _, f := range u.feeds {
			f.fill()
		}
		grads, err := nn.Grad(u.Loss, u.Train...)
		if err != nil {
			t.Fatal(err)
		}
		var all []float64
		for _, v := range values(t, grads...) {
			for _, x := range v {
				all = append(all, float64(x))
			}
		}
		return all
	}
	mm, ns := gradient(GAN{Saturating: true}), gradient(GAN{})
	dot, square := 0.0, 0.0
	for i := range mm {
		dot += mm[i] * ns[i]
		square += mm[i] * mm[i]
	}
	if square == 0 {
		t.Fatal("no gradient at all")
	}
	near(t, "non-saturating over minimax", dot/square, 999, 10)
}

// Under the gradient penalty the critic's slope stays near 1 while generator and critic train.
func TestPenaltyHoldsTheSlope(t *testing.T) {
	for _, c := range []struct {
		model  Model
		lambda string
	}{{WGANGP{}, "10"}, {DRAGAN{}, "10"}} {
		s := build(t, c.model, twoPoints(), map[string]string{"width": "32", "depth": "2", "batch": "64", "lambda": c.lambda, "lr_d": "1e-3", "lr_g": "1e-4"})
		if err := s.Train(context.Background(), TrainOptions{Steps: 300, LogEvery: 1}); err != nil {
			t.Fatal(err)
		}
		for _, curve := range s.Curves() {
			if curve.Name != "slope" {
				continue
			}
			tail, mean := curve.Values[200:], 0.0
			for _, v := range tail {
				mean += v / float64(len(tail))
			}
			t.Logf("%s: mean slope %.3f", s.Info().ID, mean)
			if mean < 0.8 || mean > 1.2 {
				t.Errorf("%s: mean slope %v", s.Info().ID, mean)
			}
		}
	}
}

// The largest singular value of every weight under spectral norm, by the singular value decomposition of another library, is what it was divided by within 5 %: dense
// and convolutional layers, both sides, after some updates.
func TestSpectralNormBySVD(t *testing.T) {
	images := bars()
	for _, m := range []Model{SNGAN{}, BigGAN{}, Projection{}} {
		s := build(t, m, images, map[string]string{"width": "6", "depth": "2", "batch": "8", "lr_g": "2e-5", "lr_d": "2e-5"}) // slow, so that one power iteration a step keeps up
		if err := s.Train(context.Background(), TrainOptions{Steps: 300}); err != nil {
			t.Fatal(err)
		}
		root := s.build.graph.Scope("")
		params := map[string]*nn.Node{}
		for _, p := range root.Params() {
			params[p.Name()] = p
		}
		checked := 0
		for _, u := range root.States() {
			name, ok := strings.CutSuffix(u.Name(), ".u")
			if !ok {
				continue
			}
			w := params[name+".w"]
			d := w.Shape()
			cols := d[len(d)-1]
			data := make([]float64, len(nn.Data(w)))
			for i, v := range nn.Data(w) {
				data[i] = float64(v)
			}
			var svd mat.SVD
			if !svd.Factorize(mat.NewDense(len(data)/cols, cols, data), mat.SVDNone) {
				t.Fatal("no decomposition")
			}
			v := append([]float32(nil), nn.Data(u)...)
			stretch(nn.Data(w), len(v), v, 1) // leaves W W' u / |W' u|, whose length the layer divides by
			if sigma := svd.Values(nil)[0] / normalise(v); sigma < 0.95 || sigma > 1.05 {
				t.Errorf("%s: %s is left with a largest singular value of %v", s.Info().ID, w.Name(), sigma)
			}
			checked++
		}
		if checked < 3 {
			t.Errorf("%s: %d weights checked", s.Info().ID, checked)
		}
	}
}

// Losses that another zoo's tests pin, both answers 1: minimax D 1.6265 and non-saturating G 0.3133, hinge D 2 and G -1.
func TestRivalsAtOne(t *testing.T) {
	g := nn.NewGraph(1)
	real, fake := rows(g, "real", 2, 1, 1), rows(g, "fake", 2, 1, 1)
	for loss, want := range map[string][2]float64{"log": {1.6265, 0.3133}, "hinge": {2, -1}} {
		d, gl := rivals(loss, real, fake)
		v := values(t, d, gl)
		near(t, loss+" D", float64(v[0][0]), want[0], 5e-5)
		near(t, loss+" G", float64(v[1][0]), want[1], 5e-5)
	}
}

// Total variation does not learn as it comes, since both sides end where tanh is flat: the gradients of D and G have all but vanished. Held by spectral norm it has a
// gradient, and its estimate moves.
func TestTotalVariationSaturates(t *testing.T) {
	slope := func(norm string) float64 {
		s := build(t, FGAN{}, twoPoints(), map[string]string{"divergence": "tv", "width": "64", "depth": "2", "batch": "64", "latent": "4", "d_norm": norm})
		if err := s.Train(context.Background(), TrainOptions{Steps: 400}); err != nil {
			t.Fatal(err)
		}
		u := s.build.turns[1]
		grads, err := nn.Grad(u.Loss, u.Train...)
		if err != nil {
			t.Fatal(err)
		}
		square := 0.0
		for _, v := range values(t, grads...) {
			for _, x := range v {
				square += float64(x) * float64(x)
			}
		}
		return math.Sqrt(square)
	}
	free, held := slope("none"), slope("spectral")
	t.Logf("gradient of G: %.3g free, %.3g under spectral norm", free, held)
	if !(held > 20*free) {
		t.Errorf("gradient of G: %v free, %v under spectral norm", free, held)
	}
}
