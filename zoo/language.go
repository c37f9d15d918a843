package zoo

import (
	"context"
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

var sequencesOnly = []datasets.Kind{datasets.Sequences}

// speaking are the settings every model of token sequences has.
func speaking(steps, rate string) []Setting {
	return join([]Setting{
		{Name: "steps", Default: steps, Lo: 1, Hi: 1e9, Integer: true, Doc: "training length in steps"},
		{Name: "batch", Default: "64", Lo: 2, Hi: 65536, Integer: true, Doc: "sequences per update"},
		{Name: "width", Default: "32", Lo: 1, Hi: 8192, Integer: true, Doc: "units of the recurrent cells, and width of the tokens' embeddings"},
		number("temperature", "1", 0, 100, "divides the logits when tokens are drawn; 0 always takes the likeliest token"),
	}, adamAt(rate))
}

// speaker is a recurrent model of token sequences: an embedding of the token before (a token of its own before the first), a long short-term memory [hochreiter1997] and
// a softmax over the vocabulary.
//
//	p(x) = prod_t p(x_t | x_1 ... x_{t-1}, code)
//
// A code, where the model has one, is beside the embedding at every place.
type speaker struct {
	b      *Builder
	table  *nn.Node // embeddings: tokens, then the start
	cell   *nn.LSTM
	out    nn.Layer
	vocab  int
	length int
	width  int
	code   int // width of the code
}

func (b *Builder) speaker(s *nn.Scope, code int) (*speaker, error) {
	v := b.set.Vocabulary
	if v == nil || v.Size < 2 || len(b.Shape) != 1 {
		return nil, fmt.Errorf("data set %s says nothing of its tokens: a vocabulary of at least two is wanted", b.set.Info.ID)
	}
	w := b.Settings.Int("width")
	return &speaker{b: b, vocab: v.Size, length: b.Shape[0], width: w, code: code,
		table: s.Param("embed", nn.Normal(0.1), v.Size+1, w),
		cell:  nn.NewLSTM(s.Sub("lstm"), w+code, w),
		out:   nn.Dense(s.Sub("out"), w, v.Size)}, nil
}

// byPlace turns tokens {Batch, T} into one column, place after place, as the unrolled cells want them: {T*Batch}.
func byPlace(tokens *nn.Node) *nn.Node { return nn.Reshape(nn.Transpose(tokens, 1, 0), -1) }

// before is what the model hears at each place: the start token, then all tokens but the last; {T*Batch} for tokens {T*Batch} ordered by place.
func (m *speaker) before(column *nn.Node) *nn.Node {
	n := m.b.Batch
	start := nn.Affine(nn.Slice(column, 0, 0, n), 0, float32(m.vocab))
	if m.length == 1 {
		return start
	}
	return nn.Concat(0, start, nn.Slice(column, 0, 0, (m.length-1)*n))
}

// silence is the state before the first place: zeros.
func (m *speaker) silence(name string) *nn.Node { return m.b.graph.Input(name, m.b.Batch, m.width) }

// logits of every place given the tokens before it, teacher-forced: {T*Batch, vocabulary}. h and c are the state before the first place, code may be nil.
func (m *speaker) logits(heard, h, c, code *nn.Node) *nn.Node {
	n := m.b.Batch
	x := nn.Gather(m.table, heard)
	if code != nil {
		codes := make([]*nn.Node, m.length)
		for t := range codes {
			codes[t] = code
		}
		x = nn.Concat(1, x, nn.Concat(0, codes...))
	}
	gates := m.cell.Gates(x)
	states := make([]*nn.Node, m.length)
	for t := range states {
		h, c = m.cell.Step(nn.Slice(gates, 0, t*n, (t+1)*n), h, c)
		states[t] = h
	}
	return m.out.Forward(nn.Concat(0, states...), nn.Train)
}

// logP is the logarithm of the probability of every token given those before it: {T*Batch} for tokens {T*Batch} ordered by place.
func (m *speaker) logP(column, heard, h, c, code *nn.Node) *nn.Node {
	return nn.RowDot(nn.LogSoftmax(m.logits(heard, h, c, code)), nn.OneHot(column, m.vocab))
}

// perSequence sums values {T*Batch} ordered by place over the places: {Batch}.
func (m *speaker) perSequence(column *nn.Node) *nn.Node {
	return nn.RowSum(nn.Transpose(nn.Reshape(column, m.length, m.b.Batch), 1, 0))
}

// weigh hands in the likelihood of a model without codes: exact, by the chain rule over the places.
func (m *speaker) weigh(tokens *nn.Node) error {
	column := byPlace(tokens)
	logP := m.perSequence(m.logP(column, m.before(column), m.silence("silence h p"), m.silence("silence c p"), nil))
	prog, err := nn.Compile(logP)
	if err != nil {
		return err
	}
	m.b.Likelihood(Density{Exact: true, Discrete: true, Sites: m.length, LogP: func(_ context.Context, e Evidence) error {
		m.b.present(tokens, nil, e)
		if err := prog.Run(); err != nil {
			return err
		}
		for i := range e.Nats {
			e.Nats[i] = float64(prog.Get(logP)[i])
		}
		return nil
	}})
	return nil
}
