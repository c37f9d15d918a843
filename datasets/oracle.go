package datasets

import (
	"context"
	"math"

	"github.com/assay-gan/assay/rng"
)

// OracleSet is the synthetic language of SeqGAN [yu2017]: sentences of a recurrent network whose weights are random, so that the probability of every sentence is
// known and a generator can be asked how likely the truth finds what it says (the metric nll_oracle). The paper has 5000 tokens and sentences of 20; the default here
// is small enough for a test machine.
type OracleSet struct{}

var _ Dataset = OracleSet{}

// Info describes the set.
func (OracleSet) Info() Info {
	return Info{
		ID: "oracle", Title: "sentences of a random recurrent network", Kind: Sequences, Shape: []int{20},
		Paper: "yu2017", License: "synthetic, no rights reserved", Sizes: Sizes{10_000, 2_000, 2_000},
		Params: []Param{
			{"vocabulary", 100, 2, 10_000, true, "number of tokens"},
			{"length", 20, 1, 32, true, "tokens of a sentence"},
			{"units", 32, 1, 256, true, "width of the network's embedding and state"},
			{"language", 1, -1, 1e9, true, "seed of the network: another number is another language; -1 reads it from " + OracleFile + " in the data folder"},
		},
	}
}

// Load draws the splits from three streams of the seed; the language does not depend on it.
func (OracleSet) Load(ctx context.Context, o Options) (*Set, error) {
	info := OracleSet{}.Info()
	p, err := resolve(info, o.Params)
	if err != nil {
		return nil, err
	}
	info.Shape = []int{int(p["length"])}
	n, err := sizes(info, o)
	if err != nil {
		return nil, err
	}
	truth, err := oracleOf(info.ID, o, p)
	if err != nil {
		return nil, err
	}
	set := &Set{Info: info, Oracle: truth, Vocabulary: &Vocabulary{Size: truth.Vocabulary, End: -1, Unknown: -1}}
	for _, s := range []struct {
		name string
		n    int
		to   **Samples
	}{{"train", n.Train, &set.Train}, {"test", n.Test, &set.Test}, {"hold", n.Hold, &set.Hold}} {
		if *s.to, err = truth.Sample(ctx, s.n, rng.Stream(o.Seed, "dataset", info.ID, s.name)); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// Oracle is a long short-term memory [hochreiter1997] with standard normal weights and embeddings that speaks sentences of a fixed length, the truth behind the set
// oracle [yu2017]. With e the embedding of the token before (token 0 before the first):
//
//	i, f, o, g = s(.), s(.), s(.), tanh(.) of e W + h U + b;   c = f c + i g;   h = o tanh c;   p(next) = softmax(h V + a)
type Oracle struct {
	Vocabulary, Units, Length int

	in     []float64 // what each token adds to the gates, biases included: Vocabulary x 4 Units
	within []float64 // U: Units x 4 Units
	out    []float64 // V: Units x Vocabulary
	bias   []float64 // a
}

// NewOracle draws the weights of a language from its seed.
func NewOracle(vocabulary, units, length int, language uint64) *Oracle {
	normals := func(name string, n int) []float64 {
		r := rng.Stream(language, "dataset", "oracle", "weights", name)
		x := make([]float64, n)
		for i := range x {
			x[i] = r.Normal()
		}
		return x
	}
	o := &Oracle{Vocabulary: vocabulary, Units: units, Length: length,
		within: normals("U", units*4*units), out: normals("V", units*vocabulary), bias: normals("a", vocabulary)}
	o.hear(normals("E", vocabulary*units), normals("W", units*4*units), normals("b", 4*units))
	return o
}

// hear works out what each token adds to the gates: e W + b.
func (o *Oracle) hear(embedding, w, b []float64) {
	u := o.Units
	for t := range o.Vocabulary {
		gates := append([]float64(nil), b...)
		for j, e := range embedding[t*u : (t+1)*u] {
			axpy(gates, e, w[j*4*u:])
		}
		o.in = append(o.in, gates...)
	}
}

// axpy adds a times the first values of x to y.
func axpy(y []float64, a float64, x []float64) {
	x = x[:len(y)]
	for i := range y {
		y[i] += a * x[i]
	}
}

// voice is the oracle in the middle of a sentence.
type voice struct {
	*Oracle
	h, c, gates []float64
	logits      []float64 // of the next token, after listen
	top, total  float64   // their maximum, and the sum of exp(logit - top)
}

func (o *Oracle) voice() *voice {
	v := &voice{Oracle: o, h: make([]float64, o.Units), c: make([]float64, o.Units), gates: make([]float64, 4*o.Units), logits: make([]float64, o.Vocabulary)}
	return v
}

func (v *voice) restart() {
	clear(v.h)
	clear(v.c)
	v.listen(0)
}

// listen takes one token in.
func (v *voice) listen(token int) {
	u := v.Units
	copy(v.gates, v.in[token*4*u:(token+1)*4*u])
	for j, h := range v.h {
		axpy(v.gates, h, v.within[j*4*u:])
	}
	for j := range v.h {
		i, f, o, g := logistic(v.gates[j]), logistic(v.gates[u+j]), logistic(v.gates[2*u+j]), math.Tanh(v.gates[3*u+j])
		v.c[j] = f*v.c[j] + i*g
		v.h[j] = o * math.Tanh(v.c[j])
	}
	copy(v.logits, v.bias)
	for j, h := range v.h {
		axpy(v.logits, h, v.out[j*v.Vocabulary:])
	}
	v.top, v.total = math.Inf(-1), 0
	for _, l := range v.logits {
		v.top = math.Max(v.top, l)
	}
	for _, l := range v.logits {
		v.total += math.Exp(l - v.top)
	}
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// choose is the token at which the distribution function passes u in [0, 1).
func (v *voice) choose(u float64) int {
	u *= v.total
	for t, l := range v.logits {
		if u -= math.Exp(l - v.top); u < 0 {
			return t
		}
	}
	return v.Vocabulary - 1
}

// Sample draws n sentences. Sentence i depends on the source and i alone, so that a longer draw begins with a shorter one.
func (o *Oracle) Sample(ctx context.Context, n int, src *rng.Source) (*Samples, error) {
	data := make([]float32, n*o.Length)
	chance := make([]float64, n*o.Length)
	for i := range chance {
		chance[i] = src.Float64()
	}
	err := parallel(ctx, n, func(lo, hi int) error {
		v := o.voice()
		for i := lo; i < hi; i++ {
			v.restart()
			for t := i * o.Length; t < (i+1)*o.Length; t++ {
				token := v.choose(chance[t])
				data[t] = float32(token)
				if t+1 < (i+1)*o.Length {
					v.listen(token)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return NewSamples([]int{o.Length}, data, nil)
}

// LogProb is the logarithm of the probability of each sentence in nats, exact to rounding. Rows that are no sentences of the language are an error.
func (o *Oracle) LogProb(ctx context.Context, s *Samples) ([]float64, error) {
	if len(s.Shape) != 1 || s.Shape[0] != o.Length {
		return nil, refuse("oracle: samples of shape %v, its sentences have %d tokens", s.Shape, o.Length)
	}
	if err := (&Vocabulary{Size: o.Vocabulary, End: -1, Unknown: -1}).Check(s); err != nil {
		return nil, err
	}
	logs := make([]float64, s.Len())
	err := parallel(ctx, s.Len(), func(lo, hi int) error {
		v := o.voice()
		for i := lo; i < hi; i++ {
			v.restart()
			for t, x := range s.Row(i) {
				logs[i] += v.logits[int(x)] - v.top - math.Log(v.total)
				if t+1 < o.Length {
					v.listen(int(x))
				}
			}
		}
		return nil
	})
	return logs, err
}
