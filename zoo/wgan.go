package zoo

import "github.com/assay-gan/assay/nn"

// WGAN trains a critic towards the Wasserstein-1 distance and the generator down it [arjovsky2017]. The critic is kept Lipschitz by clipping its weights.
//
//	D: min E D(G(z)) - E D(x),  then w <- clip(w, -c, c)
//	G: min -E D(G(z))
type WGAN struct{}

var _ Model = WGAN{}

// Info gives the paper's defaults: RMSProp, five critic updates, c = 0.01, no normalisation in the critic.
func (WGAN) Info() Info {
	settings := with(adversarial("5"), map[string]string{"lr_g": "5e-5", "lr_d": "5e-5", "d_norm": "none"})
	return searched(Info{ID: "wgan", Title: "Wasserstein GAN, weight clipping", Paper: "arjovsky2017", Family: Adversarial, Kinds: allKinds,
		Objective: "D: E D(G) - E D(x), then w <- clip(w, -c, c); G: -E D(G)",
		Settings: join(without(settings, "beta1", "beta2"), []Setting{
			number("clip", "0.01", 1e-9, 1e9, "bound c on every weight of the critic").means(ClipBound),
			rmsDecay(),
		})})
}

// Build puts critic and generator together.
func (WGAN) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	onReal, onFake := p.judge(p.critic())
	dLoss, gLoss := rivals("wasserstein", onReal, onFake)
	return p.play(duel{
		dLoss: dLoss, gLoss: gLoss, clip: b.Settings.Float("clip"), watch: map[string]*nn.Node{"W estimate": nn.Neg(dLoss)},
		optimiser: b.RMSProp,
	})
}

func rmsDecay() Setting {
	return number("rms_decay", "0.99", 0, 0.99999, "RMSProp's decay of the mean squared gradient")
}
