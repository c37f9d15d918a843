package zoo

import (
	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// PixelCNN says every pixel of an image at once, each from those before it alone, by convolutions whose kernels are masked [oord2016]; in two stacks, so that nothing
// before a pixel is out of sight [oord2016b]:
//
//	v_0 = rows above * x,      v_l = v_{l-1} + gate(rows up to this one * v_{l-1})
//	h_0 = pixels to the left * x + 1x1 v_0,   h_l = h_{l-1} + 1x1 gate(pixels up to this one * h_{l-1} + 1x1 v_l)
//	min -E 1/pixels sum_i log p(x_i | h_i),   gate(a, b) = tanh(a) s(b)
//
// Training is one pass for all pixels. Drawing is one pass of v for each row and one of h, over a single row, for each pixel.
type PixelCNN struct{}

var _ Model = PixelCNN{}

// Info gives a small network for small images.
func (PixelCNN) Info() Info {
	return searched(Info{ID: "pixelcnn", Title: "Masked convolutions over pixels", Paper: "oord2016b", Family: Likelihood, Kinds: []datasets.Kind{datasets.Images},
		Objective: "-E 1/pixels sum_i log p(x_i | x_<i)",
		Settings: join([]Setting{
			{Name: "steps", Default: "3000", Lo: 1, Hi: 1e9, Integer: true, Doc: "training length, in batches of whole images"},
			{Name: "batch", Default: "16", Lo: 2, Hi: 65536, Integer: true, Doc: "samples per update"},
			{Name: "width", Default: "32", Lo: 1, Hi: 8192, Integer: true, Doc: "channels of a convolution"},
			{Name: "depth", Default: "4", Lo: 1, Hi: 16, Integer: true, Doc: "layers after the first"},
			{Name: "reach", Default: "3", Lo: 1, Hi: 16, Integer: true, Doc: "rows above and columns on each side that the first layer sees; every further layer adds one"},
			{Name: "embed", Default: "16", Lo: 1, Hi: 1024, Integer: true, Doc: "numbers that a colour is read as"},
			word("gate", "gated", "what follows a convolution: tanh times a logistic gate, or a rectifier", "gated", "relu"),
			number("dropout", "0.1", 0, 0.95, "share of the last layer's features hidden in training"),
			number("ema", "0", 0, 0.99999, "decay of the average of the weights that samples are drawn with; 0 draws with the weights themselves"),
		}, adamAt("2e-3"), pixelSettings())})
}

// Build puts the network on whole images, and the stack of single rows on one row, for drawing.
func (PixelCNN) Build(b *Builder) error {
	p, err := b.pixels(b.Scope("net"))
	if err != nil {
		return err
	}
	c := newCanvas(p)
	feed := &wholes{batches: batches{id: "images", from: b.set.Train, labels: make([]int, b.Batch), seed: b.seed}, data: p.readAll(), into: nn.Data(c.image)}
	b.feeds = append(b.feeds, input{feed: feed, nodes: []*nn.Node{c.image}})
	v := c.rowsStack()
	features := c.across(c.image, p.h, v)
	kept := features
	if share := b.Settings.Float("dropout"); share > 0 {
		kept = nn.Mul(features, nn.Reshape(b.noise("dropout", survivors(share), b.Settings.Int("width")*p.h*p.w), features.Shape()...))
	}
	if err := b.Turn(Turn{Name: "nll", Role: Generator, Loss: p.loss(c.out.Forward(kept, nn.Train), c.image), Train: b.Scope("net").Params(), With: b.Adam("lr")}); err != nil {
		return err
	}
	if err := c.compile(features, v); err != nil {
		return err
	}
	b.Likelihood(p.density(c.logP))
	b.Drawn(c, b.Scope("net").Params())
	return nil
}
