package zoo

import "github.com/assay-gan/assay/nn"

// R3GAN is the paired relativistic pair with a discriminator that pays for its slope on data and on samples alike, which makes the dynamics converge locally even where
// both are distributions of few points [huang2024]. Datum i is compared with sample i, not with the mean of samples as in RaGAN.
//
//	D: min E softplus(-(D(x_i) - D(G_i))) + gamma/2 (E |grad D(x)|^2 + E |grad D(G)|^2)
//	G: min E softplus(-(D(G_i) - D(x_i)))
type R3GAN struct{}

var _ Model = R3GAN{}

// Info gives, as in the paper, no momentum, no normalisation and an average of the generator's weights; gamma is chosen for data of mean square 1.
func (R3GAN) Info() Info {
	return searched(Info{ID: "r3gan", Title: "Relativistic pair with R1 and R2 penalties (R3GAN)", Paper: "huang2024", Family: Adversarial, Kinds: allKinds,
		Objective: "D: E softplus(-(D(x_i) - D(G_i))) + gamma/2 (E |grad D(x)|^2 + E |grad D(G)|^2); G: E softplus(-(D(G_i) - D(x_i)))",
		Settings: join(with(withRates(rivalry("1", normNone), "1e-3", "2e-4"), map[string]string{"beta1": "0", "beta2": "0.99", "ema": "0.999", "ema_warm": "on"}), []Setting{
			weightOf("gamma", "0.1", "1", "weight of both penalties"),
		})})
}

// Build puts the pair together.
func (R3GAN) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	onReal, onFake := p.judge(p.critic())
	lead := nn.Sub(onReal, onFake)
	r1, r2 := nn.Mean(slopes(onReal, p.x)), nn.Mean(slopes(onFake, p.fake))
	penalty := nn.Scale(nn.Add(r1, r2), float32(b.Settings.Float("gamma")/2))
	return p.play(duel{
		dLoss: nn.Add(nn.BCELogits(lead, 1), penalty),
		gLoss: nn.BCELogits(nn.Neg(lead), 1),
		watch: map[string]*nn.Node{"lead of data": nn.Mean(lead), "squared slope on data": r1, "squared slope on samples": r2},
	})
}
