package zoo

import "github.com/assay-gan/assay/nn"

// CGAN gives generator and discriminator a condition [mirza2014]: the class, or (Paired) a sample of another domain. The discriminator must say whether a sample is
// real and whether it fits its condition, so real samples with a wrong one are negatives too [reed2016].
//
//	D: min -E log s(D(x,y)) - (1-m) E log(1 - s(D(G(z,c),c))) - m E log(1 - s(D(x,y')))     y' != y, m the share of mismatched pairs
//	G: min -E log s(D(G(z,c),c))
//
// Two source samples, other than two classes, may allow the same target: mismatched pairs of a paired set are negatives that may be right, and are left out by default.
type CGAN struct{ Paired bool }

var _ Model = CGAN{}

// Info gives DCGAN's rates and half of the negatives to mismatched pairs of classes. The variant for pairs is cgan-pairs.
func (m CGAN) Info() Info {
	info := Info{ID: "cgan", Title: "Conditional GAN with mismatched pairs", Paper: "mirza2014", Family: Adversarial, Kinds: allKinds, Conditional: true,
		Objective: "D: -E log s(D(x,y)) - (1-m) E log(1 - s(D(G(z,c),c))) - m E log(1 - s(D(x,y'))); G: -E log s(D(G(z,c),c))",
		Settings: join(adversarial("1"), []Setting{
			number("mismatch", "0.5", 0, 0.99, "weight of real samples with a wrong condition among the discriminator's negatives; 0 leaves them out"),
		})}
	if m.Paired {
		info = info.paired()
		info.Settings = with(info.Settings, map[string]string{"mismatch": "0"})
	}
	return searched(info)
}

// Build puts the pair together.
func (m CGAN) Build(b *Builder) error {
	x, c, err := b.condition(m.Paired)
	if err != nil {
		return err
	}
	z := b.Latent()
	gs, ds := b.Scope("g"), b.Scope("d")
	g := b.conditionalGenerator(gs, c)
	generate := func(m nn.Mode) *nn.Node { return b.squash(g(z, c.asked, m)) }
	d := b.conditionalCritic(ds, c, 1, b.Settings.Word("d_norm"))

	onReal, onFake := d(x, c.of), d(generate(nn.Train), c.asked)
	share := float32(b.Settings.Float("mismatch"))
	dLoss := nn.Add(nn.BCELogits(onReal, 1), nn.Scale(nn.BCELogits(onFake, 0), 1-share))
	watch := probabilities(onReal, onFake)
	if share > 0 {
		onWrong := d(x, c.wrong)
		dLoss = nn.Add(dLoss, nn.Scale(nn.BCELogits(onWrong, 0), share))
		watch["D(real, wrong condition)"] = meanSigmoid(onWrong)
	}
	if err := b.duel(duel{d: ds, g: gs, dLoss: dLoss, gLoss: nn.BCELogits(onFake, 1), watch: watch}); err != nil {
		return err
	}
	b.Samples(generate(nn.Eval), gs.Params())
	return nil
}
