package zoo

import "github.com/assay-gan/assay/nn"

// BEGAN is the boundary-equilibrium GAN: its discriminator is an autoencoder, which reconstructs data well and samples badly, and a controller k keeps the two errors in the ratio gamma, which trades
// diversity for quality [berthelot2017].
//
//	D: min L(x) - k L(G(z)),   L(v) = mean |v - AE(v)|
//	G: min L(G(z))
//	k <- clamp(k + lambda_k (gamma L(x) - L(G(z))), 0, 1)     after every update of D
//
// The two sides compare errors, not samples: a generator that stays in one mode, whose samples are reconstructed as gamma times as badly as the data, is in balance. On
// points it does just that, for every gamma and gain that was tried.
//
// The watched M = L(x) + |gamma L(x) - L(G(z))| falls as training converges.
type BEGAN struct{}

var _ Model = BEGAN{}

// Info gives the paper's gamma and lambda_k. A code no narrower than the data would let the autoencoder copy anything, so points get one of 1.
func (BEGAN) Info() Info {
	return searched(Info{ID: "began", Title: "Boundary equilibrium GAN", Paper: "berthelot2017", Family: Adversarial, Kinds: allKinds,
		Objective: "D: L(x) - k L(G), L(v) = mean |v - AE(v)|; G: L(G); k <- clamp(k + lambda_k (gamma L(x) - L(G)), 0, 1)",
		Settings: join(withRates(rivalry("1", normNone), "1e-3", "1e-4"), []Setting{
			codeWidth("1"),
			number("gamma", "0.5", 0, 1, "wanted ratio of the errors on samples and on data").means(Ratio),
			number("lambda_k", "1e-3", 0, 1, "gain of the controller").means(Gain),
		})})
}

func codeWidth(points string) Setting {
	return integer("code", points, "64", 1, 4096, "width of the discriminating autoencoder's code")
}

// Build puts the pair together.
func (BEGAN) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	encode, decode := b.autoencoder(p.ds, b.Settings.Int("code"), b.Settings.Word("d_norm"))
	lose := func(v *nn.Node) *nn.Node {
		return nn.L1(b.squash(decode.Forward(encode.Forward(v, nn.Train), nn.Train)), v)
	}
	real, fake := lose(p.x), lose(p.fake)

	k := b.Scope("balance").State("k", nn.Zeros(), 1)
	drift := nn.Sub(nn.Scale(real, float32(b.Settings.Float("gamma"))), fake)
	next := nn.Clamp(nn.Add(k, nn.Fill(nn.Scale(drift, float32(b.Settings.Float("lambda_k"))), 1)), 0, 1)
	return p.play(duel{
		dLoss: nn.Sub(real, nn.ScaleBy(fake, nn.Sum(k))), gLoss: fake, dNext: []Next{{k, next}},
		watch: map[string]*nn.Node{"L(real)": real, "L(fake)": fake, "k": nn.Sum(k), "M": nn.Add(real, nn.Abs(drift))},
	})
}

// autoencoder takes samples to rows of width code and back; squash ends it.
func (b *Builder) autoencoder(s *nn.Scope, code int, norm string) (encode, decode nn.Layer) {
	return b.critic(s.Sub("encoder"), b.channelsIn(), code, norm), b.generator(s.Sub("decoder"), code)
}
