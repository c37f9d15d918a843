package zoo

import (
	"math"

	"github.com/assay-gan/assay/nn"
)

// InfoGAN gives part of the generator's input a meaning: codes that a network Q on the discriminator's features can read back from the sample, which bounds their
// mutual information from below [chen2016].
//
//	D, Q: min -E log s(D(x)) - E log(1 - s(D(G(z,c)))) + I
//	G:    min -E log s(D(G(z,c))) + I
//	I = lambda (-E log Q(category | G)) + lambda_c E 1/2 |continuous - Q(G)|^2
//
// The category is uniform, the continuous codes are uniform on [-1, 1] and read with unit variance.
type InfoGAN struct{}

var _ Model = InfoGAN{}

// Info gives the paper's codes for MNIST (ten categories, two continuous codes) and weights.
func (InfoGAN) Info() Info {
	return searched(Info{ID: "infogan", Title: "InfoGAN", Paper: "chen2016", Family: Adversarial, Kinds: allKinds,
		Objective: logD + " + I; G: -E log s(D(G)) + I; I = -lambda E log Q(category|G) + lambda_c E 1/2 |continuous - Q(G)|^2",
		Settings: join(rivalry("1", normBatch), []Setting{
			integer("categories", "10", "10", 2, 4096, "values of the categorical code"),
			integer("continuous", "2", "2", 1, 4096, "number of continuous codes"),
			number("lambda", "1", 0, 1e6, "weight of reading the category back").means(Weight),
			number("lambda_c", "0.1", 0, 1e6, "weight of reading the continuous codes back").means(Weight),
		})})
}

// Build puts the three networks together; Q is one more linear head of the discriminator.
func (InfoGAN) Build(b *Builder) error {
	k, n := b.Settings.Int("categories"), b.Settings.Int("continuous")
	category, continuous := b.noise("category", classes(k), k), b.noise("continuous", uniform(-1, 1), n)
	p, err := b.pair(category, continuous)
	if err != nil {
		return err
	}
	d := p.critic()
	q := nn.Dense(p.ds.Sub("q"), d.width, k+n)
	onReal, features := d.Forward(p.x, nn.Train), d.features.Forward(p.fake, nn.Train)
	onFake, read := d.head.Forward(features, nn.Train), q.Forward(features, nn.Train)

	lost := nn.SoftmaxCrossEntropy(nn.Slice(read, 1, 0, k), category)
	off := nn.Scale(nn.Mean(nn.RowSum(nn.Square(nn.Sub(continuous, nn.Slice(read, 1, k, k+n))))), 0.5)
	info := nn.Add(nn.Scale(lost, float32(b.Settings.Float("lambda"))), nn.Scale(off, float32(b.Settings.Float("lambda_c"))))

	dLoss, gLoss := rivals("log", onReal, onFake)
	watch := probabilities(onReal, onFake)
	watch["bound on I(category; G)"] = nn.Affine(lost, -1, float32(math.Log(float64(k)))) // log k - H(category | G) at most
	return p.play(duel{dLoss: nn.Add(dLoss, info), gLoss: nn.Add(gLoss, info), watch: watch})
}
