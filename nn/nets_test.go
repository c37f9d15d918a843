package nn

import (
	"math"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// gan is one of the three nets that issue 3 measures: mlp (batch 512, 2-128-128), dcgan and wgangp (28x28, batch 64).
type gan struct {
	x, z, eps, fake, dLoss, gLoss *Node
	dp, gp                        []*Node
	d, g                          *Step
	data, noise                   *rng.Source
	images                        []float32
	points                        bool
}

func mlpNet(s *Scope, in, hidden, out int, act Layer) Layer {
	return Seq(Dense(s.Sub("l1"), in, hidden), act, Dense(s.Sub("l2"), hidden, hidden), act, Dense(s.Sub("l3"), hidden, out))
}

func dcganG(s *Scope, z, width int) Layer {
	return Seq(
		Dense(s.Sub("fc"), z, 7*7*2*width), To(7, 7, 2*width), BatchNorm(s.Sub("bn1"), 2*width), ReLU,
		ConvTranspose(s.Sub("t1"), 2*width, width, K(4, 2, 1), NoBias), BatchNorm(s.Sub("bn2"), width), ReLU,
		ConvTranspose(s.Sub("t2"), width, 1, K(4, 2, 1)), Tanh)
}

func dcganD(s *Scope, width int, norm bool) Layer {
	l := []Layer{Conv(s.Sub("c1"), 1, width, K(4, 2, 1)), LeakyReLU(.2)}
	if norm {
		l = append(l, Conv(s.Sub("c2"), width, 2*width, K(4, 2, 1), NoBias), BatchNorm(s.Sub("bn"), 2*width))
	} else {
		l = append(l, Conv(s.Sub("c2"), width, 2*width, K(4, 2, 1)))
	}
	return Seq(append(l, LeakyReLU(.2), Flatten, Dense(s.Sub("fc"), 7*7*2*width, 1))...)
}

// penalty is E[(|grad_x D(x)| - 1)^2] on straight lines between real and fake [gulrajani2017].
func penalty(d Layer, real, fake, eps *Node) *Node {
	xh := Add(fake, MulRows(Sub(real, fake), eps))
	gx := MustGrad(Sum(d.Forward(xh, Train)), xh)[0]
	norm := Sqrt(AddConst(RowDot(gx, gx), 1e-12))
	return Mean(Square(AddConst(norm, -1)))
}

func buildGAN(t testing.TB, net string, batch, width int, seed uint64) *gan {
	t.Helper()
	m, _ := buildGANScope(t, net, batch, width, seed)
	return m
}

func buildGANScope(t testing.TB, net string, batch, width int, seed uint64) (m *gan, root *Scope) {
	t.Helper()
	m = &gan{data: rng.Stream(seed, "data"), noise: rng.Stream(seed, "noise")}
	err := Try(func() (err error) {
		g := NewGraph(seed)
		root = g.Scope("")
		gs, ds := g.Scope("g"), g.Scope("d")
		var gen, dis Layer
		if net == "mlp" {
			m.points = true
			m.x, m.z = g.Input("x", batch, 2), g.Input("z", batch, 2)
			gen, dis = mlpNet(gs, 2, width, 2, ReLU), mlpNet(ds, 2, width, 1, LeakyReLU(.2))
		} else {
			m.x, m.z = g.Input("x", batch, 28, 28, 1), g.Input("z", batch, 100)
			gen, dis = dcganG(gs, 100, width), dcganD(ds, width, net == "dcgan")
		}
		m.fake = gen.Forward(m.z, Train)
		df := dis.Forward(m.fake, Train)
		if net == "wgangp" {
			m.eps = g.Input("eps", batch)
			m.dLoss = Sub(Mean(df), Mean(dis.Forward(m.x, Train)))
			m.dLoss = Add(m.dLoss, Scale(penalty(dis, m.x, m.fake, m.eps), 10))
			m.gLoss = Neg(Mean(df))
		} else {
			m.dLoss = Add(BCELogits(dis.Forward(m.x, Train), 1), BCELogits(df, 0))
			m.gLoss = BCELogits(df, 1)
		}
		m.dp, m.gp = ds.Params(), gs.Params()
		adam := Adam{LR: 2e-4, B1: .5, B2: .999}
		if m.d, err = NewStep(m.dLoss, m.dp, adam); err != nil {
			return err
		}
		m.g, err = NewStep(m.gLoss, m.gp, adam)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m, root
}

// feed draws a new batch for a step of s; the generator needs noise only.
func (m *gan) feed(s *Step) {
	m.noise.FillNormal(Data(m.z))
	if s == m.g {
		return
	}
	if m.eps != nil {
		m.noise.FillUniform(Data(m.eps), 0, 1)
	}
	x := Data(m.x)
	if m.points {
		for i := 0; i < len(x); i += 2 {
			a := float64(m.data.IntN(8)) * math.Pi / 4
			x[i], x[i+1] = float32(2*math.Cos(a)+.02*m.data.Normal()), float32(2*math.Sin(a)+.02*m.data.Normal())
		}
	} else {
		if m.images == nil {
			m.images = make([]float32, 256*784)
			rng.Stream(1, "images").FillUniform(m.images, -1, 1)
		}
		for i := 0; i < len(x); i += 784 {
			copy(x[i:i+784], m.images[m.data.IntN(256)*784:])
		}
	}
}

func (m *gan) step(t testing.TB) {
	t.Helper()
	for _, s := range [...]*Step{m.d, m.g} {
		m.feed(s)
		if err := s.Run(); err != nil {
			t.Fatal(err)
		}
	}
}
