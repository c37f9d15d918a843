package zoo

import (
	"fmt"
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/nn"
	"github.com/assay-gan/assay/internal/rng"
)

// VAE is the likelihood baseline [kingma2014]: an encoder q(z|x) = N(m(x), diag exp v(x)), a decoder p(x|z), and the evidence lower bound as the objective.
//
//	min -E_q log p(x|z) + beta KL(q(z|x) || N(0, I)),   KL = 1/2 sum(exp v + m^2 - 1 - v)   (exact)
//
// The likelihood is named, since it moves the score of "the VAE" by tens of FID: Bernoulli of the intensity (images only), Gaussian of standard deviation
// sigma, or Gaussian with one learned variance for all coordinates. Both terms are sums over a sample's values, all colour channels included.
type VAE struct{}

var _ Model = VAE{}

// Info gives Adam at 1e-3.
func (VAE) Info() Info {
	likelihood := word("likelihood", "learned", "decoder's distribution of a value", "bernoulli", "gaussian", "learned")
	likelihood.ByKind = byKind("learned", "bernoulli")
	return Info{ID: "vae", Title: "Variational auto-encoder", Paper: "kingma2014", Family: Likelihood, Kinds: allKinds,
		Objective: "-E_q log p(x|z) + beta KL(q(z|x) || N(0, I))",
		Settings: join(common("10000", "2000"), latent("8", "32"), []Setting{
			number("lr", "1e-3", 0, 10, "learning rate"),
			number("beta1", "0.9", 0, 0.9999, "Adam's decay of the mean gradient"),
			number("beta2", "0.999", 0, 0.99999, "Adam's decay of the mean squared gradient"),
			number("beta", "1", 0, 1e6, "weight of the KL term"),
			likelihood,
			number("sigma", "0.1", 1e-6, 1e6, "standard deviation of the likelihood gaussian, in the units of the scaled data"),
			word("draw", "mean", "what a sample is: the decoder's mean, or a draw from its distribution", "mean", "full"),
		})}
}

// Build puts encoder and decoder together.
func (VAE) Build(b *Builder) error {
	if err := b.checkShape(); err != nil {
		return err
	}
	k := b.Settings.Int("latent")
	x, eps, z := b.Real(), b.Normal("reparametrise", k), b.Latent()
	es, ds := b.Scope("encoder"), b.Scope("decoder")
	encoder, decoder := b.critic(es, b.channelsIn(), 2*k, normNone), b.generator(ds, k)
	like, err := b.likelihood(ds)
	if err != nil {
		return err
	}

	code := encoder.Forward(x, nn.Train)
	mean, logVar := nn.Slice(code, 1, 0, k), nn.Slice(code, 1, k, 2*k)
	drawn := nn.Add(mean, nn.Mul(nn.Exp(nn.Scale(logVar, 0.5)), eps))
	nll := like.nll(decoder.Forward(drawn, nn.Train), x)
	kl := nn.Mean(nn.KLDiagonal(mean, logVar))
	loss := nn.Add(nll, nn.Scale(kl, float32(b.Settings.Float("beta"))))

	params := append(es.Params(), ds.Params()...)
	err = b.Turn(Turn{Name: "elbo", Role: Generator, Loss: loss, Train: params, With: b.Adam("lr"), Watch: map[string]*nn.Node{"nll": nll, "kl": kl}})
	if err != nil {
		return err
	}
	b.Samples(like.draw(decoder.Forward(z, nn.Eval)), ds.Params())
	return nil
}

// likelihood is the decoder's distribution: the negative log-likelihood of a batch in nats a sample, and what is drawn from the decoder's output.
type likelihood struct {
	nll  func(out, x *nn.Node) *nn.Node
	draw func(out *nn.Node) *nn.Node
}

func (b *Builder) likelihood(s *nn.Scope) (likelihood, error) {
	full := b.Settings.Word("draw") == "full"
	switch b.Settings.Word("likelihood") {
	case "bernoulli":
		if b.Kind == datasets.Points {
			return likelihood{}, fmt.Errorf("likelihood = bernoulli needs images, the data are points: choose gaussian or learned: %w", ErrSetting)
		}
		return b.bernoulli(full), nil
	case "gaussian":
		return b.gaussian(full, s.State("log_variance", nn.Const(b.logVariance()), 1)), nil
	}
	return b.gaussian(full, s.Param("log_variance", nn.Const(b.logVariance()), 1)), nil
}

func (b *Builder) logVariance() float32 { return float32(2 * math.Log(b.Settings.Float("sigma"))) }

// bernoulli takes the decoder's output as logits of the intensity, [-1, 1] read as [0, 1].
func (b *Builder) bernoulli(full bool) likelihood {
	return likelihood{
		nll: func(out, x *nn.Node) *nn.Node { return nn.Mean(nn.BernoulliNLL(out, nn.Affine(x, 0.5, 0.5))) },
		draw: func(out *nn.Node) *nn.Node {
			p := nn.Sigmoid(out)
			if full {
				p = nn.Affine(nn.Sign(nn.Sub(p, b.perValue("coin", uniform(0, 1)))), 0.5, 0.5)
			}
			return nn.Affine(p, 2, -1)
		},
	}
}

// gaussian has one log-variance for all values.
func (b *Builder) gaussian(full bool, logVariance *nn.Node) likelihood {
	scalar := nn.Sum(logVariance) // of one element
	return likelihood{
		nll: func(out, x *nn.Node) *nn.Node {
			return nn.Mean(nn.GaussianNLL(b.squash(out), nn.Fill(scalar, x.Shape()...), x))
		},
		draw: func(out *nn.Node) *nn.Node {
			out = b.squash(out)
			if full {
				out = nn.Add(out, nn.ScaleBy(b.perValue("observation", normal), nn.Exp(nn.Scale(scalar, 0.5))))
			}
			return out
		},
	}
}

// perValue is one random number for every value of a batch of samples.
func (b *Builder) perValue(name string, draw func([]float32, *rng.Source)) *nn.Node {
	width := (&datasets.Samples{Shape: b.Shape}).Dim()
	return nn.Reshape(b.noise(name, draw, width), append([]int{b.Batch}, b.Shape...)...)
}
