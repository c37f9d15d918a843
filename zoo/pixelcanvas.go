package zoo

import (
	"context"
	"fmt"
	"slices"

	"github.com/assay-gan/assay/nn"
)

// canvas is the network of a PixelCNN: two stacks of masked convolutions.
type canvas struct {
	*pixels
	embed nn.Layer // of places in the palette; nil with output = rgb
	place *nn.Node // what position adds to the first layer
	down  []masked // the stack over rows above
	along []masked // the stack along a row
	link  []nn.Layer
	mix   []nn.Layer
	gate  nn.Func
	out   nn.Layer

	image             *nn.Node // sites of the batch, [N*pixels*sites]
	whole, above, row plan
}

// plan is a program over the network: on whole images for likelihoods (whole) and for the stack over the rows above (above), on one row for drawing.
type plan struct {
	sites  *nn.Node   // read
	v      []*nn.Node // the stack over the rows above: read by row, given by above
	answer *nn.Node
	prog   *nn.Program
}

// masked is a convolution whose kernel is multiplied by a constant mask: zero where a pixel that comes later would be seen. The product is part of the graph, so that
// derivatives of any order respect the mask.
type masked struct {
	w, mask, bias *nn.Node
	k             nn.Window
}

// masked makes a convolution of kh x kw, both odd, that sees the pixels for which sees(rows below, columns to the right) of its centre is true.
func (b *Builder) masked(s *nn.Scope, kh, kw, in, out int, sees func(dy, dx int) bool) masked {
	m := masked{w: s.Param("w", nn.GlorotUniform(), kh, kw, in, out), bias: s.Param("b", nn.Zeros(), out),
		mask: b.graph.Input(s.Path()+".mask", kh, kw, in, out), k: nn.Window{KH: kh, KW: kw, SH: 1, SW: 1, PH: kh / 2, PW: kw / 2}}
	for y := range kh {
		for x := range kw {
			if sees(y-kh/2, x-kw/2) && !b.Measuring() {
				tap := nn.Data(m.mask)[(y*kw+x)*in*out : (y*kw+x+1)*in*out]
				for i := range tap {
					tap[i] = 1
				}
			}
		}
	}
	return m
}

func (m masked) forward(x *nn.Node) *nn.Node {
	return nn.Conv2D(x, nn.Mul(m.w, m.mask), m.bias, m.k)
}

// What a kernel may see: type A, for the first layer, leaves out the row or pixel itself; type B, on features that do not know it yet, takes it in [oord2016].
func rowsAbove(dy, _ int) bool  { return dy < 0 }
func rowsToHere(dy, _ int) bool { return dy <= 0 }
func leftOf(_, dx int) bool     { return dx < 0 }
func toHere(_, dx int) bool     { return dx <= 0 }

func newCanvas(p *pixels) *canvas {
	b := p.b
	s, width, in := b.Scope("net"), b.Settings.Int("width"), p.channels
	c := &canvas{pixels: p, gate: gatedHalves, image: b.graph.Input("image", b.Batch*p.h*p.w*p.sites())}
	if p.palette != nil {
		in = b.Settings.Int("embed")
		c.embed = nn.Embedding(s.Sub("embed"), len(p.palette.colours), in)
	}
	before := 2 * width // a gate halves the channels
	if b.Settings.Word("gate") == "relu" {
		before, c.gate = width, nn.ReLU
	}
	k := 2*b.Settings.Int("reach") + 1
	c.down = append(c.down, b.masked(s.Sub("v0"), k, k, in, width, rowsAbove))
	c.along = append(c.along, b.masked(s.Sub("h0"), 1, k, in, width, leftOf))
	c.link = append(c.link, nn.Conv(s.Sub("link0"), width, width, nn.K(1, 1, 0)))
	c.place = s.Param("place", nn.Zeros(), p.h*p.w*width)
	for i := range b.Settings.Int("depth") {
		at := func(name string) *nn.Scope { return s.Sub(fmt.Sprintf("%s%d", name, i+1)) }
		c.down = append(c.down, b.masked(at("v"), 3, 3, width, before, rowsToHere))
		c.along = append(c.along, b.masked(at("h"), 1, 3, width, before, toHere))
		c.link = append(c.link, nn.Conv(at("link"), width, before, nn.K(1, 1, 0)))
		c.mix = append(c.mix, nn.Conv(at("mix"), width, width, nn.K(1, 1, 0)))
	}
	c.out = nn.Seq(nn.ReLU, nn.Dense(s.Sub("fc"), width, width), nn.ReLU, nn.Dense(s.Sub("out"), width, p.outputs()))
	return c
}

// gatedHalves is tanh of the first half of the channels times the logistic function of the second [oord2016b].
func gatedHalves(x *nn.Node) *nn.Node {
	n := x.Shape()[3]
	return nn.Mul(nn.Tanh(nn.Slice(x, 3, 0, n/2)), nn.Sigmoid(nn.Slice(x, 3, n/2, n)))
}

// picture is the sites of some rows as an image the convolutions read.
func (c *canvas) picture(sites *nn.Node, rows int) *nn.Node {
	if c.embed == nil {
		return nn.Reshape(sites, c.b.Batch, rows, c.w, c.channels)
	}
	return nn.Reshape(c.embed.Forward(sites, nn.Train), c.b.Batch, rows, c.w, c.b.Settings.Int("embed"))
}

// rowsStack is v on whole images, a node for each layer: at row y it knows the rows above y.
func (c *canvas) rowsStack() []*nn.Node {
	v := c.down[0].forward(c.picture(c.image, c.h))
	shape := v.Shape()
	flat := nn.BroadcastRows(c.place, c.b.Batch, nn.Count([]*nn.Node{c.place}))
	v = nn.Add(v, nn.Reshape(flat, shape...))
	all := []*nn.Node{v}
	for _, m := range c.down[1:] {
		v = nn.Add(v, c.gate(m.forward(v)))
		all = append(all, v)
	}
	return all
}

// across is h on some rows, given v there: features of every pixel, [N*rows*W, width].
func (c *canvas) across(sites *nn.Node, rows int, v []*nn.Node) *nn.Node {
	h := nn.Add(c.along[0].forward(c.picture(sites, rows)), c.link[0].Forward(v[0], nn.Train))
	for i, mix := range c.mix {
		seen := nn.Add(c.along[i+1].forward(h), c.link[i+1].Forward(v[i+1], nn.Train))
		h = nn.Add(h, mix.Forward(c.gate(seen), nn.Train))
	}
	return nn.Reshape(h, c.b.Batch*rows*c.w, c.b.Settings.Int("width"))
}

// compile makes the programs, given the nodes of training.
func (c *canvas) compile(features *nn.Node, v []*nn.Node) (err error) {
	c.whole = plan{sites: c.image, answer: c.answer(c.out.Forward(features, nn.Train))}
	if c.whole.prog, err = nn.Compile(c.whole.answer); err != nil {
		return err
	}
	c.above = plan{sites: c.image, v: v}
	if c.above.prog, err = nn.Compile(v...); err != nil {
		return err
	}
	n := c.b.Batch
	c.row.sites = c.b.graph.Input("row", n*c.w*c.sites())
	for i, a := range v {
		c.row.v = append(c.row.v, c.b.graph.Input(fmt.Sprintf("row-v%d", i), n, 1, c.w, a.Shape()[3]))
	}
	c.row.answer = c.answer(c.out.Forward(c.across(c.row.sites, 1, c.row.v), nn.Train))
	c.row.prog, err = nn.Compile(c.row.answer)
	return err
}

// show fills the input of whole images.
func (c *canvas) show(images [][]float32) {
	for i, sites := range images {
		copy(rowOfBatch(c.image, i, c.b.Batch), sites)
	}
}

// logP is one pass for all pixels.
func (c *canvas) logP(_ context.Context, e Evidence) error {
	count := c.hidden(e.Known)
	images := c.blankImages(len(e.Rows))
	for i, row := range e.Rows {
		c.read(images[i], row)
	}
	c.show(images)
	if err := c.whole.prog.Run(); err != nil {
		return err
	}
	n, k := c.sites(), c.outputs()
	answers := c.whole.prog.Get(c.whole.answer)
	for i, sites := range images {
		e.Nats[i] = 0
		for at := range c.h * c.w {
			if !count[at] {
				continue
			}
			e.Nats[i] += c.logp(answers[(i*c.h*c.w+at)*k:][:k], sites[at*n:(at+1)*n])
		}
	}
	return nil
}

var _ Completer = (*canvas)(nil)

// Draw implements Drawer.
func (c *canvas) Draw(ctx context.Context, d Draft) error {
	return c.Complete(ctx, d, make([]bool, c.h*c.w*c.channels))
}

// Complete implements Completer: rows from above, in each row the hidden pixels from the left.
func (c *canvas) Complete(ctx context.Context, d Draft, known []bool) error {
	images := c.blankImages(len(d.Rows))
	for i, row := range d.Rows {
		c.read(images[i], row)
	}
	hidden := c.hidden(known)
	for y := range c.h {
		if !slices.Contains(hidden[y*c.w:(y+1)*c.w], true) {
			continue
		}
		if err := c.enter(images, y); err != nil {
			return err
		}
		for x := range c.w {
			if err := ctx.Err(); err != nil {
				return err
			}
			if hidden[y*c.w+x] {
				if err := c.dot(images, y, x, d); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// enter computes the stack over the rows above row y.
func (c *canvas) enter(images [][]float32, y int) error {
	c.show(images)
	if err := c.above.prog.Run(); err != nil {
		return err
	}
	for l, v := range c.above.v {
		from, to := c.above.prog.Get(v), nn.Data(c.row.v[l])
		line := len(to) / c.b.Batch
		for i := range images {
			copy(to[i*line:(i+1)*line], from[(i*c.h+y)*line:])
		}
	}
	return nil
}

// dot draws pixel (y, x) of every image.
func (c *canvas) dot(images [][]float32, y, x int, d Draft) error {
	n, k := c.sites(), c.outputs()
	for i, sites := range images {
		copy(rowOfBatch(c.row.sites, i, c.b.Batch), sites[y*c.w*n:(y+1)*c.w*n])
	}
	if err := c.row.prog.Run(); err != nil {
		return err
	}
	answers := c.row.prog.Get(c.row.answer)
	for i, sites := range images {
		at := y*c.w + x
		site := sites[at*n : (at+1)*n]
		c.choose(site, answers[(i*c.w+x)*k:][:k], d.Random[i])
		c.paint(d.Rows[i][at*c.channels:(at+1)*c.channels], site)
	}
	return nil
}

// wholes is the feed of training: batches of whole images as sites.
type wholes struct {
	batches
	data *reading
	into []float32
}

var _ counted = (*wholes)(nil)

func (f *wholes) samplesRead() int { return len(f.labels) }

func (f *wholes) fill() {
	for i := range f.labels {
		copy(f.into[i*f.data.width:], f.data.image(f.next()))
	}
}
