package zoo

import (
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/nn"
)

// RealNVP is an invertible map f from data to normal noise, made of affine coupling layers, whose likelihood is therefore exact [dinh2017]. A layer leaves one half a of the
// values as they are and moves the other half b by numbers that it reads from a:
//
//	b <- b exp(s(a)) + t(a),   s = bound tanh(raw / bound),   log |det| = sum s
//	min -E log p(x),   log p(x) = log N(f(x); 0, I) + sum of log |det|
//
// The next layer moves the other half. Images go through it as the paper has it: 8-bit levels are made continuous by uniform noise, (k + u)/256, and brought to the whole
// line by a logit of 0.05 + 0.9 y; each scale folds 2 x 2 pixels into channels, couples its halves as a checkerboard and as stripes, and half of the channels leave before
// the next scale. What is said of an image is a lower bound of the log-probability of its levels, since the noise is averaged over [theis2016].
type RealNVP struct{}

var _ Model = RealNVP{}

// Info gives eight layers, and four at each scale of images, and a shorter memory of squared gradients, since a density of narrow modes now and then has a large one.
func (RealNVP) Info() Info {
	return Info{ID: "realnvp", Title: "Invertible affine coupling layers (Real NVP)", Paper: "dinh2017", Family: Likelihood, Kinds: allKinds,
		Objective: "-E log N(f(x); 0, I) - E log |det df/dx|, f of couplings b <- b exp(s(a)) + t(a)",
		Settings: join(common("10000", "2000"), []Setting{
			integer("layers", "8", "4", 1, 256, "coupling layers (points); those of each scale (images)"),
			number("bound", "2", 1e-3, 20, "bound of a layer's log-scales: it stretches a value by at most e^bound"),
			number("ema", "0", 0, 0.99999, "decay of the average of the weights that samples are drawn with; 0 draws with the weights themselves"),
		}, with(adamAt("1e-3"), map[string]string{"beta2": "0.99"}))}
}

// Build makes the map, and its inverse for drawing.
func (RealNVP) Build(b *Builder) error {
	if err := b.checkShape(); err != nil {
		return err
	}
	f, err := b.flow(b.Scope("flow"))
	if err != nil {
		return err
	}
	x := b.Real()
	h, logDet := x, (*nn.Node)(nil)
	var dither *nn.Node
	if b.Kind == datasets.Images {
		dither = b.perValue(ditherInput, uniform(0, 1))
		h, logDet = dequantise(x, dither)
	}
	z, more := f.forward(h)
	logDet = addTo(logDet, more)
	dim := nn.Count([]*nn.Node{x}) / b.Batch
	logP := nn.Add(nn.Neg(nn.GaussianNLL(z, nn.Scale(z, 0), nn.Scale(z, 0))), logDet)
	loss := nn.Scale(nn.Mean(logP), -1/float32(dim))
	if err := b.Turn(Turn{Name: "nll", Role: Generator, Loss: loss, Train: b.Scope("flow").Params(), With: b.Adam("lr"), Watch: map[string]*nn.Node{"log det": nn.Mean(logDet)}}); err != nil {
		return err
	}
	b.Codes(z)
	if err := b.flowLikelihood(x, dither, logP, dim); err != nil {
		return err
	}
	out := f.inverse(b.Normal(latentInput, dim))
	if b.Kind == datasets.Images {
		out = requantise(out)
	}
	b.Samples(out, b.Scope("flow").Params())
	return nil
}

// flow is a map from a batch of data to rows of normal numbers.
type flow interface {
	forward(x *nn.Node) (z, logDet *nn.Node) // [N, ...] to [N, D] and [N]
	inverse(z *nn.Node) *nn.Node
}

func (b *Builder) flow(s *nn.Scope) (flow, error) {
	if b.Kind == datasets.Images {
		return b.scales(s), nil
	}
	d := b.Shape[0]
	if d < 2 {
		return nil, fault.Of(ErrSetting, "points of one value leave a coupling nothing to read: choose a data set with two or more")
	}
	f := &planeFlow{width: d}
	for i := range b.Settings.Int("layers") {
		first := d / 2
		if i%2 == 1 {
			first = d - d/2
		}
		net := b.couplingOf(b.points(s.Sub(fmt.Sprintf("layer%d", i)), first, 2*(d-first)))
		f.layers = append(f.layers, net)
		f.first = append(f.first, first)
	}
	return f, nil
}

// points is the network of a coupling on points, which begins near the identity.
func (b *Builder) points(s *nn.Scope, in, out int) nn.Layer {
	hidden, width := b.hidden(s, in, nn.ReLU, normNone)
	return nn.Seq(hidden, nn.Dense(s.Sub("out"), width, out, nn.WithInit(nn.Normal(nearIdentity))))
}

// nearIdentity is the spread of a coupling's last weights: small, so that the map begins as nearly nothing, and not 0, so that all weights learn from the first step on.
const nearIdentity = 0.01

// coupling moves values b by what its network reads from values a.
type coupling struct {
	net   nn.Layer
	bound float32
}

func (b *Builder) couplingOf(net nn.Layer) coupling {
	return coupling{net, float32(b.Settings.Float("bound"))}
}

// read gives log-scales and shifts for as many values as the last axis of a network's output is half of.
func (c coupling) read(a *nn.Node) (s, t *nn.Node) {
	out := c.net.Forward(a, nn.Train)
	axis := len(out.Shape()) - 1
	n := out.Shape()[axis] / 2
	return nn.Scale(nn.Tanh(nn.Scale(nn.Slice(out, axis, 0, n), 1/c.bound)), c.bound), nn.Slice(out, axis, n, 2*n)
}

func (c coupling) forward(a, b *nn.Node) (moved, logDet *nn.Node) {
	s, t := c.read(a)
	return nn.Add(nn.Mul(b, nn.Exp(s)), t), nn.RowSum(s)
}

func (c coupling) inverse(a, b *nn.Node) *nn.Node {
	s, t := c.read(a)
	return nn.Mul(nn.Sub(b, t), nn.Exp(nn.Neg(s)))
}

// planeFlow couples rows of values: each layer reads the first of them, moves the rest, and hands on the rest first.
type planeFlow struct {
	width  int
	layers []coupling
	first  []int
}

func (f *planeFlow) forward(x *nn.Node) (z, logDet *nn.Node) {
	for i, c := range f.layers {
		a, rest := nn.Slice(x, 1, 0, f.first[i]), nn.Slice(x, 1, f.first[i], f.width)
		moved, det := c.forward(a, rest)
		x, logDet = nn.Concat(1, moved, a), addTo(logDet, det)
	}
	return x, logDet
}

func (f *planeFlow) inverse(x *nn.Node) *nn.Node {
	for i := len(f.layers) - 1; i >= 0; i-- {
		n := f.width - f.first[i]
		moved, a := nn.Slice(x, 1, 0, n), nn.Slice(x, 1, n, f.width)
		x = nn.Concat(1, a, f.layers[i].inverse(a, moved))
	}
	return x
}

func addTo(sum, x *nn.Node) *nn.Node {
	if sum == nil {
		return x
	}
	return nn.Add(sum, x)
}
