package zoo

import (
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// PixelRNN draws an image one pixel after the other with a recurrent network that has read the pixels before [oord2016], here an LSTM in raster order [hochreiter1997] that
// sees, beside its own memory, a neighbourhood of the pixel to be drawn and where it is:
//
//	min -E 1/pixels sum_i log p(x_i | x_1 .. x_{i-1})
//
// With reach = 0 the neighbourhood is the pixel before and the memory has to carry the rest, as in the lecture's task. Training forces the true pixels on the network, and
// goes through an image in strips of some rows: gradients go back to the start of the strip, the memory goes on.
type PixelRNN struct{}

var _ Model = PixelRNN{}

// Info gives the settings of the 20 x 20 task.
func (PixelRNN) Info() Info {
	return searched(Info{ID: "pixelrnn", Title: "Recurrent network over pixels", Paper: "oord2016", Family: Likelihood, Kinds: []datasets.Kind{datasets.Images},
		Objective: "-E 1/pixels sum_i log p(x_i | x_<i)",
		Settings: join([]Setting{
			{Name: "steps", Default: "600", Lo: 1, Hi: 1e9, Integer: true, Doc: "training length, in batches of whole images"},
			{Name: "batch", Default: "32", Lo: 2, Hi: 65536, Integer: true, Doc: "samples per update"},
			{Name: "width", Default: "128", Lo: 1, Hi: 8192, Integer: true, Doc: "units of the memory"},
			{Name: "depth", Default: "1", Lo: 1, Hi: 16, Integer: true, Doc: "recurrent layers"},
			{Name: "reach", Default: "2", Lo: 0, Hi: 16, Integer: true, Doc: "rows above and columns on each side that the network sees beside its memory; 0 is the pixel before alone"},
			{Name: "embed", Default: "16", Lo: 1, Hi: 1024, Integer: true, Doc: "numbers that a colour is read as"},
			{Name: "rows", Default: "1", Lo: 1, Hi: 1024, Integer: true, Doc: "rows that gradients go back through; must divide the height"},
			number("blank", "0.1", 0, 0.95, "share of the neighbours hidden in training, against learning by heart"),
			number("dropout", "0.25", 0, 0.95, "share of the memory's units hidden from the output in training"),
			number("ema", "0", 0, 0.99999, "decay of the average of the weights that samples are drawn with; 0 draws with the weights themselves"),
		}, adamAt("2e-3"), pixelSettings())})
}

// Updates are unknown: a step goes through the image in pieces, as many as the image has rows for.
func (PixelRNN) Updates(Settings) (dSteps, gSteps int, known bool) { return 0, 0, false }

// Build puts the network on strips of three lengths: some rows to train on, one row for likelihoods, one pixel for drawing.
func (PixelRNN) Build(b *Builder) error {
	p, err := b.pixels(b.Scope("net"))
	if err != nil {
		return err
	}
	rows := b.Settings.Int("rows")
	if p.h%rows != 0 {
		return fault.Of(ErrSetting, "rows = %d does not divide the %d rows of an image", rows, p.h)
	}
	r := newRaster(p)
	if err := r.train(rows); err != nil {
		return err
	}
	line := r.strip("line", p.w, nil)
	if err := line.compile(); err != nil {
		return err
	}
	b.Likelihood(p.density(line.logP))
	dot := r.strip("dot", 1, nil)
	if err := dot.compile(); err != nil {
		return err
	}
	b.Drawn(dot, b.Scope("net").Params())
	return nil
}

// raster is the recurrent network: what it sees of an image at a pixel, and its layers.
type raster struct {
	*pixels
	look          [][2]int // neighbours: rows up, columns to the right
	embed         nn.Layer // of places in the palette; nil with output = rgb
	perSite       int      // numbers that a neighbour is read as
	rows, columns nn.Layer // what position adds to the first layer's gates
	cells         []*nn.LSTM
	out           nn.Layer
}

func newRaster(p *pixels) *raster {
	b := p.b
	s, units, width := b.Scope("net"), b.Settings.Int("width"), p.channels
	r := &raster{pixels: p, look: neighbours(b.Settings.Int("reach"))}
	if p.palette != nil {
		width = b.Settings.Int("embed")
		r.embed = nn.Embedding(s.Sub("embed"), len(p.palette.colours)+1, width) // one more for what is outside or hidden
	}
	r.rows, r.columns = nn.Embedding(s.Sub("rows"), p.h, 4*units), nn.Embedding(s.Sub("columns"), p.w, 4*units)
	r.perSite = width
	in := width * len(r.look)
	for i := range b.Settings.Int("depth") {
		r.cells = append(r.cells, nn.NewLSTM(s.Sub(fmt.Sprintf("lstm%d", i)), in, units))
		in = units
	}
	r.out = nn.Dense(s.Sub("out"), units, p.outputs())
	return r
}

// neighbours are the pixels drawn before, near by: some to the left, and rows above.
func neighbours(reach int) [][2]int {
	all := [][2]int{{0, -1}}
	for dx := 2; dx <= reach; dx++ {
		all = append(all, [2]int{0, -dx})
	}
	for dy := 1; dy <= reach; dy++ {
		for dx := -reach; dx <= reach; dx++ {
			all = append(all, [2]int{dy, dx})
		}
	}
	return all
}

// nothing is the site of what is outside the image, or hidden.
func (r *raster) nothing() float32 {
	if r.palette != nil {
		return float32(len(r.palette.colours))
	}
	return 0
}

// see fills dst with the neighbours of pixel (y, x). The first, to the left, is the last pixel of the row above at the start of a row: the pixel before.
func (r *raster) see(dst, sites []float32, y, x int) {
	n := r.sites()
	for k, d := range r.look {
		at, in := (y-d[0])*r.w+x+d[1], x+d[1] >= 0 && x+d[1] < r.w || k == 0
		for j := range n {
			if in && at >= 0 {
				dst[k*n+j] = sites[at*n+j]
			} else {
				dst[k*n+j] = r.nothing()
			}
		}
	}
}

// memory are the states of one layer.
type memory struct{ h, c *nn.Node }

// unroll runs the network over a strip: what is seen at each of its pixels, pixel by pixel for the whole batch, and where they are. keep is what the output sees of the
// memory in training; nil is all of it.
func (r *raster) unroll(length int, seen, y, x, keep *nn.Node, start []memory) (out *nn.Node, end []memory) {
	n := length * r.b.Batch
	in := seen
	if r.embed != nil {
		in = r.embed.Forward(in, nn.Train)
	}
	in = nn.Reshape(in, n, len(r.look)*r.perSite)
	for i, cell := range r.cells {
		gates := cell.Gates(in)
		if i == 0 {
			gates = nn.Add(gates, nn.Add(r.rows.Forward(y, nn.Train), r.columns.Forward(x, nn.Train)))
		}
		m := start[i]
		var hs []*nn.Node
		for t := range length {
			m.h, m.c = cell.Step(nn.Slice(gates, 0, t*r.b.Batch, (t+1)*r.b.Batch), m.h, m.c)
			hs = append(hs, m.h)
		}
		end = append(end, m)
		in = hs[0]
		if length > 1 {
			in = nn.Concat(0, hs...)
		}
	}
	if keep != nil {
		in = nn.Mul(in, keep)
	}
	return r.out.Forward(in, nn.Train), end
}

// train adds the turn: strips of whole batches, one after the other.
func (r *raster) train(rows int) error {
	b := r.b
	s := r.strip("strip", rows*r.w, b.Scope("memory"))
	feed := &strips{batches: batches{id: "strips", from: b.set.Train, labels: make([]int, b.Batch), seed: b.seed}, net: r, into: s, data: r.readAll(),
		images: make([][]float32, b.Batch), blank: b.Settings.Float("blank")}
	feed.target = b.graph.Input("strip-target", s.length*b.Batch*r.sites())
	feed.goOn = b.graph.Input("strip-goes-on", 1)
	b.feeds = append(b.feeds, input{feed: feed, nodes: []*nn.Node{s.seen, s.y, s.x, feed.target, feed.goOn}})
	var keep *nn.Node
	if p := b.Settings.Float("dropout"); p > 0 {
		units := b.Settings.Int("width")
		keep = nn.Reshape(b.noise("dropout", survivors(p), s.length*units), s.length*b.Batch, units)
	}
	goOn := nn.Sum(feed.goOn)
	start := make([]memory, len(s.start))
	for i, m := range s.start {
		start[i] = memory{nn.ScaleBy(m.h, goOn), nn.ScaleBy(m.c, goOn)}
	}
	out, end := r.unroll(s.length, s.seen, s.y, s.x, keep, start)
	turn := Turn{Name: "nll", Role: Generator, Repeat: r.h / rows, Loss: r.loss(out, feed.target), Train: b.Scope("net").Params(), With: b.Adam("lr")}
	for i, m := range s.start {
		turn.Next = append(turn.Next, Next{m.h, end[i].h}, Next{m.c, end[i].c})
	}
	return b.Turn(turn)
}

// survivors draws what dropout leaves: 0 with probability p, else 1/(1-p).
func survivors(p float64) func([]float32, *rng.Source) {
	return func(dst []float32, from *rng.Source) {
		from.FillUniform(dst, 0, 1)
		for i, u := range dst {
			dst[i] = 0
			if float64(u) >= p {
				dst[i] = float32(1 / (1 - p))
			}
		}
	}
}
