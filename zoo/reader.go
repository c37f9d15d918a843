package zoo

import (
	"fmt"

	"github.com/assay-gan/assay/nn"
)

// reader is a discriminator of sentences [kim2014]: embeddings, convolutions over two, three and four neighbouring places, the largest answer of each filter over all
// places, a highway layer as in [yu2017], and a linear answer.
type reader struct {
	table   *nn.Node
	width   int
	spans   []int
	filters []nn.Layer
	carry   nn.Layer
	change  nn.Layer
	head    nn.Layer
}

func (b *Builder) reader(s *nn.Scope, vocab int) *reader {
	w := b.Settings.Int("width")
	r := &reader{width: w, table: s.Param("embed", nn.Normal(0.1), vocab, w)}
	for span := 2; span <= 4; span++ {
		if span > b.Shape[0] {
			break
		}
		r.spans = append(r.spans, span)
		r.filters = append(r.filters, nn.Conv(s.Sub(fmt.Sprintf("span%d", span)), w, w, window(span)))
	}
	n := w * len(r.spans)
	r.carry, r.change = nn.Dense(s.Sub("carry"), n, n, nn.WithBias(nn.Const(-1))), nn.Dense(s.Sub("change"), n, n)
	r.head = nn.Dense(s.Sub("out"), n, 1)
	return r
}

// window is as wide as a span of places; sentences are images of one column.
func window(span int) nn.Window { return nn.Window{KH: span, KW: 1, SH: 1, SW: 1} }

// tokens judges sentences {N, T}: one logit each, {N, 1}.
func (r *reader) tokens(x *nn.Node, m nn.Mode) *nn.Node {
	n, t := x.Shape()[0], x.Shape()[1]
	return r.judge(nn.Reshape(nn.Gather(r.table, nn.Reshape(x, n*t)), n, t, 1, r.width), m)
}

// mixtures judges sentences of distributions over the tokens, {T*N, vocabulary} ordered by place.
func (r *reader) mixtures(p *nn.Node, n int, m nn.Mode) *nn.Node {
	t := p.Shape()[0] / n
	e := nn.Reshape(nn.MatMul(p, r.table, false, false), t, n, r.width)
	return r.judge(nn.Reshape(nn.Transpose(e, 1, 0, 2), n, t, 1, r.width), m)
}

func (r *reader) judge(e *nn.Node, m nn.Mode) *nn.Node {
	n, t := e.Shape()[0], e.Shape()[1]
	var found []*nn.Node
	for i, span := range r.spans {
		y := nn.LeakyReLU(0.2)(r.filters[i].Forward(e, m))
		found = append(found, nn.Reshape(nn.MaxPool2D(y, window(t-span+1)), n, r.width))
	}
	x := nn.Concat(1, found...)
	gate := nn.Sigmoid(r.carry.Forward(x, m))
	x = nn.Add(x, nn.Mul(gate, nn.Sub(nn.LeakyReLU(0.2)(r.change.Forward(x, m)), x)))
	return r.head.Forward(x, m)
}
