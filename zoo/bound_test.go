package zoo

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// linear is a VAE whose networks are lines: x = w z + s e in the plane, code of one dimension, so that p(x) = N(0, w w^T + s^2 I) is known. A hidden layer of two
// rectifiers of a number and of its negative gives the number back: ReLU(a) - ReLU(-a) = a, and 1.2 a for the encoder's leaky ones of slope 0.2.
func linear(t *testing.T, m Model, u [2]float32, logVar float32, settings map[string]string) *Session {
	t.Helper()
	all := map[string]string{"width": "2", "depth": "1", "latent": "1", "batch": "3", "likelihood": "gaussian", "sigma": "0.6"}
	for k, v := range settings {
		all[k] = v
	}
	s := build(t, m, twoPoints(), all)
	set := map[string][]float32{
		"encoder.fc0.w": {u[0], -u[0], u[1], -u[1]}, "encoder.fc0.b": {0, 0},
		"encoder.out.w": {1 / 1.2, 0, -1 / 1.2, 0}, "encoder.out.b": {0, logVar},
		"decoder.fc0.w": {1, -1}, "decoder.fc0.b": {0, 0},
		"decoder.out.w": {lineW[0], lineW[1], -lineW[0], -lineW[1]}, "decoder.out.b": {0, 0},
	}
	for _, p := range s.build.graph.Scope("").Params() {
		v, ok := set[p.Name()]
		if !ok || len(v) != len(nn.Data(p)) {
			t.Fatalf("parameter %s with %d values is not part of the line", p.Name(), len(nn.Data(p)))
		}
		copy(nn.Data(p), v)
	}
	return s
}

var lineW = [2]float32{0.8, -0.5}

const lineS2 = 0.36

// logLine is log p(x) of the line in the data's own units: two points have root mean square 1/sqrt 2, so the scaled ones are sqrt 2 times as large.
func logLine(x []float32) float64 {
	a, b := float64(x[0])*math.Sqrt2, float64(x[1])*math.Sqrt2
	p, q, r := float64(lineW[0]*lineW[0])+lineS2, float64(lineW[0]*lineW[1]), float64(lineW[1]*lineW[1])+lineS2
	det := p*r - q*q
	return -math.Log(2*math.Pi) - 0.5*math.Log(det) - 0.5*(r*a*a-2*q*a*b+p*b*b)/det + math.Log(2)
}

func samplesOf(rows ...[2]float32) *datasets.Samples {
	x := &datasets.Samples{Shape: []int{2}}
	for _, r := range rows {
		x.Data = append(x.Data, r[:]...)
	}
	return x
}

// meanBound averages over seeds.
func meanBound(t *testing.T, s *Session, x *datasets.Samples, codes, seeds int) []float64 {
	t.Helper()
	mean := make([]float64, x.Len())
	for seed := range seeds {
		l, exact, err := s.Bound(context.Background(), x, codes, uint64(seed))
		if err != nil || exact {
			t.Fatalf("exact %t, %v", exact, err)
		}
		for i, v := range l {
			mean[i] += v / float64(seeds)
		}
	}
	return mean
}

// The evidence lower bound of the line never exceeds log p(x), lacks exactly KL(q || p(z|x)), and reaches it for the optimal q, N(w.x / (|w|^2 + s^2), s^2 / (|w|^2 + s^2)):
// every importance weight is p(x) then, whatever the code. 4000 seeds, tolerance of five standard errors.
func TestBoundOfALine(t *testing.T) {
	x := samplesOf([2]float32{1, 0.3}, [2]float32{-0.2, 0.9}, [2]float32{0, 0}, [2]float32{2, -1})
	w2 := float64(lineW[0]*lineW[0] + lineW[1]*lineW[1])
	gain := float32(1 / (w2 + lineS2))
	best := [2]float32{lineW[0] * gain, lineW[1] * gain}
	bestVar := lineS2 / (w2 + lineS2)

	s := linear(t, IWAE{}, best, float32(math.Log(bestVar)), nil)
	for seed := range uint64(3) {
		l, _, err := s.Bound(context.Background(), x, 2, seed)
		if err != nil {
			t.Fatal(err)
		}
		for i := range l {
			near(t, "optimal q", l[i], logLine(x.Row(i)), 2e-5)
		}
	}

	for _, kl := range []string{"exact", "lecture"} {
		const wide = 0.4 // log-variance of q; in the lecture's form the network's output is the log of the standard deviation
		settings, out := map[string]string{"kl": kl, "beta": "3"}, float32(wide)
		if kl == "lecture" {
			out = wide / 2
		}
		s = linear(t, VAE{}, [2]float32{0.5, 0.5}, out, settings)
		l := meanBound(t, s, x, 1, 4000)
		for i, got := range l {
			a, b := float64(x.Row(i)[0])*math.Sqrt2, float64(x.Row(i)[1])*math.Sqrt2
			off := 0.5*(a+b) - (float64(best[0])*a + float64(best[1])*b)
			gap := 0.5 * (math.Exp(wide)/bestVar - 1 + off*off/bestVar - wide + math.Log(bestVar))
			near(t, kl+" gap", logLine(x.Row(i))-got, gap, 0.15)
			if got > logLine(x.Row(i)) {
				t.Errorf("%s: bound %v above log p = %v", kl, got, logLine(x.Row(i)))
			}
		}
	}

	s = linear(t, IWAE{}, [2]float32{0.5, 0.5}, 0.4, nil)
	one, many := meanBound(t, s, x, 1, 500), meanBound(t, s, x, 50, 500)
	for i := range many {
		if many[i] < one[i]+0.05 || many[i] > logLine(x.Row(i))+1e-3 {
			t.Errorf("sample %d: bounds %v with 1 code, %v with 50, log p = %v", i, one[i], many[i], logLine(x.Row(i)))
		}
	}
}

// Of the line's terms all is known: with the optimal q every code gives log p(x); means over codes are those of normal densities, E log p(z) = -1/2 (log 2 pi + m^2 + v),
// E log q = -1/2 log(2 pi e v), and p(x|z) makes up the rest. The bound of the same codes is made of them. 4000 codes, tolerance of five standard errors.
func TestTermsOfALine(t *testing.T) {
	ctx := context.Background()
	x := samplesOf([2]float32{1, 0.3}, [2]float32{-0.2, 0.9}, [2]float32{0, 0}, [2]float32{2, -1})
	w2 := float64(lineW[0]*lineW[0] + lineW[1]*lineW[1])
	v := lineS2 / (w2 + lineS2)
	gain := 1 / (w2 + lineS2)
	s := linear(t, VAE{}, [2]float32{lineW[0] * float32(gain), lineW[1] * float32(gain)}, float32(math.Log(v)), nil)
	const codes = 4000
	got, err := s.Terms(ctx, x, codes, 1)
	if err != nil || got.Codes != codes || len(got.PX) != x.Len()*codes {
		t.Fatal(got, err)
	}
	bound, _, err := s.Bound(ctx, x, codes, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range x.Len() {
		px, pz, qz, weights := 0.0, 0.0, 0.0, 0.0
		for k := i * codes; k < (i+1)*codes; k++ {
			w := got.PX[k] + got.PZ[k] - got.QZ[k]
			near(t, "weight of a code", w, logLine(x.Row(i)), 5e-5)
			px, pz, qz, weights = px+got.PX[k]/codes, pz+got.PZ[k]/codes, qz+got.QZ[k]/codes, weights+math.Exp(w)/codes
		}
		m := gain * math.Sqrt2 * (float64(lineW[0]*x.Row(i)[0]) + float64(lineW[1]*x.Row(i)[1]))
		entropy, prior := -0.5*math.Log(2*math.Pi*math.E*v), -0.5*(math.Log(2*math.Pi)+m*m+v)
		near(t, "log q", qz, entropy, 5*math.Sqrt(0.5/codes))
		near(t, "log p(z)", pz, prior, 5*math.Sqrt((v*v/2+m*m*v)/codes))
		near(t, "log p(x|z)", px, logLine(x.Row(i))+entropy-prior, 0.15)
		near(t, "bound", bound[i], math.Log(weights), 5e-5)
	}
	if _, err := build(t, GaussianFit{}, twoPoints(), nil).Terms(ctx, x, 3, 1); !errors.Is(err, ErrHook) {
		t.Errorf("a model without codes: %v", err)
	}
	if _, err := s.Terms(ctx, x, 0, 1); err == nil {
		t.Error("terms of no code")
	}
}

// A decoder that ignores its code, and an encoder that says mean 1 and 1/2 to everything: the KL term of log-variance 1/2 is 1/2 (1 + e^1/2 - 1/2 - 1), the lecture's twice
// that; beta weighs it. The rest is -log p(x) at sigma = 1/2 as in TestBoundsAtZero.
func TestTermsOfTheVAE(t *testing.T) {
	rest := math.Log(2*math.Pi*0.25) + 1/0.25
	for _, c := range []struct {
		kl, beta string
		want     float64
	}{
		{"exact", "1", 0.5 * (math.Exp(0.5) - 0.5)},
		{"exact", "4", 4 * 0.5 * (math.Exp(0.5) - 0.5)},
		{"lecture", "1", math.Exp(0.5) - 1.5 + 1},
		{"lecture", "0.5", 0.5 * (math.Exp(0.5) - 1.5 + 1)},
	} {
		s := build(t, VAE{}, twoPoints(), map[string]string{"width": "8", "batch": "8", "latent": "1", "likelihood": "gaussian", "sigma": "0.5", "kl": c.kl, "beta": c.beta})
		for _, n := range []string{"encoder", "decoder"} {
			for _, p := range s.build.Scope(n).Params() {
				clear(nn.Data(p))
				if p.Name() == "encoder.out.b" {
					nn.Data(p)[0], nn.Data(p)[1] = 1, 0.5
				}
			}
		}
		near(t, c.kl+" "+c.beta, lossesAtZero(t, s)["elbo"], rest+c.want, 1e-5)
	}
}

// A likelihood does not depend on the batch size, and says what is wrong with a question.
func TestLikelihoodHook(t *testing.T) {
	ctx := context.Background()
	x := samplesOf([2]float32{1, 0.3}, [2]float32{-0.2, 0.9}, [2]float32{0, 0}, [2]float32{2, -1}, [2]float32{0.5, 0.5})
	var first []float64
	for _, batch := range []string{"2", "3", "7"} {
		l, exact, err := linear(t, VAE{}, [2]float32{0.5, 0.5}, 0, map[string]string{"batch": batch}).LogLikelihood(ctx, x)
		if err != nil || exact {
			t.Fatal(exact, err)
		}
		if first == nil {
			first = l
		}
		for i := range l {
			if l[i] != first[i] {
				t.Errorf("batch %s: sample %d has %v, with batch 2 %v", batch, i, l[i], first[i])
			}
		}
	}
	for _, c := range []struct {
		model Model
		x     *datasets.Samples
		is    error
	}{
		{GAN{}, x, ErrHook},
		{VAE{}, &datasets.Samples{Shape: []int{3}, Data: make([]float32, 3)}, datasets.ErrShape},
		{VAE{Conditional: true}, x, datasets.ErrShape},
	} {
		if _, _, err := build(t, c.model, twoPoints(), nil).LogLikelihood(ctx, c.x); !errors.Is(err, c.is) {
			t.Errorf("%s: %v", c.model.Info().ID, err)
		}
	}
	if _, err := build(t, VAE{}, twoPoints(), nil).LogConditional(ctx, x, []bool{true, false}); !errors.Is(err, ErrHook) {
		t.Errorf("a VAE on parts: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := build(t, VAE{}, twoPoints(), nil).LogLikelihood(cancelled, x); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// Fits in closed form: four points of covariance 1/2 I (divided by n) make log N(x) = -log 2 pi - log 1/2 - |x|^2; a mixture of one component has the same variance; the truth of two modes at distance 20 is half of one.
func TestExactLikelihoods(t *testing.T) {
	x := samplesOf([2]float32{1, 0.5}, [2]float32{0, 0})
	ask := func(m Model, set *datasets.Set, settings map[string]string) []float64 {
		l, exact, err := build(t, m, set, settings).LogLikelihood(context.Background(), x)
		if err != nil || !exact {
			t.Fatal(exact, err)
		}
		return l
	}
	l := ask(GaussianFit{}, twoPoints(), nil)
	near(t, "gaussian-fit", l[0], -math.Log(2*math.Pi)-math.Log(0.5)-1.25, 1e-5)
	near(t, "gaussian-fit at 0", l[1], -math.Log(2*math.Pi)-math.Log(0.5), 1e-5)
	l = ask(GaussianFit{}, twoPoints(), map[string]string{"rows": "2"}) // (1, 0) and (-1, 0): variances 1 and 0, a millionth of 1/2 added
	near(t, "gaussian-fit of two rows at 0", l[1], -math.Log(2*math.Pi)-math.Log(5e-7)/2, 1e-5)
	l = ask(MixtureFit{}, twoPoints(), map[string]string{"k": "1"})
	near(t, "em-gmm", l[0], -math.Log(2*math.Pi)-math.Log(0.5)-1.25, 1e-6)
	set := twoPoints()
	set.Truth = &datasets.Mixture{Modes: [][]float64{{0, 0}, {20, 0}}, Sigma: 0.5}
	near(t, "perfect", ask(Perfect{}, set, nil)[0], -math.Log(2)-math.Log(2*math.Pi)-math.Log(0.25)-2*1.25, 1e-9)
}
