package zoo

import "github.com/assay-gan/assay/nn"

// RaGAN asks whether data look more real than the average sample, and the reverse, so that raising samples lowers data [jolicoeur2019].
//
//	D: min -E log s(D(x) - E D(G(z))) - E log(1 - s(D(G(z)) - E D(x)))
//	G: min -E log s(D(G(z)) - E D(x)) - E log(1 - s(D(x) - E D(G(z))))
//
// The other losses are made relativistic in the same way.
type RaGAN struct{}

var _ Model = RaGAN{}

// Info gives DCGAN's rates.
func (RaGAN) Info() Info {
	return searched(Info{ID: "ragan", Title: "Relativistic average GAN", Paper: "jolicoeur2019", Family: Adversarial, Kinds: allKinds,
		Objective: "D: -E log s(D(x) - E D(G)) - E log(1 - s(D(G) - E D(x))); G: the same with x and G exchanged",
		Settings:  join(rivalry("1", normBatch), []Setting{word("loss", "log", "loss that is made relativistic", "log", "hinge", "least-squares")})})
}

// Build puts the pair together.
func (RaGAN) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	onReal, onFake := p.judge(p.critic())
	over := func(v, other *nn.Node) *nn.Node { return nn.Sub(v, nn.Fill(nn.Mean(other), v.Shape()...)) }
	real, fake := over(onReal, onFake), over(onFake, onReal)
	side := func(up, down *nn.Node) *nn.Node {
		switch b.Settings.Word("loss") {
		case "hinge":
			return nn.Add(nn.Hinge(up, 1), nn.Hinge(down, -1))
		case "least-squares":
			return nn.Add(nn.SquaredTo(up, 1), nn.SquaredTo(down, -1))
		}
		return nn.Add(nn.BCELogits(up, 1), nn.BCELogits(down, 0)) // log, the one that is left of the setting's choices
	}
	return p.play(duel{dLoss: side(real, fake), gLoss: side(fake, real), watch: map[string]*nn.Node{"lead of data": nn.Sub(nn.Mean(onReal), nn.Mean(onFake))}})
}
