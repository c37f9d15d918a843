package zoo

import "github.com/assay-gan/assay/nn"

// DiscoGAN translates between two domains from unpaired samples [kim2017] like CycleGAN, of the same month: logarithmic losses, squared round-trip errors, and no
// weight between the two.
//
//	D_Y: min -E log s(D_Y(y)) - E log(1 - s(D_Y(G(x)))),   D_X likewise
//	G,F: min -E log s(D_Y(G(x))) - E log s(D_X(F(y))) + E |F(G(x)) - x|^2 + E |G(F(y)) - y|^2
//
// The squares are means over a sample's values. Every round trip closes as well if G permutes the modes and F undoes the permutation: the losses cannot see
// which mode belongs to which. The paper's weight decay is left out.
type DiscoGAN struct{}

var _ Model = DiscoGAN{}

// Info gives the paper's rates, and its generators without short ways.
func (DiscoGAN) Info() Info {
	return searched(Info{ID: "discogan", Title: "DiscoGAN, unpaired translation", Paper: "kim2017", Family: Translation, Kinds: allKinds,
		Objective: "D: -E log s(D_Y(y)) - E log(1 - s(D_Y(G(x)))), D_X likewise; G, F: -E log s(D_Y(G(x))) - E log s(D_X(F(y))) + E |F(G(x)) - x|^2 + E |G(F(y)) - y|^2",
		Settings:  join(without(adversarial("1"), "latent"), []Setting{shortcut("off")})})
}

// Build puts the two generators and the two discriminators together.
func (DiscoGAN) Build(b *Builder) error {
	c, err := b.couple(b.Settings.Word("skip") == "on")
	if err != nil {
		return err
	}
	back := c.back(nn.MSE)
	dLoss, gLoss := c.rivals("log")
	return c.play(duel{dLoss: dLoss, gLoss: nn.Add(gLoss, back)}, back)
}
