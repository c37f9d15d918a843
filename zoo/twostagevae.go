package zoo

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/nn"
)

// TwoStageVAE is a VAE whose decoder learns its one variance, and a second VAE on the codes of the first [dai2019]. With the variance learned the first reconstructs
// ever better while its codes, taken together, are no longer the normal prior; the second, whose data fill their space, learns what they are.
//
//	min -E_q log p(x|z) + KL(q(z|x) || N(0, I)),       log p(x|z) = log N(x; G(z), gamma^2 I)
//	min -E_q log p(z|u) + KL(q(u|z) || N(0, I)),       z ~ q(z|x), log p(z|u) = log N(z; H(u), gamma'^2 I)
//	samples: u ~ N(0, I), z ~ p(z|u), x = G(z)
//
// Both learn in every step, the second on codes of the first as they are; the paper trains one after the other.
type TwoStageVAE struct{}

var _ Model = TwoStageVAE{}

// Info gives both stages one rate, and the second hidden layers of its own, each beside its input as in the authors' code.
func (TwoStageVAE) Info() Info {
	settings := join(variationalSettings(), []Setting{
		integer("width_2", "128", "256", 1, 8192, "units of a hidden layer of the second stage"),
		integer("depth_2", "2", "2", 1, 16, "hidden layers of the second stage"),
	})
	for i, s := range settings {
		switch s.Name {
		case "likelihood":
			settings[i] = word("likelihood", "learned", "decoder's distribution of a value", "gaussian", "learned")
		case "latent":
			settings[i].ByKind = byKind("4", "32")
		}
	}
	return searched(Info{ID: "two-stage-vae", Title: "VAE with a learned variance, and a second VAE on its codes", Paper: "dai2019", Family: Likelihood, Kinds: allKinds,
		Objective: "-E_q log p(x|z) + KL(q(z|x) || N(0, I)); then -E_q log p(z|u) + KL(q(u|z) || N(0, I)), z ~ q(z|x)", Settings: settings})
}

// Updates are one of each stage.
func (TwoStageVAE) Updates(Settings) (dSteps, gSteps int, known bool) { return 0, 2, true }

// Build puts the two stages together.
func (TwoStageVAE) Build(b *Builder) error {
	v, err := b.variational(VAE{})
	if err != nil {
		return err
	}
	k := b.Settings.Int("latent")
	eps := b.Normal("reparametrise", 2*k)
	z := v.code(nn.Slice(eps, 1, 0, k))
	nll, kl := nn.Mean(v.nll(z, nn.Train)), nn.Mean(nn.KLDiagonal(v.mean, v.logVar))
	err = b.Turn(Turn{Name: "elbo", Role: Generator, Loss: nn.Add(nll, kl), Train: append(v.es.Params(), v.ds.Params()...), With: b.Adam("lr"), Watch: map[string]*nn.Node{"nll": nll, "kl": kl}})
	if err != nil {
		return err
	}
	t := b.secondStage(k)
	t.read(nn.Detach(z))
	noise := nn.Slice(eps, 1, k, 2*k)
	again, kl2 := nn.Mean(t.nll(noise)), nn.Mean(nn.KLDiagonal(t.mean, t.logVar))
	err = b.Turn(Turn{Name: "elbo of codes", Role: Generator, Loss: nn.Add(again, kl2), Train: append(t.es.Params(), t.ds.Params()...), With: b.Adam("lr"), Watch: map[string]*nn.Node{"nll of codes": again, "kl of codes": kl2}})
	if err != nil {
		return err
	}
	if err := v.twoStageBound(t, eps, z, noise); err != nil {
		return err
	}
	drawn := t.draw(b.Latent(), b.Normal("code", k))
	b.Samples(v.like.draw(v.decoder(drawn, nil, nn.Eval)), append(append(v.ds.Params(), v.ds.States()...), t.ds.Params()...))
	return nil
}

// codeModel is the second VAE, on codes of k dimensions by codes of as many.
type codeModel struct {
	es, ds       *nn.Scope
	k            int
	encode       nn.Layer
	decode       nn.Layer
	logVariance  *nn.Node // of p(z|u), a scalar
	z            *nn.Node // what it reads
	mean, logVar *nn.Node // of q(u|z)
}

func (b *Builder) secondStage(k int) *codeModel {
	t := &codeModel{es: b.Scope("encoder2"), ds: b.Scope("decoder2"), k: k}
	t.encode, t.decode = b.besideInput(t.es, k, 2*k), b.besideInput(t.ds, k, k)
	t.logVariance = nn.Sum(t.ds.Param("log_variance", nn.Zeros(), 1))
	return t
}

// besideInput is a perceptron whose last layer reads the input again beside the last hidden layer.
func (b *Builder) besideInput(s *nn.Scope, in, out int) nn.Layer {
	width := b.Settings.Int("width_2")
	var layers []nn.Layer
	at := in
	for i := range b.Settings.Int("depth_2") {
		layers = append(layers, nn.Dense(s.Sub(fmt.Sprintf("fc%d", i)), at, width), nn.ReLU)
		at = width
	}
	hidden, last := nn.Seq(layers...), nn.Dense(s.Sub("out"), width+in, out)
	return nn.Func(func(x *nn.Node) *nn.Node {
		return last.Forward(nn.Concat(1, hidden.Forward(x, nn.Train), x), nn.Train)
	})
}

func (t *codeModel) read(z *nn.Node) {
	t.z = z
	code := t.encode.Forward(z, nn.Train)
	t.mean, t.logVar = nn.Slice(code, 1, 0, t.k), nn.Slice(code, 1, t.k, 2*t.k)
}

// code is a draw from q(u|z).
func (t *codeModel) code(eps *nn.Node) *nn.Node {
	return nn.Add(t.mean, nn.Mul(nn.Exp(nn.Scale(t.logVar, 0.5)), eps))
}

// nll is -log p(z|u) of each code of the first stage, u drawn with eps.
func (t *codeModel) nll(eps *nn.Node) *nn.Node {
	mean := t.decode.Forward(t.code(eps), nn.Train)
	return nn.GaussianNLL(mean, nn.Fill(t.logVariance, mean.Shape()...), t.z)
}

// draw is z ~ p(z|u).
func (t *codeModel) draw(u, eps *nn.Node) *nn.Node {
	return nn.Add(t.decode.Forward(u, nn.Eval), nn.ScaleBy(eps, nn.Exp(nn.Scale(t.logVariance, 0.5))))
}

// twoStageBound hands in the importance-weighted bound over pairs of codes, whose weights are p(x|z) p(z|u) p(u) / (q(z|x) q(u|z)); with one pair it is the evidence lower
// bound by draws. noise is the second half of eps.
func (v *variational) twoStageBound(t *codeModel, eps, z, noise *nn.Node) error {
	first := nn.Slice(eps, 1, 0, t.k)
	u := t.code(noise)
	// log p(u) - log q(u|z) - log q(z|x); the constants of p(u) and q(u|z) cancel, that of q(z|x) is added below
	codes := nn.Scale(nn.Sub(nn.Add(nn.Add(nn.RowDot(noise, noise), nn.RowSum(t.logVar)), nn.Add(nn.RowDot(first, first), nn.RowSum(v.logVar))), nn.RowDot(u, u)), 0.5)
	weight := nn.Sub(codes, nn.Add(v.nll(z, nn.Eval), t.nll(noise)))
	prog, err := nn.Compile(weight)
	if err != nil {
		return err
	}
	b := v.b
	dim := nn.Count([]*nn.Node{v.x}) / b.Batch
	units := b.scale.logVolume(dim) + 0.5*float64(t.k)*math.Log(2*math.Pi)
	whole := b.noiseInput("reparametrise")
	b.Likelihood(Density{Codes: 1, Sites: dim, LogP: func(ctx context.Context, e Evidence) error {
		b.present(v.x, nil, e)
		return e.average(ctx, units, func() ([]float32, error) {
			for i, r := range e.Random {
				r.FillNormal(rowOfBatch(whole, i, b.Batch))
			}
			err := prog.Run()
			return prog.Get(weight), err
		})
	}})
	return nil
}

// noiseInput is the input that a feed of noise fills.
func (b *Builder) noiseInput(name string) *nn.Node {
	for _, in := range b.feeds {
		if in.name() == name {
			return in.nodes[0]
		}
	}
	return nil
}

// average fills the nats with log 1/k sum_i exp(w_i) + units over k = Codes draws of the rows' log-weights.
func (e Evidence) average(ctx context.Context, units float64, draw func() ([]float32, error)) error {
	k := max(1, e.Codes)
	sums := make([]logSum, len(e.Rows))
	for range k {
		if err := ctx.Err(); err != nil {
			return err
		}
		w, err := draw()
		if err != nil {
			return err
		}
		for i := range sums {
			sums[i].add(float64(w[i]))
		}
	}
	for i := range sums {
		e.Nats[i] = sums[i].value() - math.Log(float64(k)) + units
	}
	return nil
}
