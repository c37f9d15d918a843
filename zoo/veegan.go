package zoo

import "github.com/assay-gan/assay/nn"

// VEEGAN adds a network F that maps samples back to their latent vectors. F is trained on samples, and shown to the discriminator on data: a mode that the generator drops
// is data whose codes F does not send to N(0, I), which the discriminator sees [srivastava2017].
//
//	D:    min -E log s(D(x, F(x))) - E log(1 - s(D(G(z), z)))
//	G, F: min -E D(G(z), z) + lambda E |z - F(G(z))|^2
//
// Where D is best its answer is a log ratio of densities, and G lowers a Kullback-Leibler divergence of the two joint distributions. F learns from the second term
// alone. Where data lie in tight clusters F has to spread each over its share of N(0, I), or D is sure by the codes alone: here it covers all clusters of points, with few
// good samples in each.
type VEEGAN struct{}

var _ Model = VEEGAN{}

// Info gives DCGAN's rates and the paper's weight of the reconstruction, 1.
func (VEEGAN) Info() Info {
	return searched(Info{ID: "veegan", Title: "VEEGAN", Paper: "srivastava2017", Family: Adversarial, Kinds: allKinds,
		Objective: "D: -E log s(D(x, F(x))) - E log(1 - s(D(G(z), z))); G, F: -E D(G(z), z) + lambda E |z - F(G(z))|^2",
		Settings: join(rivalry("1", normNone), []Setting{
			number("lambda", "1", 0, 1e6, "weight of the reconstructed latent vector").means(Weight),
			encoderChoice("F: a normal distribution, whose -log F(z | G(z)) takes the place of the squared error, or one code"),
			word("g_loss", "ratio", "first term of the generator's loss: the log ratio -E D (the paper's), or -E log s(D), bounded where D is sure", "ratio", "log"),
		})})
}

// Build puts the three networks together. F belongs to the generator's side.
func (VEEGAN) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	read := p.encoder()
	q, again := read(p.x), read(p.fake)
	b.Codes(q.middle)
	d := b.jointCritic(p.ds, b.channelsIn(), q.middle.Shape()[1], b.Settings.Word("d_norm"))
	onReal, onFake := d(p.x, q.draw), d(p.fake, p.in)
	lost := nn.Mean(nn.RowSum(nn.Square(nn.Sub(p.in, again.middle))))
	if again.logVar != nil {
		lost = nn.Mean(nn.GaussianNLL(again.middle, again.logVar, p.in))
	}
	dLoss, gLoss := rivals("log", onReal, onFake)
	if b.Settings.Word("g_loss") == "ratio" {
		gLoss = nn.Neg(nn.Mean(onFake))
	}
	watch := probabilities(onReal, onFake)
	watch["code error"] = nn.MSE(again.middle, p.in)
	return p.play(duel{dLoss: dLoss, gLoss: nn.Add(gLoss, nn.Scale(lost, float32(b.Settings.Float("lambda")))), watch: watch})
}
