package zoo

import "github.com/assay-gan/assay/nn"

// DRAGAN penalises the discriminator's slope around the data only, where sharp slopes come before a collapse [kodali2017].
//
//	D: min -E log s(D(x)) - E log(1 - s(D(G(z)))) + lambda E (|grad D(x + e)| - 1)^2     e ~ N(0, (c sd(x))^2)
//	G: min -E log s(D(G(z)))
//
// The slope is that of the logit, and the noise is on both sides of the data; the authors' code took the sigmoid and one-sided noise.
type DRAGAN struct{}

var _ Model = DRAGAN{}

// Info gives lambda = 10 (0.1 on points, as for WGAN-GP) and noise of half the data's standard deviation.
func (DRAGAN) Info() Info {
	return searched(Info{ID: "dragan", Title: "DRAGAN, gradient penalty around the data", Paper: "kodali2017", Family: Adversarial, Kinds: allKinds,
		Objective: logD + " + lambda E (|grad D(x + e)| - 1)^2, e ~ N(0, (c sd)^2); G: -E log s(D(G))",
		Settings: join(withRates(rivalry("1", normNone), "1e-3", "1e-4"), []Setting{
			gradientPenalty(),
			number("c", "0.5", 0, 1e3, "standard deviation of the noise, relative to the data's"),
		})})
}

// Build puts the pair together.
func (DRAGAN) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	d := p.critic()
	onReal, onFake := p.judge(d)
	dLoss, gLoss := rivals("log", onReal, onFake)
	near := p.around(float32(b.Settings.Float("c")))
	norm := norms(d.Forward(near, nn.Train), near)
	watch := probabilities(onReal, onFake)
	watch["slope"] = nn.Mean(norm)
	return p.play(duel{dLoss: nn.Add(dLoss, nn.Scale(unitSlope(norm), float32(b.Settings.Float("lambda")))), gLoss: gLoss, watch: watch})
}
