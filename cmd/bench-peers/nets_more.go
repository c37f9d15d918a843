package main

import "github.com/assay-gan/assay/nn"

// vae is the two-layer perceptron pair of [kingma2014] on 784 values: Bernoulli likelihood, mean over the batch.
func (n *net) vae() error {
	x, drawX := n.data("x", images("x01", 0, 1, 784), vaeBatch, 784)
	eps, drawEps := n.normal("z", vaeBatch, vaeLatent)
	s := n.graph.Scope("v")
	encoder := nn.Seq(nn.Dense(s.Sub("e1"), 784, vaeWidth), nn.ReLU, nn.Dense(s.Sub("e2"), vaeWidth, 2*vaeLatent))
	decoder := nn.Seq(nn.Dense(s.Sub("d1"), vaeLatent, vaeWidth), nn.ReLU, nn.Dense(s.Sub("d2"), vaeWidth, 784))
	code := encoder.Forward(x, nn.Train)
	mean, logVar := nn.Slice(code, 1, 0, vaeLatent), nn.Slice(code, 1, vaeLatent, 2*vaeLatent)
	drawn := nn.Add(mean, nn.Mul(nn.Exp(nn.Scale(logVar, .5)), eps))
	loss := nn.Add(nn.Mean(nn.BernoulliNLL(decoder.Forward(drawn, nn.Train), x)), nn.Mean(nn.KLDiagonal(mean, logVar)))
	return n.train("v", loss, s.Params(), func() { drawX(); drawEps() }, nn.Adam{LR: 1e-3, B1: .9, B2: .999, Eps: 1e-8})
}

// translator halves the image twice, passes one residual block and doubles it twice, in the manner of [zhu2017].
func translator(s *nn.Scope) func(*nn.Node) *nn.Node {
	w := cycleWidth
	down := nn.Seq(
		nn.Conv(s.Sub("c1"), 1, w, nn.K(4, 2, 1)), nn.LeakyReLU(.2),
		nn.Conv(s.Sub("c2"), w, 2*w, nn.K(4, 2, 1), nn.NoBias), nn.BatchNorm(s.Sub("bn2"), 2*w), nn.ReLU)
	block := nn.Seq(
		nn.Conv(s.Sub("r1"), 2*w, 2*w, nn.K(3, 1, 1), nn.NoBias), nn.BatchNorm(s.Sub("bn3"), 2*w), nn.ReLU,
		nn.Conv(s.Sub("r2"), 2*w, 2*w, nn.K(3, 1, 1), nn.NoBias), nn.BatchNorm(s.Sub("bn4"), 2*w))
	up := nn.Seq(
		nn.ConvTranspose(s.Sub("t1"), 2*w, w, nn.K(4, 2, 1), nn.NoBias), nn.BatchNorm(s.Sub("bn5"), w), nn.ReLU,
		nn.ConvTranspose(s.Sub("t2"), w, 1, nn.K(4, 2, 1)), nn.Tanh)
	return func(x *nn.Node) *nn.Node {
		h := down.Forward(x, nn.Train)
		return up.Forward(nn.Add(h, block.Forward(h, nn.Train)), nn.Train)
	}
}

// cyclegan is two translators and two critics with least-squares losses and an L1 cycle of weight 10 [zhu2017].
func (n *net) cyclegan() error {
	x, drawX := n.data("x", images("x", -1, 1, 784), cycleBatch, 28, 28, 1)
	y, drawY := n.data("y", images("y", -1, 1, 784), cycleBatch, 28, 28, 1)
	gs, fs, dxs, dys := n.graph.Scope("g"), n.graph.Scope("f"), n.graph.Scope("dx"), n.graph.Scope("dy")
	g, f := translator(gs), translator(fs)
	dx, dy := dcganD(dxs, cycleWidth, true), dcganD(dys, cycleWidth, true)
	fakeY, fakeX := g(x), f(y)
	onX, onY := dx.Forward(x, nn.Train), dy.Forward(y, nn.Train)
	onFakeX, onFakeY := dx.Forward(fakeX, nn.Train), dy.Forward(fakeY, nn.Train)
	real := nn.Add(nn.SquaredTo(onX, 1), nn.SquaredTo(onY, 1))
	fake := nn.Add(nn.SquaredTo(onFakeX, 0), nn.SquaredTo(onFakeY, 0))
	draw := func() { drawX(); drawY() }
	if err := n.train("d", nn.Scale(nn.Add(real, fake), .5), append(dxs.Params(), dys.Params()...), draw, ganAdam); err != nil {
		return err
	}
	cycle := nn.Add(nn.L1(f(fakeY), x), nn.L1(g(fakeX), y))
	gLoss := nn.Add(nn.Add(nn.SquaredTo(onFakeX, 1), nn.SquaredTo(onFakeY, 1)), nn.Scale(cycle, 10))
	return n.train("g", gLoss, append(gs.Params(), fs.Params()...), draw, ganAdam)
}

// infogan has the nets of [chen2016] at 32 x 32 x 3, with which [lucic2018] compared every GAN; the critic has 8.5 million parameters.
func (n *net) infogan() error {
	x, drawX := n.data("x", images("x", -1, 1, 3072), convBatch, 32, 32, 3)
	z, drawZ := n.normal("z", convBatch, infoLatent)
	g, d := n.graph.Scope("g"), n.graph.Scope("d")
	gen := nn.Seq(
		nn.Dense(g.Sub("fc1"), infoLatent, 1024, nn.NoBias), nn.BatchNorm(g.Sub("bn1"), 1024), nn.ReLU,
		nn.Dense(g.Sub("fc2"), 1024, 8*8*128, nn.NoBias), nn.To(8, 8, 128), nn.BatchNorm(g.Sub("bn2"), 128), nn.ReLU,
		nn.ConvTranspose(g.Sub("t1"), 128, 64, nn.K(4, 2, 1), nn.NoBias), nn.BatchNorm(g.Sub("bn3"), 64), nn.ReLU,
		nn.ConvTranspose(g.Sub("t2"), 64, 3, nn.K(4, 2, 1)), nn.Tanh)
	dis := nn.Seq(
		nn.Conv(d.Sub("c1"), 3, 64, nn.K(4, 2, 1)), nn.LeakyReLU(.2),
		nn.Conv(d.Sub("c2"), 64, 128, nn.K(4, 2, 1), nn.NoBias), nn.BatchNorm(d.Sub("bn1"), 128), nn.LeakyReLU(.2), nn.Flatten,
		nn.Dense(d.Sub("fc1"), 8*8*128, 1024, nn.NoBias), nn.BatchNorm(d.Sub("bn2"), 1024), nn.LeakyReLU(.2),
		nn.Dense(d.Sub("fc2"), 1024, 1))
	return n.adversarial(gen, dis, x, z, drawX, drawZ)
}
