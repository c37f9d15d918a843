package zoo

import "github.com/assay-gan/assay/nn"

// WGANGP keeps the critic near slope 1 by a penalty instead of clipping [gulrajani2017].
//
//	D: min E D(G(z)) - E D(x) + lambda E (|grad D(l)| - 1)^2     l uniform on the lines from samples to data
//	G: min -E D(G(z))
type WGANGP struct{}

var _ Model = WGANGP{}

// Info gives the paper's Adam(0, 0.9) with five critic updates and lambda = 10 for images, 0.1 for its toy points. A batch norm in the critic would void the penalty,
// which is of single samples; the paper suggests layer norm.
func (WGANGP) Info() Info {
	settings := with(rivalry("5", normNone), map[string]string{"beta1": "0", "beta2": "0.9"})
	return searched(Info{ID: "wgan-gp", Title: "Wasserstein GAN, gradient penalty", Paper: "gulrajani2017", Family: Adversarial, Kinds: allKinds,
		Objective: "D: E D(G) - E D(x) + lambda E (|grad D(l)| - 1)^2, l on lines from samples to data; G: -E D(G)",
		Settings: join(withRates(settings, "5e-4", "1e-4"), []Setting{
			gradientPenalty(),
		})})
}

// Build puts critic and generator together.
func (WGANGP) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	d := p.critic()
	onReal, onFake := p.judge(d)
	estimate, gLoss := rivals("wasserstein", onReal, onFake)
	line := p.onLines()
	norm := norms(d.Forward(line, nn.Train), line)
	return p.play(duel{
		dLoss: nn.Add(estimate, nn.Scale(unitSlope(norm), float32(b.Settings.Float("lambda")))), gLoss: gLoss,
		watch: map[string]*nn.Node{"W estimate": nn.Neg(estimate), "slope": nn.Mean(norm)},
	})
}
