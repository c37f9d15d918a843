package zoo

import (
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/nn"
)

// CycleGAN learns to translate between two domains from unpaired samples [zhu2017]: G maps X to Y and F maps Y to X, each against a discriminator of its
// target domain, and a sample that went there and back must return.
//
//	D_Y: min 1/2 E (D_Y(y) - 1)^2 + 1/2 E D_Y(G(x))^2,   D_X likewise
//	G,F: min E (D_Y(G(x)) - 1)^2 + E (D_X(F(y)) - 1)^2 + lambda (E |F(G(x)) - x| + E |G(F(y)) - y|) + lambda identity (E |G(y) - y| + E |F(x) - x|)
//
// The absolute values are means over a sample's values. The least-squares loss is the paper's replacement of the logarithmic one.
type CycleGAN struct{}

var _ Model = CycleGAN{}

// Info gives the paper's rates and lambda.
func (CycleGAN) Info() Info {
	return Info{ID: "cyclegan", Title: "CycleGAN, unpaired translation", Paper: "zhu2017", Family: Translation, Kinds: allKinds,
		Objective: "D: 1/2 E (D_Y(y) - 1)^2 + 1/2 E D_Y(G(x))^2, D_X likewise; G, F: E (D_Y(G(x)) - 1)^2 + E (D_X(F(y)) - 1)^2 + lambda (E |F(G(x)) - x| + E |G(F(y)) - y|)",
		Settings: join(without(adversarial("1"), "latent"), []Setting{
			number("lambda", "10", 0, 1e6, "weight of the cycle error"),
			number("identity", "0", 0, 1e6, "weight, relative to lambda, of leaving samples of the target domain alone"),
		})}
}

// Build puts the two generators and the two discriminators together.
func (CycleGAN) Build(b *Builder) error {
	if err := b.checkShape(); err != nil {
		return err
	}
	x, y, err := b.Domains()
	if err != nil {
		return err
	}
	gs, fs, dxs, dys := b.Scope("g"), b.Scope("f"), b.Scope("d_x"), b.Scope("d_y")
	norm := b.Settings.Word("d_norm")
	g, f := b.translator(gs), b.translator(fs)
	dx, dy := b.critic(dxs, b.channelsIn(), 1, norm), b.critic(dys, b.channelsIn(), 1, norm)

	fakeY, fakeX := g(x, nn.Train), f(y, nn.Train)
	onX, onY := dx.Forward(x, nn.Train), dy.Forward(y, nn.Train)
	onFakeX, onFakeY := dx.Forward(fakeX, nn.Train), dy.Forward(fakeY, nn.Train)
	dLoss := nn.Scale(sum(nn.SquaredTo(onX, 1), nn.SquaredTo(onFakeX, 0), nn.SquaredTo(onY, 1), nn.SquaredTo(onFakeY, 0)), 0.5)
	cycle := nn.Add(nn.L1(f(fakeY, nn.Train), x), nn.L1(g(fakeX, nn.Train), y))
	lambda := float32(b.Settings.Float("lambda"))
	gLoss := sum(nn.SquaredTo(onFakeX, 1), nn.SquaredTo(onFakeY, 1), nn.Scale(cycle, lambda))
	if w := float32(b.Settings.Float("identity")); w > 0 {
		gLoss = nn.Add(gLoss, nn.Scale(nn.Add(nn.L1(g(y, nn.Train), y), nn.L1(f(x, nn.Train), x)), lambda*w))
	}

	err = b.Turn(Turn{Name: "d", Role: Critic, Repeat: b.Settings.Int("d_steps"), Loss: dLoss, Train: append(dxs.Params(), dys.Params()...), With: b.Adam("lr_d")})
	if err != nil {
		return err
	}
	err = b.Turn(Turn{Name: "g", Role: Generator, Loss: gLoss, Train: append(gs.Params(), fs.Params()...), With: b.Adam("lr_g"), Watch: map[string]*nn.Node{"cycle": cycle}})
	if err != nil {
		return err
	}
	b.Samples(g(x, nn.Eval), gs.Params())
	return nil
}

func sum(terms ...*nn.Node) *nn.Node {
	s := terms[0]
	for _, t := range terms[1:] {
		s = nn.Add(s, t)
	}
	return s
}

// translator maps a batch of one domain to a batch of the other: an MLP with a skip from input to output for points, an encoder and decoder with a skip at
// every resolution for images.
func (b *Builder) translator(s *nn.Scope) func(x *nn.Node, m nn.Mode) *nn.Node {
	if b.Kind == datasets.Points {
		net := b.mlp(s, b.Shape[0], b.Shape[0], nn.ReLU)
		return func(x *nn.Node, m nn.Mode) *nn.Node { return nn.Add(x, net.Forward(x, m)) }
	}
	depth := b.Settings.Int("depth")
	down, up := make([]nn.Layer, depth), make([]nn.Layer, depth)
	c := b.Shape[2]
	for i := range depth {
		next := b.channels(i + 1)
		ds := s.Sub(fmt.Sprintf("down%d", i+1))
		down[i] = nn.Seq(nn.Conv(ds, c, next, nn.K(4, 2, 1), nn.NoBias), nn.BatchNorm(ds.Sub("bn"), next), nn.LeakyReLU(0.2))
		c = next
	}
	for i := depth - 1; i > 0; i-- { // from resolution i+1 to i, where the encoder's features of that resolution join
		next := b.channels(i)
		us := s.Sub(fmt.Sprintf("up%d", i+1))
		up[i] = nn.Seq(nn.ConvTranspose(us, c, next, nn.K(4, 2, 1), nn.NoBias), nn.BatchNorm(us.Sub("bn"), next), nn.ReLU)
		c = 2 * next
	}
	up[0] = nn.ConvTranspose(s.Sub("out"), c, b.Shape[2], nn.K(4, 2, 1))
	return func(x *nn.Node, m nn.Mode) *nn.Node {
		skips := make([]*nn.Node, depth)
		for i, l := range down {
			x = l.Forward(x, m)
			skips[i] = x
		}
		for i := depth - 1; i > 0; i-- {
			x = nn.Concat(3, up[i].Forward(x, m), skips[i-1])
		}
		return b.squash(up[0].Forward(x, m))
	}
}
