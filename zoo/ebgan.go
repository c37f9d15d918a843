package zoo

import "github.com/assay-gan/assay/nn"

// EBGAN is the energy-based GAN: its discriminator is an energy, the error of an autoencoder, low on data and at least the margin m elsewhere [zhao2017].
//
//	D: min E L(x) + E max(0, m - L(G(z))),   L(v) = |v - AE(v)|^2 / values
//	G: min E L(G(z)) + pull P
//
// P is the mean squared cosine between the codes of different samples in a batch (the pulling-away term), against collapse.
type EBGAN struct{}

var _ Model = EBGAN{}

// Info sets the margin to 1: data have mean square 1 or less, so an autoencoder that answers with the mean has an energy near 1. The margin, not
// a narrow code, keeps the autoencoder from copying everything, so the code is as wide as points are; of width 1 it would have no direction to pull apart.
func (EBGAN) Info() Info {
	return searched(Info{ID: "ebgan", Title: "Energy-based GAN", Paper: "zhao2017", Family: Adversarial, Kinds: allKinds,
		Objective: "D: E L(x) + E max(0, m - L(G)), L(v) = |v - AE(v)|^2 / values; G: E L(G) + pull P, P the squared cosine between codes",
		Settings: join(rivalry("1", normNone), []Setting{
			codeWidth("2"),
			number("margin", "1", 0, 1e6, "energy m that samples are raised to").means(Weight),
			number("pull", "0.1", 0, 1e6, "weight of the pulling-away term").means(Weight),
		})})
}

// Build puts the pair together.
func (EBGAN) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	encode, decode := b.autoencoder(p.ds, b.Settings.Int("code"), b.Settings.Word("d_norm"))
	energy := func(v *nn.Node) (energies, code *nn.Node) {
		code = encode.Forward(v, nn.Train)
		return nn.RowMean(nn.Square(nn.Sub(b.squash(decode.Forward(code, nn.Train)), v))), code
	}
	real, _ := energy(p.x)
	fake, code := energy(p.fake)
	short := nn.Mean(nn.ReLU(nn.Affine(fake, -1, float32(b.Settings.Float("margin")))))
	gLoss := nn.Mean(fake)
	if w := float32(b.Settings.Float("pull")); w > 0 {
		gLoss = nn.Add(gLoss, nn.Scale(alignment(code), w))
	}
	return p.play(duel{dLoss: nn.Add(nn.Mean(real), short), gLoss: gLoss, watch: map[string]*nn.Node{"L(real)": nn.Mean(real), "L(fake)": nn.Mean(fake)}})
}

// alignment is the mean of cos^2 over the ordered pairs of different rows, in [0, 1].
func alignment(rows *nn.Node) *nn.Node {
	n := rows.Shape()[0]
	unit := nn.MulRows(rows, nn.Pow(nn.AddConst(nn.RowDot(rows, rows), 1e-12), -0.5))
	all := nn.Sum(nn.Square(nn.MatMul(unit, unit, false, true))) // n of them are a row with itself
	return nn.Affine(all, 1/float32(n*(n-1)), -1/float32(n-1))
}
