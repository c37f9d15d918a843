package zoo

import (
	"fmt"

	"github.com/assay-gan/assay/nn"
)

// pair is a generator with the batches it is judged on: what most adversarial models start from. The opponent is the model's own business.
type pair struct {
	b      *Builder
	gs, ds *nn.Scope
	net    nn.Layer
	x      *nn.Node // a batch of data
	in     *nn.Node // what the generator reads: latent vectors, and beside them classes or codes
	y, c   *nn.Node // one-hot classes of the data and those asked of the generator; nil for unconditional pairs
	fake   *nn.Node // the generator's batch, in training mode
}

// pair makes an unconditional generator; codes are further rows that it reads beside the latent vector.
func (b *Builder) pair(codes ...*nn.Node) (*pair, error) {
	if err := b.checkShape(); err != nil {
		return nil, err
	}
	return b.newPair(&pair{x: b.Real()}, codes, b.generator), nil
}

// labelledPair makes a generator that reads the class it is asked for.
func (b *Builder) labelledPair() (*pair, error) { return b.labelledPairOf(b.generator) }

// labelledPairOf is labelledPair with another generator; it reads rows of the latent vector and the class after it.
func (b *Builder) labelledPairOf(generator func(s *nn.Scope, in int) nn.Layer) (*pair, error) {
	if err := b.checkShape(); err != nil {
		return nil, err
	}
	x, y, _, err := b.RealLabelled()
	if err != nil {
		return nil, err
	}
	p := &pair{x: x, y: y, c: b.AskedClass()}
	return b.newPair(p, []*nn.Node{p.c}, generator), nil
}

func (b *Builder) newPair(p *pair, beside []*nn.Node, generator func(s *nn.Scope, in int) nn.Layer) *pair {
	p.b, p.gs, p.ds, p.in = b, b.Scope("g"), b.Scope("d"), b.Latent()
	for _, n := range beside {
		p.in = nn.Concat(1, p.in, n)
	}
	p.net = generator(p.gs, p.in.Shape()[1])
	p.fake = p.generate(nn.Train)
	return p
}

func (p *pair) generate(m nn.Mode) *nn.Node { return p.b.squash(p.net.Forward(p.in, m)) }

// critic is the usual opponent: one number a sample, normalised as the setting d_norm says.
func (p *pair) critic() critic {
	return p.b.critic(p.ds, p.b.channelsIn(), 1, p.b.Settings.Word("d_norm"))
}

// judge gives the opponent's answers on the data and on the generator's batch, each normalised as a batch of its own.
func (p *pair) judge(d nn.Layer) (onReal, onFake *nn.Node) {
	return d.Forward(p.x, nn.Train), d.Forward(p.fake, nn.Train)
}

// play adds the two turns and the sample program.
func (p *pair) play(u duel) error {
	u.d, u.g = p.ds, p.gs
	if err := p.b.duel(u); err != nil {
		return err
	}
	p.b.Samples(p.generate(nn.Eval), append(p.gs.Params(), p.gs.States()...)) // averaged weights want the statistics that went with them
	return nil
}

// probabilities is what models with a logistic loss watch.
func probabilities(onReal, onFake *nn.Node) map[string]*nn.Node {
	return map[string]*nn.Node{"D(real)": meanSigmoid(onReal), "D(fake)": meanSigmoid(onFake)}
}

// rivals are the losses of discriminator and generator for answers on data and samples.
//
//	log          D: -E log s(D(x)) - E log(1 - s(D(G)))       G: -E log s(D(G))      [goodfellow2014]
//	hinge        D: E max(0, 1 - D(x)) + E max(0, 1 + D(G))   G: -E D(G)             [lim2017]
//	least-squares D: 1/2 E (D(x) - 1)^2 + 1/2 E D(G)^2        G: 1/2 E (D(G) - 1)^2  [mao2017]
//	wasserstein  D: E D(G) - E D(x)                           G: -E D(G)             [arjovsky2017]
func rivals(loss string, onReal, onFake *nn.Node) (d, g *nn.Node) {
	switch loss {
	case "log":
		return nn.Add(nn.BCELogits(onReal, 1), nn.BCELogits(onFake, 0)), nn.BCELogits(onFake, 1)
	case "hinge":
		return nn.Add(nn.Hinge(onReal, 1), nn.Hinge(onFake, -1)), nn.Neg(nn.Mean(onFake))
	case "least-squares":
		return nn.Scale(nn.Add(nn.SquaredTo(onReal, 1), nn.SquaredTo(onFake, 0)), 0.5), nn.Scale(nn.SquaredTo(onFake, 1), 0.5)
	case "wasserstein":
		return nn.Sub(nn.Mean(onFake), nn.Mean(onReal)), nn.Neg(nn.Mean(onFake))
	}
	panic(fmt.Errorf("zoo: no loss of rivals is called %q", loss)) // a name in the code of a model: settings are checked before
}

func lossChoice(def string) Setting {
	return word("loss", def, "losses of the two sides", "hinge", "log", "least-squares", "wasserstein")
}

// answers is what models without probabilities watch.
func answers(onReal, onFake *nn.Node) map[string]*nn.Node {
	return map[string]*nn.Node{"D(real)": nn.Mean(onReal), "D(fake)": nn.Mean(onFake)}
}
