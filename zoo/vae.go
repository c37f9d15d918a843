package zoo

import (
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// VAE is the likelihood baseline [kingma2014]: an encoder q(z|x) = N(m(x), diag exp v(x)), a decoder p(x|z), and the evidence lower bound as the objective.
//
//	min -E_q log p(x|z) + beta KL(q(z|x) || N(0, I)),   KL = 1/2 sum(exp v + m^2 - 1 - v)   (exact)
//
// The likelihood is named, since it moves the score of "the VAE" by tens of FID: Bernoulli of the intensity (images only), Gaussian of standard deviation
// sigma, or Gaussian with one learned variance for all coordinates. Both terms are sums over a sample's values, all colour channels included.
//
// Lectures teach the model with codes m + exp(s) e and the penalty sum(exp s - (1 + s) + m^2). That is not the KL of that code, whose log-variance is 2s and not s, but
// twice the one of log-variance s: kl = lecture trains so, and the likelihood reported is that of the code actually used. beta > 1 is the beta-VAE [higgins2017].
//
// Conditional adds the class, and Paired a sample of another domain, beside sample and code [sohn2015]. Beside pairs the model gives no codes and no likelihood: both
// would have to be told the source.
type VAE struct{ Conditional, Paired bool }

var _ Model = VAE{}

// Info names the variants vae, cvae and cvae-pairs. Adam at 1e-3.
func (m VAE) Info() Info {
	info := Info{ID: "vae", Title: "Variational auto-encoder", Paper: "kingma2014", Family: Likelihood, Kinds: allKinds,
		Objective: "-E_q log p(x|z) + beta KL(q(z|x) || N(0, I))",
		Settings: join(variationalSettings(), []Setting{
			number("beta", "1", 0, 1e6, "weight of the KL term").means(Weight),
			word("kl", "exact", "the KL term: the code's own, or the lecture's penalty beside codes m + exp(s) e", "exact", "lecture"),
		})}
	if m.Conditional || m.Paired {
		info.ID, info.Title, info.Paper, info.Conditional = "cvae", "Conditional variational auto-encoder", "sohn2015", true
		info.Objective = "-E_q log p(x|z,y) + beta KL(q(z|x,y) || N(0, I))"
	}
	if m.Paired {
		info = info.paired()
	}
	return searched(info)
}

func variationalSettings() []Setting {
	likelihood := word("likelihood", "learned", "decoder's distribution of a value", "bernoulli", "gaussian", "learned")
	likelihood.ByKind = byKind("learned", "bernoulli")
	return join(common("10000", "2000"), latent("8", "32"), adamAt("1e-3"), []Setting{
		likelihood,
		number("sigma", "0.1", 1e-6, 1e6, "standard deviation of the likelihood gaussian, in the units of the scaled data"),
		word("draw", "mean", "what a sample is: the decoder's mean, or a draw from its distribution", "mean", "full"),
	})
}

// adamAt are the settings of models with one optimiser.
func adamAt(rate string) []Setting {
	return []Setting{
		number("lr", rate, 0, 10, "learning rate").means(Rate),
		momentum("0.9"),
		number("beta2", "0.999", 0, 0.99999, "Adam's decay of the mean squared gradient"),
	}
}

// Build puts encoder and decoder together.
func (m VAE) Build(b *Builder) error {
	v, err := b.variational(m)
	if err != nil {
		return err
	}
	kl := nn.KLDiagonal(v.mean, v.logVar)
	if b.Settings.Word("kl") == "lecture" {
		kl = nn.Scale(kl, 2)
		v.logVar = nn.Scale(v.logVar, 2)
	}
	eps := b.Normal("reparametrise", b.Settings.Int("latent"))
	nll, penalty := nn.Mean(v.nll(v.code(eps), nn.Train)), nn.Mean(kl)
	loss := nn.Add(nll, nn.Scale(penalty, float32(b.Settings.Float("beta"))))
	if !m.Paired {
		if err := v.bound(eps, 1); err != nil {
			return err
		}
	}
	return v.finish(Turn{Name: "elbo", Loss: loss, Watch: map[string]*nn.Node{"nll": nll, "kl": penalty}})
}

// variational is an encoder q(z|x), a decoder p(x|z) and the batch between them.
type variational struct {
	b            *Builder
	es, ds       *nn.Scope
	x, y, c      *nn.Node // the batch, its conditions and those asked for; the latter nil unless conditional
	mean, logVar *nn.Node // of q
	decoder      func(z, condition *nn.Node, m nn.Mode) *nn.Node
	like         likelihood
}

func (b *Builder) variational(m VAE) (*variational, error) {
	k := b.Settings.Int("latent")
	v := &variational{b: b, es: b.Scope("encoder"), ds: b.Scope("decoder")}
	var code *nn.Node
	if m.Conditional || m.Paired {
		x, c, err := b.condition(m.Paired)
		if err != nil {
			return nil, err
		}
		v.x, v.y, v.c = x, c.of, c.asked
		code = b.conditionalCritic(v.es, c, 2*k, normNone)(v.x, v.y)
		v.decoder = b.conditionalGenerator(v.ds, c)
	} else {
		if err := b.checkShape(); err != nil {
			return nil, err
		}
		v.x = b.Real()
		code = b.critic(v.es, b.channelsIn(), 2*k, normNone).Forward(v.x, nn.Train)
		net := b.generator(v.ds, k)
		v.decoder = func(z, _ *nn.Node, m nn.Mode) *nn.Node { return net.Forward(z, m) }
	}
	v.mean, v.logVar = nn.Slice(code, 1, 0, k), nn.Slice(code, 1, k, 2*k)
	if !m.Paired {
		b.Codes(v.mean)
	}
	var err error
	v.like, err = b.likelihood(v.ds)
	return v, err
}

// code is a draw from q by way of standard normal rows [kingma2014].
func (v *variational) code(eps *nn.Node) *nn.Node {
	return nn.Add(v.mean, nn.Mul(nn.Exp(nn.Scale(v.logVar, 0.5)), eps))
}

// nll is -log p(x|z) of each sample of the batch.
func (v *variational) nll(z *nn.Node, m nn.Mode) *nn.Node {
	return v.like.nll(v.decoder(z, v.y, m), v.x)
}

// finish adds the one turn, which trains everything, and the sample program.
func (v *variational) finish(t Turn) error {
	t.Role, t.Train, t.With = Generator, append(v.es.Params(), v.ds.Params()...), v.b.Adam("lr")
	if err := v.b.Turn(t); err != nil {
		return err
	}
	v.b.Samples(v.like.draw(v.decoder(v.b.Latent(), v.c, nn.Eval)), v.ds.Params())
	return nil
}

// likelihood is the decoder's distribution: the negative log-likelihood of each sample in nats, and what is drawn from the decoder's output.
type likelihood struct {
	nll  func(out, x *nn.Node) *nn.Node
	draw func(out *nn.Node) *nn.Node
}

func (b *Builder) likelihood(s *nn.Scope) (likelihood, error) {
	full := b.Settings.Word("draw") == "full"
	switch b.Settings.Word("likelihood") {
	case "bernoulli":
		if b.Kind == datasets.Points {
			return likelihood{}, fault.Of(ErrSetting, "likelihood = bernoulli needs images, the data are points: choose gaussian or learned")
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
		nll: func(out, x *nn.Node) *nn.Node { return nn.BernoulliNLL(out, nn.Affine(x, 0.5, 0.5)) },
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
			return nn.GaussianNLL(b.squash(out), nn.Fill(scalar, x.Shape()...), x)
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
