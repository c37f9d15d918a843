package zoo

import "github.com/assay-gan/assay/nn"

// R1 is the non-saturating pair with a discriminator that pays for its slope on the data, which makes the dynamics converge locally [mescheder2018].
//
//	D: min -E log s(D(x)) - E log(1 - s(D(G(z)))) + gamma/2 E |grad D(x)|^2
//	G: min -E log s(D(G(z)))
type R1 struct{}

var _ Model = R1{}

// Info gives gamma = 10 and, as in the paper, no momentum and no normalisation in the discriminator.
func (R1) Info() Info {
	return searched(Info{ID: "r1", Title: "GAN with R1 penalty", Paper: "mescheder2018", Family: Adversarial, Kinds: allKinds,
		Objective: logD + " + gamma/2 E |grad D(x)|^2; G: -E log s(D(G))",
		Settings: join(with(withRates(rivalry("1", normNone), "1e-3", "1e-4"), map[string]string{"beta1": "0", "beta2": "0.99"}), []Setting{
			number("gamma", "10", 0, 1e6, "weight of the penalty").means(Penalty),
		})})
}

// Build puts the pair together.
func (R1) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	onReal, onFake := p.judge(p.critic())
	dLoss, gLoss := rivals("log", onReal, onFake)
	slope := nn.Mean(slopes(onReal, p.x))
	watch := probabilities(onReal, onFake)
	watch["squared slope"] = slope
	return p.play(duel{dLoss: nn.Add(dLoss, nn.Scale(slope, float32(b.Settings.Float("gamma")/2))), gLoss: gLoss, watch: watch})
}
