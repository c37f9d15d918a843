package zoo

import "github.com/assay-gan/assay/nn"

// CycleGAN learns to translate between two domains from unpaired samples [zhu2017]: G maps X to Y and F maps Y to X, each against a discriminator of its
// target domain, and a sample that went there and back must return.
//
//	D_Y: min 1/2 E (D_Y(y) - 1)^2 + 1/2 E D_Y(G(x))^2,   D_X likewise
//	G,F: min E (D_Y(G(x)) - 1)^2 + E (D_X(F(y)) - 1)^2 + lambda (E |F(G(x)) - x| + E |G(F(y)) - y|) + lambda identity (E |G(y) - y| + E |F(x) - x|)
//
// The absolute values are means over a sample's values. The least-squares loss is the paper's replacement of the logarithmic one.
type CycleGAN struct{}

var _ Model = CycleGAN{}

// Info gives the paper's rates and lambda.
func (CycleGAN) Info() Info {
	return searched(Info{ID: "cyclegan", Title: "CycleGAN, unpaired translation", Paper: "zhu2017", Family: Translation, Kinds: allKinds,
		Objective: "D: 1/2 E (D_Y(y) - 1)^2 + 1/2 E D_Y(G(x))^2, D_X likewise; G, F: E (D_Y(G(x)) - 1)^2 + E (D_X(F(y)) - 1)^2 + lambda (E |F(G(x)) - x| + E |G(F(y)) - y|)",
		Settings: join(without(adversarial("1"), "latent"), []Setting{
			number("lambda", "10", 0, 1e6, "weight of the cycle error").means(Weight),
			number("identity", "0", 0, 1e6, "weight, relative to lambda, of leaving samples of the target domain alone"),
		})})
}

// Build puts the two generators and the two discriminators together.
func (CycleGAN) Build(b *Builder) error {
	c, err := b.couple(true)
	if err != nil {
		return err
	}
	cycle := c.back(nn.L1)
	lambda := float32(b.Settings.Float("lambda"))
	dLoss, _ := c.rivals("least-squares")
	gLoss := sum(nn.SquaredTo(c.onFakeX, 1), nn.SquaredTo(c.onFakeY, 1), nn.Scale(cycle, lambda)) // without the half of the discriminators, as in the paper
	if w := float32(b.Settings.Float("identity")); w > 0 {
		gLoss = nn.Add(gLoss, nn.Scale(nn.Add(nn.L1(c.g(c.y, nn.Train), c.y), nn.L1(c.f(c.x, nn.Train), c.x)), lambda*w))
	}
	return c.play(duel{dLoss: dLoss, gLoss: gLoss}, cycle)
}
