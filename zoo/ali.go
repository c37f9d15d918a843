package zoo

import (
	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// ALI learns an encoder beside the generator: the discriminator sees a sample together with a latent vector, and must tell data with the codes that the encoder gives
// them from the generator's samples with the codes they were made of [dumoulin2017]. With a deterministic encoder it is BiGAN [donahue2017].
//
//	D:    min -E log s(D(x, E(x))) - E log(1 - s(D(G(z), z)))
//	G, E: min -E log s(D(G(z), z)) - E log(1 - s(D(x, E(x))))
//
// Where D can tell nothing, E inverts G. The encoder is a normal distribution q(z|x), or one code.
type ALI struct{}

var _ Model = ALI{}

// Info gives DCGAN's rates and ALI's stochastic encoder.
func (ALI) Info() Info {
	return searched(Info{ID: "ali", Title: "Adversarially learned inference (BiGAN)", Paper: "dumoulin2017", Family: Adversarial, Kinds: allKinds,
		Objective: "D: -E log s(D(x, E(x))) - E log(1 - s(D(G(z), z))); G, E: the same with the sides exchanged",
		Settings: join(rivalry("1", normNone), []Setting{
			encoderChoice("q(z|x): a normal distribution with a diagonal covariance (ALI), or one code (BiGAN)"),
		})})
}

func encoderChoice(doc string) Setting { return word("encoder", "normal", doc, "normal", "code") }

// Build puts the three networks together. The encoder belongs to the generator's side.
func (ALI) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	read := p.encoder()
	q := read(p.x)
	b.Codes(q.middle)
	d := b.jointCritic(p.ds, b.channelsIn(), q.middle.Shape()[1], b.Settings.Word("d_norm"))
	onReal, onFake := d(p.x, q.draw), d(p.fake, p.in)
	dLoss, gLoss := rivals("log", onReal, onFake)
	watch := probabilities(onReal, onFake)
	watch["code error"] = nn.MSE(read(p.fake).middle, p.in)
	return p.play(duel{dLoss: dLoss, gLoss: nn.Add(gLoss, nn.BCELogits(onReal, 0)), watch: watch})
}

// inference is q(z|x) of a batch: its middle and a draw from it. Where q is no distribution they are one, and logVar is nil.
type inference struct{ middle, logVar, draw *nn.Node }

// encoder reads samples on the generator's side.
func (p *pair) encoder() func(x *nn.Node) inference {
	b, k := p.b, p.b.Settings.Int("latent")
	s := p.gs.Sub("encoder")
	if b.Settings.Word("encoder") == "code" {
		net := b.critic(s, b.channelsIn(), k, normNone)
		return func(x *nn.Node) inference {
			z := net.Forward(x, nn.Train)
			return inference{middle: z, draw: z}
		}
	}
	net, eps := b.critic(s, b.channelsIn(), 2*k, normNone), b.Normal("inference", k)
	return func(x *nn.Node) inference {
		out := net.Forward(x, nn.Train)
		q := inference{middle: nn.Slice(out, 1, 0, k), logVar: nn.Slice(out, 1, k, 2*k)}
		q.draw = nn.Add(q.middle, nn.Mul(nn.Exp(nn.Scale(q.logVar, 0.5)), eps))
		return q
	}
}

// jointCritic judges samples of in values a point, or in channels an image, beside rows of width k. The rows join the features of an image through a layer of their own.
func (b *Builder) jointCritic(s *nn.Scope, in, k int, norm string) func(x, z *nn.Node) *nn.Node {
	if b.Kind == datasets.Points {
		d := b.critic(s, in+k, 1, norm)
		return func(x, z *nn.Node) *nn.Node { return d.Forward(nn.Concat(1, x, z), nn.Train) }
	}
	features, width := b.convolutions(s, in, norm)
	hidden := 4 * b.Settings.Int("width")
	opts := weightNorm(norm)
	read := nn.Seq(nn.Dense(s.Sub("code"), k, hidden, opts...), nn.LeakyReLU(0.2))
	judge := nn.Seq(nn.Dense(s.Sub("joint"), width+hidden, hidden, opts...), nn.LeakyReLU(0.2), nn.Dense(s.Sub("out"), hidden, 1, opts...))
	return func(x, z *nn.Node) *nn.Node {
		return judge.Forward(nn.Concat(1, features.Forward(x, nn.Train), read.Forward(z, nn.Train)), nn.Train)
	}
}
