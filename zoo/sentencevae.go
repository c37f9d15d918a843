package zoo

import (
	"context"
	"math"

	"github.com/assay-gan/assay/nn"
)

// SentenceVAE is a variational auto-encoder of sentences [bowman2016]: one recurrent network reads a sentence into a code, another says a sentence from it, so that
// the points between two codes are sentences between two sentences.
//
//	min -E_q log p(x|z) + w beta KL(q(z|x) || N(0, I)),   w from 0 to 1 over the first anneal steps
//
// A strong decoder can do without codes: the KL term is let in slowly, and in training words that the decoder hears are lost (drop), as in the paper.
type SentenceVAE struct{}

var _ Model = SentenceVAE{}

// Info describes the model.
func (SentenceVAE) Info() Info {
	return searched(Info{ID: "sentence-vae", Title: "Variational auto-encoder of sentences", Paper: "bowman2016", Family: Likelihood, Kinds: sequencesOnly,
		Objective: "-E_q log p(x|z) + w beta KL(q(z|x) || N(0, I)), w annealed, words that the decoder hears dropped",
		Settings: join(with(speaking("4000", "2e-3"), map[string]string{"width": "96", "temperature": "0"}), []Setting{
			{Name: "latent", Default: "32", Lo: 1, Hi: 4096, Integer: true, Doc: "dimensions of the code z"},
			number("beta", "0.2", 0, 1e6, "weight of the KL term in the end").means(Weight),
			{Name: "anneal", Default: "2000", Lo: 1, Hi: 1e9, Integer: true, Doc: "steps in which the weight of the KL term grows from 0"},
			number("drop", "0.3", 0, 1, "share of the words that the decoder does not hear in training"),
		})})
}

// scribe is an encoder and a decoder of sentences and the batch between them.
type scribe struct {
	b            *Builder
	es, ds       *nn.Scope
	tokens       *nn.Node // {Batch, T}
	mean, logVar *nn.Node
	decoder      *speaker
	h0, c0       nn.Layer // the decoder's first state from the code
}

func (b *Builder) scribe() (*scribe, error) {
	s := &scribe{b: b, es: b.Scope("encoder"), ds: b.Scope("decoder")}
	k, w := b.Settings.Int("latent"), b.Settings.Int("width")
	var err error
	if s.decoder, err = b.speaker(s.ds, k); err != nil {
		return nil, err
	}
	s.h0, s.c0 = nn.Dense(s.ds.Sub("h0"), k, w), nn.Dense(s.ds.Sub("c0"), k, w)
	s.tokens = b.Real()
	code := s.read(k, w)
	s.mean, s.logVar = nn.Slice(code, 1, 0, k), nn.Slice(code, 1, k, 2*k)
	return s, nil
}

// read is mean and log-variance of q(z|x), from the state after the last word: a sentence is read backwards, so that its ends are its first words and not the filling.
func (s *scribe) read(k, w int) *nn.Node {
	n, length := s.b.Batch, s.decoder.length
	table := s.es.Param("embed", nn.Normal(0.1), s.decoder.vocab, w)
	cell := nn.NewLSTM(s.es.Sub("lstm"), w, w)
	out := nn.Dense(s.es.Sub("out"), w, 2*k)
	gates := cell.Gates(nn.Gather(table, byPlace(s.tokens)))
	h, c := s.decoder.silence("silence h"), s.decoder.silence("silence c")
	for t := length - 1; t >= 0; t-- {
		h, c = cell.Step(nn.Slice(gates, 0, t*n, (t+1)*n), h, c)
	}
	return out.Forward(h, nn.Train)
}

// nll is -log p(x|z) of each sentence; heard is what the decoder hears, {T*Batch} ordered by place.
func (s *scribe) nll(z, column, heard *nn.Node) *nn.Node {
	h, c := s.state(z)
	return nn.Neg(s.decoder.perSequence(s.decoder.logP(column, heard, h, c, z)))
}

func (s *scribe) state(z *nn.Node) (h, c *nn.Node) {
	return nn.Tanh(s.h0.Forward(z, nn.Train)), s.c0.Forward(z, nn.Train)
}

// lose replaces a share of the words heard by the unknown one, or by the start where the vocabulary has none.
func (s *scribe) lose(heard *nn.Node, share float64) *nn.Node {
	if share == 0 {
		return heard
	}
	lost := float32(s.decoder.vocab)
	if u := s.b.set.Vocabulary.Unknown; u >= 0 {
		lost = float32(u)
	}
	chance := byPlace(s.b.Uniform("drop", s.decoder.length))
	keep := nn.Affine(nn.Sign(nn.AddConst(chance, -float32(share))), 0.5, 0.5)
	return nn.Add(nn.Mul(keep, heard), nn.Affine(keep, -lost, lost))
}

// Build puts encoder and decoder together.
func (SentenceVAE) Build(b *Builder) error {
	s, err := b.scribe()
	if err != nil {
		return err
	}
	column := byPlace(s.tokens)
	heard := s.decoder.before(column)
	eps := b.Normal("reparametrise", b.Settings.Int("latent"))
	z := nn.Add(s.mean, nn.Mul(nn.Exp(nn.Scale(s.logVar, 0.5)), eps))
	nll := nn.Mean(s.nll(z, column, s.lose(heard, b.Settings.Float("drop"))))
	kl := nn.Mean(nn.KLDiagonal(s.mean, s.logVar))
	weight := b.Scope("anneal").State("weight", nn.Zeros(), 1)
	next := nn.Clamp(nn.AddConst(weight, float32(1/b.Settings.Float("anneal"))), 0, 1)
	loss := nn.Add(nll, nn.ScaleBy(nn.Scale(kl, float32(b.Settings.Float("beta"))), nn.Sum(weight)))
	err = b.Turn(Turn{Name: "elbo", Role: Generator, Loss: loss, Train: append(s.es.Params(), s.ds.Params()...), With: b.Adam("lr"),
		Watch: map[string]*nn.Node{"nll": nll, "kl": kl}, Next: []Next{{weight, next}}})
	if err != nil {
		return err
	}
	b.Samples(s.say(b.Latent()), s.ds.Params())
	b.Codes(s.mean)
	return s.bound(z, column, heard, eps)
}

// say is a batch of sentences from codes, in one pass of the graph: {Batch, T}. At temperature 0 every word is the likeliest; otherwise it is a draw, which is the
// likeliest one after Gumbel noise [jang2017].
func (s *scribe) say(z *nn.Node) *nn.Node {
	m, n := s.decoder, s.b.Batch
	var noise *nn.Node
	if t := s.b.Settings.Float("temperature"); t > 0 {
		noise = nn.Scale(s.b.noise("words", gumbel, m.length*m.vocab), float32(t))
	}
	h, c := s.state(z)
	heard := nn.Affine(nn.RowSum(z), 0, float32(m.vocab)) // the start
	words := make([]*nn.Node, m.length)
	for t := range words {
		h, c = m.cell.Step(m.cell.Gates(nn.Concat(1, nn.Gather(m.table, heard), z)), h, c)
		logits := m.out.Forward(h, nn.Eval)
		if noise != nil {
			logits = nn.Add(logits, nn.Slice(noise, 1, t*m.vocab, (t+1)*m.vocab))
		}
		word := nn.Argmax(logits)
		if t > 0 {
			word = s.ended(heard, word)
		}
		words[t] = nn.Reshape(word, n, 1)
		heard = word
	}
	return nn.Concat(1, words...)
}

// ended lets the end follow the end.
func (s *scribe) ended(last, word *nn.Node) *nn.Node {
	end := s.b.set.Vocabulary.End
	if end < 0 {
		return word
	}
	going := nn.Sign(nn.Abs(nn.AddConst(last, -float32(end))))
	return nn.Add(nn.Mul(going, word), nn.Affine(going, -float32(end), float32(end)))
}

// bound hands in the lower bound of the likelihood of sentences in evaluation mode: with one code the evidence lower bound with its exact KL term, with more the
// importance-weighted one [burda2016].
func (s *scribe) bound(z, column, heard, eps *nn.Node) error {
	nll := s.nll(z, column, heard)
	elbo := nn.Neg(nn.Add(nll, nn.KLDiagonal(s.mean, s.logVar)))
	prior := nn.Sub(nn.Add(nn.RowDot(eps, eps), nn.RowSum(s.logVar)), nn.RowDot(z, z))
	weight := nn.Sub(nn.Scale(prior, 0.5), nll)
	prog, err := nn.Compile(elbo, weight)
	if err != nil {
		return err
	}
	s.b.Likelihood(Density{Discrete: true, Sites: s.decoder.length, Codes: 1, LogP: func(ctx context.Context, e Evidence) error {
		s.b.present(s.tokens, nil, e)
		sums := make([]logSum, len(e.Rows))
		for range e.Codes {
			if err := ctx.Err(); err != nil {
				return err
			}
			for i, r := range e.Random {
				r.FillNormal(rowOfBatch(eps, i, s.b.Batch))
			}
			if err := prog.Run(); err != nil {
				return err
			}
			for i := range sums {
				sums[i].add(float64(prog.Get(weight)[i]))
			}
		}
		for i := range sums {
			e.Nats[i] = sums[i].value() - math.Log(float64(e.Codes))
			if e.Codes == 1 {
				e.Nats[i] = float64(prog.Get(elbo)[i])
			}
		}
		return nil
	}})
	return nil
}
