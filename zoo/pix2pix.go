package zoo

import (
	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// Pix2Pix translates with the help of pairs [isola2017]: the generator, a U-Net for images, must come near the partner y of its source x, and must convince a
// discriminator that sees both, patch by patch of an image.
//
//	D: min 1/2 (-E log s(D(y,x)) - E log(1 - s(D(G(x,z),x))))
//	G: min w -E log s(D(G(x,z),x)) + lambda E |y - G(x,z)|
//
// The first term makes the output one that belongs to x, the second keeps it close; alone it gives the median of all answers, which may be none. With w = 0 there is
// no discriminator. The noise z is a latent vector beside the source, where the paper has dropout.
type Pix2Pix struct{}

var _ Model = Pix2Pix{}

// Info gives the paper's rates and lambda = 100 for images; for points, where the paper says nothing, 1.
func (Pix2Pix) Info() Info {
	return searched(Info{ID: "pix2pix", Title: "pix2pix, paired translation", Paper: "isola2017", Family: Translation, Kinds: allKinds, Paired: true,
		Objective: "D: 1/2 (-E log s(D(y,x)) - E log(1 - s(D(G(x,z),x)))); G: -w E log s(D(G(x,z),x)) + lambda E |y - G(x,z)|",
		Settings: join(with(adversarial("1"), map[string]string{"latent": "8"}), []Setting{
			weightOf("lambda", "1", "100", "weight of the distance from the partner"),
			number("adversarial", "1", 0, 1e6, "weight w of the discriminator's answer; 0 leaves the distance alone"),
		})})
}

// Updates are one of each side; without a discriminator (adversarial = 0) those of the generator.
func (Pix2Pix) Updates(s Settings) (dSteps, gSteps int, known bool) {
	if s.Float("adversarial") > 0 {
		dSteps = s.Int("d_steps")
	}
	return dSteps, 1, true
}

// Build puts the pair together.
func (Pix2Pix) Build(b *Builder) error {
	y, c, err := b.condition(true)
	if err != nil {
		return err
	}
	z := b.Latent()
	gs, ds := b.Scope("g"), b.Scope("d")
	g := b.conditionalGenerator(gs, c)
	fake := b.squash(g(z, c.of, nn.Train))
	distance := nn.L1(fake, y)
	gLoss := nn.Scale(distance, float32(b.Settings.Float("lambda")))
	if w := float32(b.Settings.Float("adversarial")); w > 0 {
		d := b.patchCritic(ds, c)
		onReal, onFake := d(y, c.of), d(fake, c.of)
		dLoss, convince := rivals("log", onReal, onFake)
		gLoss = nn.Add(nn.Scale(convince, w), gLoss)
		err = b.Turn(Turn{Name: "d", Role: Critic, Repeat: b.Settings.Int("d_steps"), Loss: nn.Scale(dLoss, 0.5), Train: ds.Params(), With: b.Adam("lr_d"), Watch: probabilities(onReal, onFake)})
		if err != nil {
			return err
		}
	}
	err = b.Turn(Turn{Name: "g", Role: Generator, Loss: gLoss, Train: gs.Params(), With: b.Adam("lr_g"), Watch: map[string]*nn.Node{"distance": distance}})
	if err != nil {
		return err
	}
	b.Samples(b.squash(g(z, c.of, nn.Eval)), gs.Params())
	return nil
}

// patchCritic judges samples beside their conditions: for images one answer for every place of the coarsest feature map, each about the patch that it sees.
func (b *Builder) patchCritic(s *nn.Scope, c condition) func(x, condition *nn.Node) *nn.Node {
	if b.Kind == datasets.Points {
		return b.conditionalCritic(s, c, 1, b.Settings.Word("d_norm"))
	}
	join, width := b.beside(s, c)
	features, _ := b.convolutions(s, width, b.Settings.Word("d_norm"))
	h, w, halvings := b.coarse()
	net := nn.Seq(features, nn.To(h, w, b.channels(halvings)), nn.Conv(s.Sub("patch"), b.channels(halvings), 1, nn.K(3, 1, 1)))
	return func(x, condition *nn.Node) *nn.Node { return net.Forward(join(x, condition), nn.Train) }
}
