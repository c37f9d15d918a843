package zoo

import (
	"math"

	"github.com/assay-gan/assay/nn"
)

// FGAN estimates and lowers any f-divergence of data and samples, by the variational bound with the conjugate f* [nowozin2016].
//
//	D: min -(E T(x) - E f*(T(G(z)))),   T = g_f(D), g_f maps to the domain of f*
//	G: min -E f*(T(G(z)))   (conjugate)   or   min -E T(G(z))   (trick: a steeper start, as non-saturating is to minimax)
//
// At the best D the bound is the divergence, which is watched.
//
// The total variation is the hard one: its T = tanh(D) / 2 is flat on both sides, and it is 1 for all pairs that share nothing. A discriminator that is sure, or that has
// answered alike to data and samples, teaches nobody any more, itself included. That is the divergence's nature; with d_norm = spectral D stays where tanh has a
// slope, and the pair learns.
type FGAN struct{}

var _ Model = FGAN{}

// Info gives DCGAN's rates.
func (FGAN) Info() Info {
	return searched(Info{ID: "fgan", Title: "f-GAN", Paper: "nowozin2016", Family: Adversarial, Kinds: allKinds,
		Objective: "D: -(E T(x) - E f*(T(G))), T = g_f(D); G: -E f*(T(G)), or -E T(G) (trick)",
		Settings: join(rivalry("1", normBatch), []Setting{
			word("divergence", "js", "the divergence: data to samples for kl, samples to data for reverse-kl, 2 JSD for js, chi^2 for pearson, 2 - 2 int sqrt(pq) for hellinger, 1/2 int |p-q| for tv",
				"kl", "reverse-kl", "js", "pearson", "hellinger", "tv"),
			word("g_loss", "trick", "what the generator minimises", "conjugate", "trick"),
		})})
}

// Build puts the pair together.
func (FGAN) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	onReal, onFake := p.judge(p.critic())
	f := divergences(b.Settings.Word("divergence"))
	paid := nn.Mean(f.conjugate(onFake))
	estimate := nn.Sub(nn.Mean(f.activation(onReal)), paid)
	gLoss := nn.Neg(paid)
	if b.Settings.Word("g_loss") == "trick" {
		gLoss = nn.Neg(nn.Mean(f.activation(onFake)))
	}
	return p.play(duel{dLoss: nn.Neg(estimate), gLoss: gLoss, watch: map[string]*nn.Node{"divergence": estimate}})
}

// divergence is one row of the paper's table, both entries as functions of D's output v: T = g_f(v) and f*(T), composed and simplified so that neither overflows
// before it must.
type divergence struct{ activation, conjugate func(v *nn.Node) *nn.Node }

func divergences(name string) divergence {
	same := func(v *nn.Node) *nn.Node { return v }
	switch name {
	case "kl": // T = v, f* = e^(T-1)
		return divergence{same, func(v *nn.Node) *nn.Node { return nn.Exp(nn.AddConst(v, -1)) }}
	case "reverse-kl": // T = -e^-v, f* = -1 - log(-T) = v - 1
		return divergence{func(v *nn.Node) *nn.Node { return nn.Neg(nn.Exp(nn.Neg(v))) }, func(v *nn.Node) *nn.Node { return nn.AddConst(v, -1) }}
	case "pearson": // T = v, f* = T^2/4 + T
		return divergence{same, func(v *nn.Node) *nn.Node { return nn.Add(nn.Scale(nn.Square(v), 0.25), v) }}
	case "hellinger": // T = 1 - e^-v, f* = T / (1 - T) = e^v - 1
		return divergence{func(v *nn.Node) *nn.Node { return nn.Affine(nn.Exp(nn.Neg(v)), -1, 1) }, func(v *nn.Node) *nn.Node { return nn.AddConst(nn.Exp(v), -1) }}
	case "tv": // T = tanh(v) / 2, f* = T
		half := func(v *nn.Node) *nn.Node { return nn.Scale(nn.Tanh(v), 0.5) }
		return divergence{half, half}
	} // js: T = log 2 - log(1 + e^-v), f* = -log(2 - e^T) = log(1 + e^v) - log 2
	return divergence{
		func(v *nn.Node) *nn.Node { return nn.Affine(nn.Softplus(nn.Neg(v)), -1, math.Ln2) },
		func(v *nn.Node) *nn.Node { return nn.AddConst(nn.Softplus(v), -math.Ln2) },
	}
}
