package zoo

// LSGAN replaces the logarithms by squares, so that samples far on the right side of the boundary are still pulled towards it [mao2017].
//
//	D: min 1/2 E (D(x) - 1)^2 + 1/2 E D(G(z))^2
//	G: min 1/2 E (D(G(z)) - 1)^2
//
// D is a linear output, as in the paper; the large-scale study put a sigmoid before the squares [lucic2018].
type LSGAN struct{}

var _ Model = LSGAN{}

// Info gives DCGAN's rates, which the study calls the author's defaults.
func (LSGAN) Info() Info {
	return searched(Info{ID: "lsgan", Title: "Least-squares GAN", Paper: "mao2017", Family: Adversarial, Kinds: allKinds, Settings: rivalry("1", normBatch),
		Objective: "D: 1/2 E (D(x) - 1)^2 + 1/2 E D(G)^2; G: 1/2 E (D(G) - 1)^2"})
}

// Build puts the pair together.
func (LSGAN) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	onReal, onFake := p.judge(p.critic())
	dLoss, gLoss := rivals("least-squares", onReal, onFake)
	return p.play(duel{dLoss: dLoss, gLoss: gLoss})
}
