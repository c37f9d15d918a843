package zoo

import "github.com/assay-gan/assay/nn"

// StarGAN translates between any two of several domains with one generator, which reads the domain it is to translate to [choi2018]. The domains are the labels of
// the data; the discriminator also names them.
//
//	D: min E D(G(x,c)) - E D(x) + lambda E (|grad D(l)| - 1)^2 - v E log C(y|x)     l uniform on the lines from translations to data
//	G: min -E D(G(x,c)) - v E log C(c|G(x,c)) + r E |x - G(G(x,c),y)|
//
// Samples are translations of the test split to the classes asked for.
type StarGAN struct{}

var _ Model = StarGAN{}

// Info gives the paper's weights 1 (domain), 10 (reconstruction) and 10 (slope; 0.1 on points as for wgan-gp), five critic updates and Adam(0.5, 0.999) at 1e-4. The
// paper's instance norm is batch norm here, as in the other translators.
func (StarGAN) Info() Info {
	return searched(Info{ID: "stargan", Title: "StarGAN, one translator for several domains", Paper: "choi2018", Family: Translation, Kinds: allKinds, Conditional: true,
		Objective: "D: E D(G(x,c)) - E D(x) + lambda E (|grad D(l)| - 1)^2 - v E log C(y|x); G: -E D(G(x,c)) - v E log C(c|G(x,c)) + r E |x - G(G(x,c),y)|",
		Settings: join(without(withRates(rivalry("5", normNone), "5e-4", "1e-4"), "latent"), []Setting{
			gradientPenalty(),
			number("v", "1", 0, 1e6, "weight of the domain's name").means(Weight),
			number("r", "10", 0, 1e6, "weight of the way back").means(Weight),
		})})
}

// Build puts the one generator and the one discriminator together.
func (StarGAN) Build(b *Builder) error {
	if err := b.checkShape(); err != nil {
		return err
	}
	x, y, err := b.Labelled()
	if err != nil {
		return err
	}
	c := b.AskedClass()
	gs, ds := b.Scope("g"), b.Scope("d")
	net := b.translator(gs, b.Classes, true)
	g := func(x, c *nn.Node, m nn.Mode) *nn.Node { return b.squash(net(x, c, m)) }
	d := b.critic(ds, b.channelsIn(), 1, b.Settings.Word("d_norm"))
	name := nn.Dense(ds.Sub("domain"), d.width, b.Classes)
	judge := func(x, domain *nn.Node) (real, misnamed *nn.Node) {
		f := d.features.Forward(x, nn.Train)
		return d.head.Forward(f, nn.Train), nn.SoftmaxCrossEntropy(name.Forward(f, nn.Train), domain)
	}
	fake := g(x, c, nn.Train)
	onReal, misnamedReal := judge(x, y)
	onFake, misnamedFake := judge(fake, c)
	estimate, convince := rivals("wasserstein", onReal, onFake)
	line := lines(fake, x, b.Uniform("lines", 1))
	slope := norms(d.Forward(line, nn.Train), line)
	back := nn.L1(g(fake, y, nn.Train), x)

	weight := func(n *nn.Node, setting string) *nn.Node { return nn.Scale(n, float32(b.Settings.Float(setting))) }
	err = b.duel(duel{d: ds, g: gs,
		dLoss: sum(estimate, weight(unitSlope(slope), "lambda"), weight(misnamedReal, "v")),
		gLoss: sum(convince, weight(misnamedFake, "v"), weight(back, "r")),
		watch: map[string]*nn.Node{"W estimate": nn.Neg(estimate), "slope": nn.Mean(slope), "-log C(real)": misnamedReal, "-log C(fake)": misnamedFake, "way back": back},
	})
	if err != nil {
		return err
	}
	b.Samples(g(x, c, nn.Eval), gs.Params())
	return nil
}
