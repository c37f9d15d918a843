package zoo

// SNGAN divides every weight of the discriminator by its largest singular value, so that each layer has slope 1 at most [miyato2018], under the hinge loss
// [lim2017] or another one.
//
//	D: min E max(0, 1 - D(x)) + E max(0, 1 + D(G(z)))
//	G: min -E D(G(z))
type SNGAN struct{}

var _ Model = SNGAN{}

// Info gives the paper's Adam(0, 0.9) with five discriminator updates.
func (SNGAN) Info() Info {
	return searched(Info{ID: "sngan", Title: "Spectrally normalised GAN, hinge loss", Paper: "miyato2018", Family: Adversarial, Kinds: allKinds,
		Objective: "D: E max(0, 1 - D(x)) + E max(0, 1 + D(G)), weights W / sigma(W); G: -E D(G)",
		Settings:  join(with(rivalry("5", normSpectral), map[string]string{"beta1": "0", "beta2": "0.9"}), []Setting{lossChoice("hinge")})})
}

// Build puts the pair together.
func (SNGAN) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	onReal, onFake := p.judge(p.critic())
	dLoss, gLoss := rivals(b.Settings.Word("loss"), onReal, onFake)
	return p.play(duel{dLoss: dLoss, gLoss: gLoss, watch: answers(onReal, onFake)})
}
