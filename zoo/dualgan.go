package zoo

import "github.com/assay-gan/assay/nn"

// DualGAN translates between two domains from unpaired samples [yi2017] with Wasserstein critics, kept Lipschitz by clipping their weights.
//
//	D_Y: min E D_Y(G(x)) - E D_Y(y),  then w <- clip(w, -c, c);   D_X likewise
//	G,F: min -E D_Y(G(x)) - E D_X(F(y)) + lambda (E |F(G(x)) - x| + E |G(F(y)) - y|)
//
// The absolute values are means over a sample's values.
type DualGAN struct{}

var _ Model = DualGAN{}

// Info gives the paper's RMSProp, three critic updates (it takes two to four) and c = 0.1, the upper end of its range; lambda, in the paper 100 to 1000 for pixels
// of larger images, is the lower end of it for images and 10 for points.
func (DualGAN) Info() Info {
	settings := withRates(with(adversarial("3"), map[string]string{"d_norm": "none"}), "5e-4", "5e-5")
	return searched(Info{ID: "dualgan", Title: "DualGAN, unpaired translation", Paper: "yi2017", Family: Translation, Kinds: allKinds,
		Objective: "D: E D_Y(G(x)) - E D_Y(y), then w <- clip(w, -c, c), D_X likewise; G, F: -E D_Y(G(x)) - E D_X(F(y)) + lambda (E |F(G(x)) - x| + E |G(F(y)) - y|)",
		Settings: join(without(settings, "latent", "beta1", "beta2"), []Setting{
			weightOf("lambda", "10", "100", "weight of the round-trip error"),
			number("clip", "0.1", 1e-9, 1e9, "bound c on every weight of the critics").means(ClipBound),
			rmsDecay(), shortcut("on"),
		})})
}

// Build puts the two generators and the two critics together.
func (DualGAN) Build(b *Builder) error {
	c, err := b.couple(b.Settings.Word("skip") == "on")
	if err != nil {
		return err
	}
	back := c.back(nn.L1)
	dLoss, gLoss := c.rivals("wasserstein")
	gLoss = nn.Add(gLoss, nn.Scale(back, float32(b.Settings.Float("lambda"))))
	return c.play(duel{dLoss: dLoss, gLoss: gLoss, clip: b.Settings.Float("clip"), optimiser: b.RMSProp}, back)
}
