package zoo

import (
	"context"
	"math"
	"testing"

	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

func TestLogSumExp(t *testing.T) {
	got := values(t, logSumExp(rows(nn.NewGraph(1), "x", 2, 0, float32(math.Log(3)), 1000, 1000)))[0]
	near(t, "log(1 + 3)", float64(got[0]), math.Log(4), 1e-6)
	near(t, "1000 + log 2", float64(got[1]), 1000+math.Ln2, 1e-3)
}

// All weights at zero: q is the prior and the decoder ignores the code, so every importance weight is p(x), the bound is log p(x) for any k, and the conditional model
// says the same as the plain one: D/2 log(2 pi s^2) + D/(2 s^2) on points of mean square 1, here with D = 2 and s = 1/2.
func TestBoundsAtZero(t *testing.T) {
	want := math.Log(2*math.Pi*0.25) + 1/0.25
	settings := map[string]string{"width": "8", "batch": "4", "likelihood": "gaussian", "sigma": "0.5"}
	s := build(t, VAE{Conditional: true}, twoPoints(), settings)
	near(t, "cvae", lossesAtZero(t, s, "encoder", "decoder")["elbo"], want, 1e-5)
	settings["k"] = "7"
	s = build(t, IWAE{}, twoPoints(), settings)
	near(t, "iwae", lossesAtZero(t, s, "encoder", "decoder")["bound"], want, 1e-4)
	s = build(t, AE{}, twoPoints(), map[string]string{"width": "8", "batch": "4"})
	near(t, "ae", lossesAtZero(t, s, "encoder", "decoder")["ae"], 1, 1e-5)
}

// A decoder that ignores a code of one dimension, and q = N(1, e^v) with v = 0.5 instead of the prior N(0, 1): log p(x) is known, and the evidence lower bound is
// less by KL = 1/2 (1 + e^v - v - 1). With k = 1 the bound is that one in the mean; with k = 200 most of the gap has closed.
func TestMoreCodesTightenTheBound(t *testing.T) {
	const v = 0.5
	exact, kl := math.Log(2*math.Pi*0.25)+1/0.25, 0.5*(math.Exp(v)-v)
	loss := func(k string) float64 {
		s := build(t, IWAE{}, twoPoints(), map[string]string{"width": "8", "batch": "2048", "latent": "1", "likelihood": "gaussian", "sigma": "0.5", "k": k})
		for _, n := range []string{"encoder", "decoder"} {
			for _, p := range s.build.Scope(n).Params() {
				clear(nn.Data(p))
				if p.Name() == "encoder.out.b" {
					nn.Data(p)[0], nn.Data(p)[1] = 1, v // mean and log-variance
				}
			}
		}
		return lossesAtZero(t, s)["bound"]
	}
	near(t, "k = 1", loss("1"), exact+kl, 0.15)  // four standard errors over 2048 rows
	near(t, "k = 200", loss("200"), exact, 0.03) // the rest is about Var w / 2k
}

// Trained on positives alone the discriminator says yes to everything; with negatives it tells the data from random points.
func TestPositivesAlone(t *testing.T) {
	mean := func(negatives string) float64 {
		s := build(t, DAlone{}, twoPoints(), map[string]string{"width": "16", "batch": "32", "negatives": negatives, "decay": "0", "ascent": "5", "lr": "1e-2"})
		if err := s.Train(context.Background(), TrainOptions{Steps: 200}); err != nil {
			t.Fatal(err)
		}
		x := s.build.graph.Input("anywhere", 256, 2)
		rng.Stream(1, "anywhere").FillUniform(nn.Data(x), -3, 3)
		d := s.build.critic(s.build.Scope("d").With(nil, nil), 2, 1, normNone)
		return float64(values(t, meanSigmoid(d.Forward(x, nn.Eval)))[0][0])
	}
	if p := mean("0"); p < 0.9 {
		t.Errorf("positives only: mean probability %v of random points, want a yes", p)
	}
	if p := mean("1"); p > 0.5 {
		t.Errorf("with negatives: mean probability %v of random points", p)
	}
}
