package zoo

import "github.com/assay-gan/assay/nn"

// Regression translates with the help of pairs and nothing else: the baseline without a discriminator and without noise [isola2017].
//
//	l2: min E |y - G(x)|^2     gives the mean of all answers to x
//	l1: min E |y - G(x)|       gives their median
//
// Where a source has several right answers neither need be one of them, and a sample never varies. The distances are means over a sample's values.
type Regression struct{}

var _ Model = Regression{}

// Info gives Adam at 1e-3, as the likelihood models have.
func (Regression) Info() Info {
	return searched(Info{ID: "regression", Title: "Regression, paired translation without an adversary", Paper: "isola2017", Family: Translation, Kinds: allKinds, Paired: true,
		Objective: "E |y - G(x)|^2 (l2) or E |y - G(x)| (l1)",
		Settings: join(common("10000", "2000"), without(latent("1", "1"), "latent"), adamAt("1e-3"), []Setting{
			word("loss", "l2", "distance from the partner", "l1", "l2"),
		})})
}

// Build makes the one network.
func (Regression) Build(b *Builder) error {
	if err := b.checkShape(); err != nil {
		return err
	}
	x, y, err := b.Pairs()
	if err != nil {
		return err
	}
	s := b.Scope("g")
	g := b.squashed(b.translator(s, 0, true))
	distance := nn.MSE
	if b.Settings.Word("loss") == "l1" {
		distance = nn.L1
	}
	if err := b.Turn(Turn{Name: "g", Role: Generator, Loss: distance(g(x, nn.Train), y), Train: s.Params(), With: b.Adam("lr")}); err != nil {
		return err
	}
	b.Samples(g(x, nn.Eval), s.Params())
	return nil
}
