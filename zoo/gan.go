package zoo

import (
	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

var allKinds = []datasets.Kind{datasets.Points, datasets.Images}

// GAN is the original adversarial pair [goodfellow2014]: a discriminator D that tells data from samples by the logarithmic loss, and a generator G
// that moves against it.
//
//	D: min -E log s(D(x)) - E log(1 - s(D(G(z))))
//	G: min  E log(1 - s(D(G(z))))      minimax, whose gradient vanishes while D is sure
//	G: min -E log s(D(G(z)))           non-saturating, what practice uses
type GAN struct{ Saturating bool }

var _ Model = GAN{}

const logD = "D: -E log s(D(x)) - E log(1 - s(D(G)))"

// Info names the two variants gan-mm and gan-ns.
func (m GAN) Info() Info {
	info := Info{ID: "gan-ns", Title: "Vanilla GAN, non-saturating loss", Paper: "goodfellow2014", Family: Adversarial, Kinds: allKinds, Settings: adversarial("1"),
		Objective: logD + "; G: -E log s(D(G))"}
	if m.Saturating {
		info.ID, info.Title = "gan-mm", "Vanilla GAN, minimax loss"
		info.Objective = logD + "; G: E log(1 - s(D(G)))"
	}
	return searched(info)
}

// adversarial are the settings of a generator and its opponent trained by Adam: DCGAN's rates for images [radford2016], five times faster for the small
// networks on points.
func adversarial(dSteps string) []Setting {
	return join(common("10000", "2000"), latent("8", "64"), []Setting{
		rate("lr_g", "1e-3", "2e-4", "generator's learning rate"),
		rate("lr_d", "1e-3", "2e-4", "discriminator's learning rate"),
		momentum("0.5"),
		number("beta2", "0.999", 0, 0.99999, "Adam's decay of the mean squared gradient"),
		{Name: "d_steps", Default: dSteps, Lo: 1, Hi: 1000, Integer: true, Doc: "discriminator updates before each generator update", Means: CriticSteps},
		word("d_norm", normBatch, "normalisation inside the discriminator of images", normBatch, normNone).means(Normalisation),
	})
}

// rivalry is adversarial for the models that choose among all normalisations; norm is the default.
func rivalry(dSteps, norm string) []Setting {
	return join(without(adversarial(dSteps), "d_norm"), []Setting{
		word("d_norm", norm, "normalisation inside the discriminator: batch norm (images only), layer norm, spectral norm of the weights, or none", normBatch, normNone, normLayer, normSpectral).means(Normalisation),
	})
}

// Build puts the pair together.
func (m GAN) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	onReal, onFake := p.judge(p.critic())
	dLoss, gLoss := rivals("log", onReal, onFake)
	if m.Saturating {
		gLoss = nn.Neg(nn.BCELogits(onFake, 0))
	}
	return p.play(duel{dLoss: dLoss, gLoss: gLoss, watch: probabilities(onReal, onFake)})
}

// channelsIn is the width of a sample's last axis: coordinates of a point, channels of an image.
func (b *Builder) channelsIn() int { return b.Shape[len(b.Shape)-1] }

func meanSigmoid(x *nn.Node) *nn.Node { return nn.Mean(nn.Sigmoid(x)) }

// duel is the pair of turns that most adversarial models share: d_steps of the critic, then one of the generator.
type duel struct {
	d, g         *nn.Scope
	dLoss, gLoss *nn.Node
	watch        map[string]*nn.Node
	clip         float64
	dNext, gNext []Next                         // states that move after a turn
	optimiser    func(rate string) nn.Optimizer // nil means Adam
}

func (b *Builder) duel(u duel) error {
	if u.optimiser == nil {
		u.optimiser = b.Adam
	}
	err := b.Turn(Turn{Name: "d", Role: Critic, Repeat: b.Settings.Int("d_steps"), Loss: u.dLoss, Train: u.d.Params(), With: u.optimiser("lr_d"), Clip: u.clip, Watch: u.watch, Next: u.dNext})
	if err != nil {
		return err
	}
	return b.Turn(Turn{Name: "g", Role: Generator, Loss: u.gLoss, Train: u.g.Params(), With: u.optimiser("lr_g"), Next: u.gNext})
}
