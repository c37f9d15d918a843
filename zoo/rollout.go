package zoo

import (
	"context"
	"math"
	"slices"

	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// imitations fills an input with sentences of the generator as it stands: {Batch, T}.
type imitations struct {
	id     string
	into   []float32
	voice  *speech
	draft  Draft
	stream *rng.Source
}

func (b *Builder) imitations(name string, voice *speech) (*nn.Node, *imitations) {
	x := b.graph.Input(name, b.Batch, voice.length)
	f := &imitations{id: name, into: nn.Data(x), voice: voice, stream: rng.Stream(b.seed, "noise", name)}
	if b.Measuring() {
		return x, f
	}
	for i := range b.Batch {
		f.draft.Rows = append(f.draft.Rows, f.into[i*voice.length:(i+1)*voice.length])
		f.draft.Random = append(f.draft.Random, f.stream)
	}
	return x, f
}

func (f *imitations) name() string                    { return f.id }
func (f *imitations) MarshalText() ([]byte, error)    { return f.stream.MarshalText() }
func (f *imitations) UnmarshalText(text []byte) error { return f.stream.UnmarshalText(text) }
func (f *imitations) fill() {
	if f.voice.Draw(context.Background(), f.draft) != nil {
		spoil(f.into)
	}
}

// spoil makes the turn that reads an input fail: a NaN is no token, and the turn says so.
func spoil(into []float32) { into[0] = float32(math.NaN()) }

// rollouts fills two inputs of the policy gradient: sentences of the generator, and for each of their tokens how much better it is than usual [yu2017].
//
//	Q(t) = 1/n sum_i D(x_1 ... x_t, then the generator's own continuation i),   Q(T) = D(x);   the value is Q(t) - mean of Q(t) over the batch
//
// The mean (a baseline, which leaves the expected gradient as it is) can be left out.
type rollouts struct {
	*imitations
	value    []float32 // T x Batch, ordered by place
	wide     *speech   // Batch * n rows, row r continues sentence r / n
	judge    *nn.Program
	judged   []float32 // Batch * n sentences
	verdict  *nn.Node
	h, c     [][]float32 // states after each token
	baseline bool
}

func (f *rollouts) fill() {
	if f.speak() != nil || f.weigh() != nil {
		spoil(f.into)
	}
}

// speak draws the sentences and keeps the state after each token.
func (f *rollouts) speak() error {
	v := f.voice
	token := nn.Data(v.token)
	v.begin()
	for t := range v.length {
		if err := v.hear(); err != nil {
			return err
		}
		for i, row := range f.draft.Rows {
			last := float32(-1)
			if t > 0 {
				last = row[t-1]
			}
			row[t] = v.next(i, last, f.stream)
			token[i] = row[t]
		}
		copy(f.h[t], nn.Data(v.h))
		copy(f.c[t], nn.Data(v.c))
	}
	return nil
}

// weigh fills the values.
func (f *rollouts) weigh() error {
	batch, n := len(f.draft.Rows), f.wide.rows/len(f.draft.Rows)
	for t := range f.voice.length {
		if err := f.carryOn(t); err != nil {
			return err
		}
		if err := f.judge.Run(); err != nil {
			return err
		}
		q := f.value[t*batch : (t+1)*batch]
		d := f.judge.Get(f.verdict)
		mean := float32(0)
		for i := range q {
			q[i] = 0
			for _, v := range d[i*n : (i+1)*n] {
				q[i] += v / float32(n)
			}
			mean += q[i] / float32(batch)
		}
		if f.baseline {
			for i := range q {
				q[i] -= mean
			}
		}
	}
	return nil
}

// carryOn writes n continuations of every sentence after its token t.
func (f *rollouts) carryOn(t int) error {
	w, length := f.wide, f.voice.length
	n := w.rows / len(f.draft.Rows)
	token := nn.Data(w.token)
	for r := range w.rows {
		row := f.draft.Rows[r/n]
		copy(f.judged[r*length:(r+1)*length], row)
		token[r] = row[t]
	}
	spread(nn.Data(w.h), f.h[t], n, w.rows)
	spread(nn.Data(w.c), f.c[t], n, w.rows)
	for k := t + 1; k < length; k++ {
		if err := w.hear(); err != nil {
			return err
		}
		for r := range w.rows {
			token[r] = w.next(r, token[r], f.stream)
			f.judged[r*length+k] = token[r]
		}
	}
	return nil
}

// spread copies every row n times.
func spread(dst, src []float32, n, rows int) {
	width := len(dst) / rows
	for r := range rows {
		copy(dst[r*width:(r+1)*width], src[r/n*width:])
	}
}

// rollouts makes the inputs of the policy gradient: sentences {Batch, T}, and the values of their tokens {T*Batch} ordered by place.
func (b *Builder) rollouts(m *speaker, d *reader, n int, baseline bool) (x, value *nn.Node, err error) {
	f := &rollouts{baseline: baseline}
	voice, err := m.speech("rollout", b.Batch, 1)
	if err != nil {
		return nil, nil, err
	}
	x, f.imitations = b.imitations("spoken-g", voice)
	value = b.graph.Input("value", m.length*b.Batch)
	f.value = nn.Data(value)
	if f.wide, err = m.speech("continuation", n*b.Batch, 1); err != nil {
		return nil, nil, err
	}
	judged := b.graph.Input("judged", n*b.Batch, m.length)
	f.judged, f.verdict = nn.Data(judged), nn.Sigmoid(d.tokens(judged, nn.Eval))
	if f.judge, err = nn.Compile(f.verdict); err != nil {
		return nil, nil, err
	}
	if b.takes(8 * float64(m.length) * float64(b.Batch) * float64(m.width)) {
		return x, value, nil
	}
	for range m.length {
		f.h, f.c = append(f.h, make([]float32, b.Batch*m.width)), append(f.c, make([]float32, b.Batch*m.width))
	}
	b.feeds = append(b.feeds, input{feed: f, nodes: []*nn.Node{x, value}})
	return x, value, nil
}

// spoken is a batch of the generator's sentences for the discriminator to learn from: {Batch, T}.
func (b *Builder) spoken(m *speaker) (*nn.Node, error) {
	voice, err := m.speech("imitation", b.Batch, 1)
	if err != nil {
		return nil, err
	}
	x, f := b.imitations("spoken-d", voice)
	b.feeds = append(b.feeds, input{feed: f, nodes: slices.Clip([]*nn.Node{x})})
	return x, nil
}
