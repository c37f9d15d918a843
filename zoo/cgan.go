package zoo

import (
	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/nn"
)

// CGAN gives generator and discriminator the class [mirza2014]. The discriminator must say whether a sample is real and whether it fits its class, so
// real samples with a wrong class are negatives too [reed2016].
//
//	D: min -E log s(D(x,y)) - (1-m) E log(1 - s(D(G(z,c),c))) - m E log(1 - s(D(x,y')))     y' != y, m the share of mismatched pairs
//	G: min -E log s(D(G(z,c),c))
type CGAN struct{}

var _ Model = CGAN{}

// Info gives DCGAN's rates and half of the negatives to mismatched pairs.
func (CGAN) Info() Info {
	return Info{ID: "cgan", Title: "Conditional GAN with mismatched pairs", Paper: "mirza2014", Family: Adversarial, Kinds: allKinds, Conditional: true,
		Objective: "D: -E log s(D(x,y)) - (1-m) E log(1 - s(D(G(z,c),c))) - m E log(1 - s(D(x,y'))); G: -E log s(D(G(z,c),c))",
		Settings: join(adversarial("1"), []Setting{
			number("mismatch", "0.5", 0, 0.99, "weight of real samples with a wrong class among the discriminator's negatives; 0 leaves them out"),
		})}
}

// Build puts the pair together.
func (CGAN) Build(b *Builder) error {
	if err := b.checkShape(); err != nil {
		return err
	}
	x, y, wrong, err := b.RealLabelled()
	if err != nil {
		return err
	}
	z, c := b.Latent(), b.AskedClass()
	gs, ds := b.Scope("g"), b.Scope("d")
	gNet := b.generator(gs, b.Settings.Int("latent")+b.Classes)
	generate := func(m nn.Mode) *nn.Node { return b.squash(gNet.Forward(nn.Concat(1, z, c), m)) }
	d := b.conditionalCritic(ds, 1, b.Settings.Word("d_norm"))

	onReal, onFake := d(x, y), d(generate(nn.Train), c)
	m := float32(b.Settings.Float("mismatch"))
	dLoss := nn.Add(nn.BCELogits(onReal, 1), nn.Scale(nn.BCELogits(onFake, 0), 1-m))
	watch := map[string]*nn.Node{"D(real)": meanSigmoid(onReal), "D(fake)": meanSigmoid(onFake)}
	if m > 0 {
		onWrong := d(x, wrong)
		dLoss = nn.Add(dLoss, nn.Scale(nn.BCELogits(onWrong, 0), m))
		watch["D(real, wrong class)"] = meanSigmoid(onWrong)
	}
	if err := b.duel(duel{d: ds, g: gs, dLoss: dLoss, gLoss: nn.BCELogits(onFake, 1), watch: watch}); err != nil {
		return err
	}
	b.Samples(generate(nn.Eval), gs.Params())
	return nil
}

// conditionalCritic sees the class beside the sample: as coordinates of a point, as a learned map in one more channel of an image.
func (b *Builder) conditionalCritic(s *nn.Scope, out int, norm string) func(x, class *nn.Node) *nn.Node {
	if b.Kind == datasets.Points {
		d := b.critic(s, b.Shape[0]+b.Classes, out, norm)
		return func(x, class *nn.Node) *nn.Node { return d.Forward(nn.Concat(1, x, class), nn.Train) }
	}
	h, w := b.Shape[0], b.Shape[1]
	plane := nn.Seq(nn.Dense(s.Sub("class"), b.Classes, h*w, nn.NoBias), nn.To(h, w, 1))
	d := b.critic(s, b.Shape[2]+1, out, norm)
	return func(x, class *nn.Node) *nn.Node {
		return d.Forward(nn.Concat(3, x, plane.Forward(class, nn.Train)), nn.Train)
	}
}
