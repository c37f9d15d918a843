package zoo

import (
	"context"
	"fmt"
	"slices"

	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// speech says sequences token by token: a program of one place of a speaker, run once a place for many rows at a time. It reads the live weights.
type speech struct {
	prog          *nn.Program
	token         *nn.Node // heard last, one a row
	code          *nn.Node // nil without one
	h, c          *nn.Node // state
	p, h2, c2     *nn.Node // probabilities of the next token, state after it
	rows          int
	vocab, length int
	end           int // a token that is followed by itself alone; -1 for none
	greedy        bool
}

// speech makes a program for a number of rows; name tells its inputs from others'. With temperature 0 the likeliest token is always taken.
func (m *speaker) speech(name string, rows int, temperature float64) (*speech, error) {
	g := m.b.graph
	s := &speech{rows: rows, vocab: m.vocab, length: m.length, end: m.b.set.Vocabulary.End, greedy: temperature == 0,
		token: g.Input(name+" token", rows), h: g.Input(name+" h", rows, m.width), c: g.Input(name+" c", rows, m.width)}
	x := nn.Gather(m.table, s.token)
	if m.code > 0 {
		s.code = g.Input(name+" code", rows, m.code)
		x = nn.Concat(1, x, s.code)
	}
	s.h2, s.c2 = m.cell.Step(m.cell.Gates(x), s.h, s.c)
	logits := m.out.Forward(s.h2, nn.Eval)
	if temperature > 0 && temperature != 1 {
		logits = nn.Scale(logits, float32(1/temperature))
	}
	s.p = nn.Softmax(logits)
	var err error
	s.prog, err = nn.Compile(s.p, s.h2, s.c2)
	return s, err
}

// begin goes to the place before the first token, with the state zero.
func (s *speech) begin() {
	clear(nn.Data(s.h))
	clear(nn.Data(s.c))
	token := nn.Data(s.token)
	for i := range token {
		token[i] = float32(s.vocab)
	}
}

// hear goes one place on with the tokens that are in; afterwards s.p holds the probabilities of the next ones.
func (s *speech) hear() error {
	if err := s.prog.Run(); err != nil {
		return err
	}
	copy(nn.Data(s.h), s.prog.Get(s.h2))
	copy(nn.Data(s.c), s.prog.Get(s.c2))
	return nil
}

// next is a draw of row i's next token; last is the token before it.
func (s *speech) next(i int, last float32, r *rng.Source) float32 {
	u := r.Float64()
	if s.end >= 0 && last == float32(s.end) {
		return last
	}
	p := s.prog.Get(s.p)[i*s.vocab : (i+1)*s.vocab]
	if s.greedy {
		return float32(slices.Index(p, slices.Max(p)))
	}
	return float32(pick(p, u))
}

// pick is the index at which the running sum of p passes u in [0, 1); the last possible one if rounding kept the sum below u.
func pick(p []float32, u float64) int {
	last := 0
	for i, v := range p {
		if v > 0 {
			if u -= float64(v); u < 0 {
				return i
			}
			last = i
		}
	}
	return last
}

// Draw implements Drawer.
func (s *speech) Draw(ctx context.Context, d Draft) error {
	s.begin()
	return s.say(ctx, d, nil)
}

// Complete implements Completer: given tokens are heard, not drawn.
func (s *speech) Complete(ctx context.Context, d Draft, known []bool) error {
	s.begin()
	return s.say(ctx, d, known)
}

// say fills the rows of a draft from the state that begin left.
func (s *speech) say(ctx context.Context, d Draft, known []bool) error {
	if len(d.Rows) > s.rows {
		return fmt.Errorf("%d rows for a program of %d", len(d.Rows), s.rows)
	}
	token := nn.Data(s.token)
	for t := range s.length {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.hear(); err != nil {
			return err
		}
		for i, row := range d.Rows {
			if known == nil || !known[t] {
				last := float32(-1)
				if t > 0 {
					last = row[t-1]
				}
				row[t] = s.next(i, last, d.Random[i])
			}
			token[i] = row[t]
		}
	}
	return nil
}
