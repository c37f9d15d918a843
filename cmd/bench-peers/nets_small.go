package main

import "github.com/assay-gan/assay/nn"

// The sizes at which studies live: a perceptron pair of two hidden layers, the U-Net of a diffusion model on small images, and recurrent networks as long as a sentence or a
// row of pixels.
const (
	smallWidth              = 64
	unetBatch, unetWidth    = 32, 16
	seqIn                   = 32
	wordPlaces, wordBatch   = 20, 64
	wordUnits               = 32
	pixelPlaces, pixelBatch = 28, 16
	pixelUnits              = 64
)

// small is the MLP pair at another size.
func (n *net) small(batch int) error {
	x, drawX := n.data("x", ring(), batch, 2)
	z, drawZ := n.normal("z", batch, 2)
	gen := perceptron(n.graph.Scope("g"), 2, smallWidth, 2, nn.ReLU)
	dis := perceptron(n.graph.Scope("d"), 2, smallWidth, 1, nn.LeakyReLU(.2))
	return n.adversarial(gen, dis, x, z, drawX, drawZ)
}

// unet learns the noise in images as [ho2020] does, with the share of noise as the time.
func (n *net) unet() error {
	x, drawX := n.data("x", images("x", -1, 1, 784), unetBatch, 28, 28, 1)
	e, drawE := n.normal("e", unetBatch, 28, 28, 1)
	t := n.input("t", unetBatch)
	s := n.graph.Scope("u")
	net := nn.NewUNet(s, nn.UNetConfig{In: 1, Out: 1, Width: unetWidth, Halvings: 2, Blocks: 1, Time: 4 * unetWidth})
	noised := nn.Add(nn.MulRows(x, nn.Sqrt(nn.Affine(t, -1, 1))), nn.MulRows(e, nn.Sqrt(t)))
	draw := func() { drawX(); drawE(); n.noise.FillUniform(nn.Data(t), 0, 1) }
	return n.train("u", nn.MSE(net.Forward(noised, t, nn.Train), e), s.Params(), draw, nn.Adam{LR: 1e-3, B1: .9, B2: .999, Eps: 1e-8})
}

// lstm learns rows from the rows before them: one recurrent layer and a linear one. Inputs are place after place.
func (n *net) lstm(places, batch, units int) error {
	x, drawX := n.data("x", images("x", -1, 1, seqIn), places*batch, seqIn)
	y, drawY := n.data("y", images("y", -1, 1, seqIn), places*batch, seqIn)
	s := n.graph.Scope("l")
	cell, out := nn.NewLSTM(s.Sub("cell"), seqIn, units), nn.Dense(s.Sub("out"), units, seqIn)
	h, c := n.graph.Input("h", batch, units), n.graph.Input("c", batch, units) // zero
	gates := cell.Gates(x)
	states := make([]*nn.Node, places)
	for t := range states {
		h, c = cell.Step(nn.Slice(gates, 0, t*batch, (t+1)*batch), h, c)
		states[t] = h
	}
	loss := nn.MSE(out.Forward(nn.Concat(0, states...), nn.Train), y)
	return n.train("l", loss, s.Params(), func() { drawX(); drawY() }, nn.Adam{LR: 2e-3, B1: .9, B2: .999, Eps: 1e-8})
}
