package zoo

import "github.com/assay-gan/assay/nn"

// Projection adds the class to the discriminator as an inner product with its features, the form that a log ratio of class-conditional densities takes
// [miyato2018projection].
//
//	D(x, y) = psi(f(x)) + <V y, f(x)>
//	D: min E max(0, 1 - D(x,y)) + E max(0, 1 + D(G(z,c),c))
//	G: min -E D(G(z,c),c)
type Projection struct{}

var _ Model = Projection{}

// Info gives spectral norm, Adam(0, 0.9) and five discriminator updates as in the paper. The generator reads the class beside the latent vector; the paper's
// class-conditional batch norm is not part of this model.
func (Projection) Info() Info {
	return searched(Info{ID: "cgan-pd", Title: "Conditional GAN, projection discriminator", Paper: "miyato2018projection", Family: Adversarial, Kinds: allKinds, Conditional: true,
		Objective: "D(x,y) = psi(f(x)) + <V y, f(x)>; D: E max(0, 1 - D(x,y)) + E max(0, 1 + D(G,c)); G: -E D(G,c)",
		Settings:  join(with(rivalry("5", normSpectral), map[string]string{"beta1": "0", "beta2": "0.9"}), []Setting{lossChoice("hinge")})})
}

// Build puts the pair together.
func (Projection) Build(b *Builder) error {
	p, err := b.labelledPair()
	if err != nil {
		return err
	}
	judge := p.project(p.critic())
	onReal, onFake := judge(p.x, p.y), judge(p.fake, p.c)
	dLoss, gLoss := rivals(b.Settings.Word("loss"), onReal, onFake)
	return p.play(duel{dLoss: dLoss, gLoss: gLoss, watch: answers(onReal, onFake)})
}

// project adds the product of a critic's features with a row for the class to its answer.
func (p *pair) project(d critic) func(x, class *nn.Node) *nn.Node {
	embed := nn.Dense(p.ds.Sub("class"), p.b.Classes, d.width, append(weightNorm(p.b.Settings.Word("d_norm")), nn.NoBias)...)
	return func(x, class *nn.Node) *nn.Node {
		f := d.features.Forward(x, nn.Train)
		match := nn.RowDot(embed.Forward(class, nn.Train), f)
		return nn.Add(d.head.Forward(f, nn.Train), nn.Reshape(match, p.b.Batch, 1))
	}
}
