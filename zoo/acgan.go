package zoo

import "github.com/assay-gan/assay/nn"

// ACGAN is the auxiliary-classifier GAN: its discriminator also names the class of every sample, and both sides want it named right [odena2017].
//
//	D: min -E log s(D(x)) - E log(1 - s(D(G(z,c)))) + w (-E log C(y|x) - E log C(c|G(z,c)))
//	G: min -E log s(D(G(z,c))) + w (-E log C(c|G(z,c)))
type ACGAN struct{}

var _ Model = ACGAN{}

// Info gives the classifier the weight 1, as in the paper.
func (ACGAN) Info() Info {
	return searched(Info{ID: "acgan", Title: "Auxiliary classifier GAN", Paper: "odena2017", Family: Adversarial, Kinds: allKinds, Conditional: true,
		Objective: logD + " + w (-E log C(y|x) - E log C(c|G)); G: -E log s(D(G)) - w E log C(c|G)",
		Settings:  join(rivalry("1", normBatch), []Setting{number("w", "1", 0, 1e6, "weight of the classifier").means(Weight)})})
}

// Build puts the pair together.
func (ACGAN) Build(b *Builder) error {
	p, err := b.labelledPair()
	if err != nil {
		return err
	}
	d := p.critic()
	classify := nn.Dense(p.ds.Sub("class"), d.width, b.Classes)
	judge := func(x, class *nn.Node) (real, misnamed *nn.Node) {
		f := d.features.Forward(x, nn.Train)
		return d.head.Forward(f, nn.Train), nn.SoftmaxCrossEntropy(classify.Forward(f, nn.Train), class)
	}
	onReal, wrongReal := judge(p.x, p.y)
	onFake, wrongFake := judge(p.fake, p.c)
	dLoss, gLoss := rivals("log", onReal, onFake)
	w := float32(b.Settings.Float("w"))
	watch := probabilities(onReal, onFake)
	watch["-log C(real)"], watch["-log C(fake)"] = wrongReal, wrongFake
	return p.play(duel{
		dLoss: nn.Add(dLoss, nn.Scale(nn.Add(wrongReal, wrongFake), w)),
		gLoss: nn.Add(gLoss, nn.Scale(wrongFake, w)), watch: watch,
	})
}
