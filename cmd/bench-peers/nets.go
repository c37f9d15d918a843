package main

import (
	"fmt"
	"math"

	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// turn is one optimiser's share of a training step: its loss, what it trains, and the inputs it wants fresh.
type turn struct {
	name   string
	loss   *nn.Node
	params []*nn.Node
	draw   func()
	step   *nn.Step
}

// net is a model under test, ready to train. Its turns run in order in every step.
type net struct {
	graph  *nn.Graph
	inputs []*nn.Node // in the order of their creation; image inputs are N x H x W x C
	pools  map[string][]float32
	turns  []*turn
	noise  *rng.Source
	pick   *rng.Source
}

// The batch sizes and widths of every net are fixed: they are part of the comparison's definition. Peers have the same in python/nets.py.
const (
	mlpBatch, mlpWidth     = 512, 128
	convBatch, convWidth   = 64, 64
	vaeBatch, vaeWidth     = 128, 400
	vaeLatent              = 20
	cycleBatch, cycleWidth = 32, 32
	latent                 = 100
	infoLatent             = 64
	poolRows               = 256
)

var builders = map[string]func(*net) error{
	"mlp": (*net).mlp, "dcgan": (*net).dcgan, "wgangp": (*net).wgangp, "vae": (*net).vae, "cyclegan": (*net).cyclegan, "infogan": (*net).infogan,
	"small-64": func(n *net) error { return n.small(64) }, "small-128": func(n *net) error { return n.small(128) }, "unet": (*net).unet,
	"lstm-words":  func(n *net) error { return n.lstm(wordPlaces, wordBatch, wordUnits) },
	"lstm-pixels": func(n *net) error { return n.lstm(pixelPlaces, pixelBatch, pixelUnits) },
}

// build returns a net of the given name. Nets of equal seed have equal weights and draw equal data.
func build(name string, seed uint64) (*net, error) {
	f, ok := builders[name]
	if !ok {
		return nil, fmt.Errorf("no net %q", name)
	}
	n := &net{graph: nn.NewGraph(seed), pools: map[string][]float32{}, noise: rng.Stream(seed, "noise"), pick: rng.Stream(seed, "pick")}
	err := nn.Try(func() error { return f(n) })
	for _, t := range n.turns {
		t.draw()
	}
	return n, err
}

func (n *net) input(name string, dims ...int) *nn.Node {
	x := n.graph.Input(name, dims...)
	n.inputs = append(n.inputs, x)
	return x
}

// data adds an input that is filled with rows of a fixed set, chosen at random: what a trainer does with a loaded dataset.
func (n *net) data(name string, pool []float32, dims ...int) (*nn.Node, func()) {
	x := n.input(name, dims...)
	dst := nn.Data(x)
	width := len(dst) / dims[0]
	rows := len(pool) / width
	n.pools[name] = pool
	return x, func() {
		for i := range dims[0] {
			copy(dst[i*width:(i+1)*width], pool[n.pick.IntN(rows)*width:])
		}
	}
}

func (n *net) normal(name string, dims ...int) (*nn.Node, func()) {
	z := n.input(name, dims...)
	return z, func() { n.noise.FillNormal(nn.Data(z)) }
}

// images are uniform noise: the arithmetic does not care.
func images(name string, lo, hi float32, values int) []float32 {
	x := make([]float32, poolRows*values)
	rng.Stream(1, "pool", name).FillUniform(x, lo, hi)
	return x
}

// ring are points on eight Gaussians.
func ring() []float32 {
	r := rng.Stream(1, "pool", "ring")
	x := make([]float32, 2*4096)
	for i := 0; i < len(x); i += 2 {
		a := float64(r.IntN(8)) * math.Pi / 4
		x[i], x[i+1] = float32(2*math.Cos(a)+.02*r.Normal()), float32(2*math.Sin(a)+.02*r.Normal())
	}
	return x
}

// train adds a turn.
func (n *net) train(name string, loss *nn.Node, params []*nn.Node, draw func(), opt nn.Optimizer) error {
	s, err := nn.NewStep(loss, params, opt)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	n.turns = append(n.turns, &turn{name: name, loss: loss, params: params, draw: draw, step: s})
	return nil
}

// ganAdam is the setting of [radford2016], for every adversarial net.
var ganAdam = nn.Adam{LR: 2e-4, B1: .5, B2: .999, Eps: 1e-8}

// adversarial adds the non-saturating pair of turns [goodfellow2014].
func (n *net) adversarial(gen, dis nn.Layer, x, z *nn.Node, drawX, drawZ func()) error {
	onFake := dis.Forward(gen.Forward(z, nn.Train), nn.Train)
	dLoss := nn.Add(nn.BCELogits(dis.Forward(x, nn.Train), 1), nn.BCELogits(onFake, 0))
	err := n.train("d", dLoss, n.graph.Scope("d").Params(), func() { drawX(); drawZ() }, ganAdam)
	if err != nil {
		return err
	}
	return n.train("g", nn.BCELogits(onFake, 1), n.graph.Scope("g").Params(), drawZ, ganAdam)
}

func perceptron(s *nn.Scope, in, width, out int, act nn.Layer) nn.Layer {
	return nn.Seq(nn.Dense(s.Sub("l1"), in, width), act, nn.Dense(s.Sub("l2"), width, width), act, nn.Dense(s.Sub("l3"), width, out))
}

func (n *net) mlp() error {
	x, drawX := n.data("x", ring(), mlpBatch, 2)
	z, drawZ := n.normal("z", mlpBatch, 2)
	gen := perceptron(n.graph.Scope("g"), 2, mlpWidth, 2, nn.ReLU)
	dis := perceptron(n.graph.Scope("d"), 2, mlpWidth, 1, nn.LeakyReLU(.2))
	return n.adversarial(gen, dis, x, z, drawX, drawZ)
}

func dcganG(s *nn.Scope) nn.Layer {
	w := convWidth
	return nn.Seq(
		nn.Dense(s.Sub("fc"), latent, 7*7*2*w), nn.To(7, 7, 2*w), nn.BatchNorm(s.Sub("bn1"), 2*w), nn.ReLU,
		nn.ConvTranspose(s.Sub("t1"), 2*w, w, nn.K(4, 2, 1), nn.NoBias), nn.BatchNorm(s.Sub("bn2"), w), nn.ReLU,
		nn.ConvTranspose(s.Sub("t2"), w, 1, nn.K(4, 2, 1)), nn.Tanh)
}

func dcganD(s *nn.Scope, w int, norm bool) nn.Layer {
	l := []nn.Layer{nn.Conv(s.Sub("c1"), 1, w, nn.K(4, 2, 1)), nn.LeakyReLU(.2)}
	if norm {
		l = append(l, nn.Conv(s.Sub("c2"), w, 2*w, nn.K(4, 2, 1), nn.NoBias), nn.BatchNorm(s.Sub("bn"), 2*w))
	} else {
		l = append(l, nn.Conv(s.Sub("c2"), w, 2*w, nn.K(4, 2, 1)))
	}
	return nn.Seq(append(l, nn.LeakyReLU(.2), nn.Flatten, nn.Dense(s.Sub("fc"), 7*7*2*w, 1))...)
}

func (n *net) dcgan() error {
	x, drawX := n.data("x", images("x", -1, 1, 784), convBatch, 28, 28, 1)
	z, drawZ := n.normal("z", convBatch, latent)
	return n.adversarial(dcganG(n.graph.Scope("g")), dcganD(n.graph.Scope("d"), convWidth, true), x, z, drawX, drawZ)
}

// wgangp has one critic step to one generator step: the ratio of times does not hang on the number of critic steps much.
func (n *net) wgangp() error {
	x, drawX := n.data("x", images("x", -1, 1, 784), convBatch, 28, 28, 1)
	z, drawZ := n.normal("z", convBatch, latent)
	eps := n.input("eps", convBatch)
	gen, dis := dcganG(n.graph.Scope("g")), dcganD(n.graph.Scope("d"), convWidth, false)
	fake := gen.Forward(z, nn.Train)
	onFake := dis.Forward(fake, nn.Train)
	between := nn.Add(fake, nn.MulRows(nn.Sub(x, fake), eps))
	slope, err := nn.Grad(nn.Sum(dis.Forward(between, nn.Train)), between)
	if err != nil {
		return err
	}
	norm := nn.Sqrt(nn.AddConst(nn.RowDot(slope[0], slope[0]), 1e-12))
	penalty := nn.Mean(nn.Square(nn.AddConst(norm, -1)))
	loss := nn.Add(nn.Sub(nn.Mean(onFake), nn.Mean(dis.Forward(x, nn.Train))), nn.Scale(penalty, 10))
	draw := func() { drawX(); drawZ(); n.noise.FillUniform(nn.Data(eps), 0, 1) }
	if err := n.train("d", loss, n.graph.Scope("d").Params(), draw, ganAdam); err != nil {
		return err
	}
	return n.train("g", nn.Neg(nn.Mean(onFake)), n.graph.Scope("g").Params(), drawZ, ganAdam)
}
