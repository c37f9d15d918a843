package zoo

import (
	"context"
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// priorOf says how likely words are, and draws them.
type priorOf interface {
	logP(ctx context.Context, words [][]float32, nats []float64) error // of the words of each sample
	draw(ctx context.Context, words [][]float32, random []*rng.Source) error
	params() []*nn.Node
}

// priorOfWords adds the turn that learns the prior of the words of a batch.
func (b *Builder) priorOfWords(m *wordy, at *nn.Node) (priorOf, error) {
	if b.Kind == datasets.Points {
		return b.frequencies(m, at)
	}
	return b.wordCanvas(m, at)
}

// frequencies are a prior of single words: a softmax of learned numbers.
type frequencies struct {
	b      *Builder
	logits *nn.Node
	answer *nn.Node
	prog   *nn.Program
}

func (b *Builder) frequencies(m *wordy, at *nn.Node) (*frequencies, error) {
	f := &frequencies{b: b, logits: b.Scope("prior").Param("logits", nn.Zeros(), m.words)}
	loss := nn.SoftmaxCrossEntropy(nn.BroadcastRows(f.logits, b.Batch, m.words), nn.OneHot(at, m.words))
	if err := b.Turn(Turn{Name: "prior", Role: Generator, Loss: loss, Train: b.Scope("prior").Params(), With: b.Adam("lr")}); err != nil {
		return nil, err
	}
	f.answer = nn.LogSoftmax(nn.Reshape(f.logits, 1, m.words))
	var err error
	f.prog, err = nn.Compile(f.answer)
	return f, err
}

func (f *frequencies) params() []*nn.Node { return []*nn.Node{f.logits} }

func (f *frequencies) logP(_ context.Context, words [][]float32, nats []float64) error {
	err := f.prog.Run()
	for i, w := range words {
		nats[i] = float64(f.prog.Get(f.answer)[int(w[0])])
	}
	return err
}

func (f *frequencies) draw(_ context.Context, words [][]float32, random []*rng.Source) error {
	err := f.prog.Run()
	for i, w := range words {
		w[0] = float32(chooseBy(f.prog.Get(f.answer), f.b.Settings.Float("temperature"), random[i].Float64()))
	}
	return err
}

// wordCanvas is a PixelCNN whose image is the coarse map and whose colours are the words.
type wordCanvas struct {
	*canvas
	of *Builder
}

func (b *Builder) wordCanvas(m *wordy, at *nn.Node) (*wordCanvas, error) {
	p := &pixels{b: b.priorBuilder(), h: m.h, w: m.w, channels: 1, palette: &palette{known: map[colour]int{}}}
	for k := range m.words {
		p.palette.add([]float32{float32(k)})
	}
	c := newCanvas(p)
	start := nn.Data(c.place) // the first of few places sees nothing but this: from zeros its rectifiers would begin on their kink
	rng.Stream(b.seed, "init", "prior", "place").FillUniform(start, -0.5, 0.5)
	shown := c.image
	c.image = at // training reads the words of the batch, everything else the input that is shown
	seen := c.rowsStack()
	loss := p.loss(c.out.Forward(c.across(c.image, p.h, seen), nn.Train), c.image)
	if err := b.Turn(Turn{Name: "prior", Role: Generator, Loss: loss, Train: b.Scope("net").Params(), With: b.Adam("lr")}); err != nil {
		return nil, err
	}
	c.image = shown
	v := c.rowsStack()
	return &wordCanvas{c, b}, c.compile(c.across(c.image, p.h, v), v)
}

// priorBuilder is the builder with the settings that the networks of a PixelCNN go by.
func (b *Builder) priorBuilder() *Builder {
	p := *b
	p.Settings = Settings{"width": b.Settings.Word("width_2"), "depth": b.Settings.Word("depth_2"), "embed": "16", "reach": "2", "gate": "gated"}
	return &p
}

func (c *wordCanvas) params() []*nn.Node { return c.b.Scope("net").Params() }

func (c *wordCanvas) logP(ctx context.Context, words [][]float32, nats []float64) error {
	return c.canvas.logP(ctx, Evidence{Rows: words, Nats: nats})
}

func (c *wordCanvas) draw(ctx context.Context, words [][]float32, random []*rng.Source) error {
	c.b.Settings["temperature"] = c.of.Settings.Word("temperature") // which may change on a trained model
	return c.Draw(ctx, Draft{Rows: words, Random: random})
}

// decodedWords draws words from the prior and decodes them.
type decodedWords struct {
	m     *wordy
	prior priorOf
	at    *nn.Node // the words of a batch
	out   *nn.Node
	prog  *nn.Program
}

var _ Drawer = (*decodedWords)(nil)

// speak hands in the drawer and the likelihood.
func (m *wordy) speak(x, chosen *nn.Node, prior priorOf) (err error) {
	b := m.b
	d := &decodedWords{m: m, prior: prior, at: b.graph.Input("words-drawn", b.Batch*m.places)}
	d.out = b.squash(m.decoder.Forward(nn.Gather(m.list, d.at), nn.Eval))
	if d.prog, err = nn.Compile(d.out); err != nil {
		return err
	}
	reads, err := nn.Compile(chosen)
	if err != nil {
		return err
	}
	b.Likelihood(d.density(x, chosen, reads))
	b.Drawn(d, append(m.ds.Params(), prior.params()...))
	return nil
}

// Draw implements Drawer.
func (d *decodedWords) Draw(ctx context.Context, draft Draft) error {
	if err := d.prior.draw(ctx, d.rows(len(draft.Rows)), draft.Random); err != nil {
		return err
	}
	if err := d.prog.Run(); err != nil {
		return err
	}
	made := d.prog.Get(d.out)
	sd := 0.0
	if d.m.b.Settings.Word("draw") == "full" {
		sd = math.Sqrt(float64(nn.Data(d.m.variance)[0]))
	}
	for i, row := range draft.Rows {
		copy(row, made[i*len(row):])
		if sd > 0 {
			d.m.b.shake(row, sd, draft.Random[i])
		}
	}
	return nil
}

// rows are the places of the words of the first samples of a batch.
func (d *decodedWords) rows(n int) [][]float32 {
	all := make([][]float32, n)
	for i := range all {
		all[i] = rowOfBatch(d.at, i, d.m.b.Batch)
	}
	return all
}

// density is that of draw = full. A point's is exact, a sum over all words; an image's is a lower bound, the part of the words that the encoder chooses.
func (d *decodedWords) density(x, chosen *nn.Node, reads *nn.Program) Density {
	dim := nn.Count([]*nn.Node{x}) / d.m.b.Batch
	if d.m.b.Kind == datasets.Points {
		return Density{Exact: true, Sites: dim, LogP: d.sumOverWords}
	}
	return Density{Sites: dim, LogP: func(ctx context.Context, e Evidence) error {
		d.m.b.present(x, nil, e)
		if err := reads.Run(); err != nil {
			return err
		}
		copy(nn.Data(d.at), reads.Get(chosen))
		if err := d.prior.logP(ctx, d.rows(len(e.Rows)), e.Nats); err != nil {
			return err
		}
		if err := d.prog.Run(); err != nil {
			return err
		}
		for i, row := range e.Rows {
			e.Nats[i] += d.normal(row, d.prog.Get(d.out)[i*dim:])
		}
		return nil
	}}
}

// normal is log N(row; mean, variance I), for a row in the units of training.
func (d *decodedWords) normal(row, mean []float32) float64 {
	variance, square := float64(nn.Data(d.m.variance)[0]), 0.0
	for j, v := range row {
		square += (float64(v) - float64(mean[j])) * (float64(v) - float64(mean[j]))
	}
	return -0.5 * (float64(len(row))*math.Log(2*math.Pi*variance) + square/variance)
}

// sumOverWords is log sum_k p(k) N(x; G(e_k), variance I).
func (d *decodedWords) sumOverWords(ctx context.Context, e Evidence) error {
	b, dim := d.m.b, len(e.Rows[0])
	sums, scaled := make([]logSum, len(e.Rows)), make([][]float32, len(e.Rows))
	for i, row := range e.Rows {
		scaled[i] = make([]float32, dim)
		b.scale.apply(scaled[i], row)
	}
	prior := make([]float64, b.Batch)
	for from := 0; from < d.m.words; from += b.Batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(b.Batch, d.m.words-from)
		for k := range n {
			nn.Data(d.at)[k] = float32(from + k)
		}
		if err := d.prior.logP(ctx, d.rows(n), prior); err != nil {
			return err
		}
		if err := d.prog.Run(); err != nil {
			return err
		}
		for i := range sums {
			for k := range n {
				sums[i].add(prior[k] + d.normal(scaled[i], d.prog.Get(d.out)[k*dim:]))
			}
		}
	}
	for i := range sums {
		e.Nats[i] = sums[i].value() + b.scale.logVolume(dim)
	}
	return nil
}
