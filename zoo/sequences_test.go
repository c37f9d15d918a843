package zoo

import (
	"context"
	"math"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// sentences is a set of rows of tokens 0 ... vocab-1 that no end shortens: all of them, in order.
func sentences(vocab, length int) *datasets.Set {
	s := &datasets.Samples{Shape: []int{length}}
	n := int(math.Pow(float64(vocab), float64(length)))
	for i := range n {
		for t := range length {
			s.Data = append(s.Data, float32(i/int(math.Pow(float64(vocab), float64(length-1-t)))%vocab))
		}
	}
	return &datasets.Set{Info: datasets.Info{ID: "all", Kind: datasets.Sequences, Shape: s.Shape}, Train: s, Test: s,
		Vocabulary: &datasets.Vocabulary{Size: vocab, End: -1, Unknown: -1}}
}

// lively makes weights large enough that sentences differ in probability.
func lively(s *Session, networks ...string) {
	for _, n := range networks {
		for i, p := range s.build.Scope(n).Params() {
			for j := range nn.Data(p) {
				nn.Data(p)[j] += float32(math.Sin(float64(7*i + 3*j)))
			}
		}
	}
}

// The likelihoods of all 27 sentences of three words sum to 1, and 3000 drawn ones fall on them as they say; a temperature of 0 says one sentence.
func TestSpeakerIsADistribution(t *testing.T) {
	set := sentences(3, 3)
	s := build(t, SeqGAN{}, set, map[string]string{"width": "4", "batch": "16", "rollouts": "2"})
	lively(s, "g")
	logs, exact, err := s.LogLikelihood(context.Background(), set.Train)
	if err != nil || !exact {
		t.Fatal(exact, err)
	}
	total := 0.0
	for _, l := range logs {
		total += math.Exp(l)
	}
	near(t, "sum of probabilities", total, 1, 1e-5)
	const n = 3000
	x, err := s.Sample(context.Background(), n, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]float64, 27)
	for i := range n {
		r := x.Row(i)
		counts[int(9*r[0]+3*r[1]+r[2])]++
	}
	chi, cells := 0.0, 0.0
	for i, l := range logs {
		if e := n * math.Exp(l); e > 5 {
			chi += (counts[i] - e) * (counts[i] - e) / e
			cells++
		}
	}
	if cells < 8 || math.Abs(chi-cells) > 5*math.Sqrt(2*cells) {
		t.Errorf("chi-square %v over %v sentences", chi, cells)
	}
	cold := build(t, SeqGAN{}, set, map[string]string{"width": "4", "batch": "16", "rollouts": "2", "temperature": "0"})
	lively(cold, "g")
	one, err := cold.Sample(context.Background(), 20, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		for k, v := range one.Row(i) {
			if v != one.Data[k] {
				t.Fatalf("two sentences at temperature 0: %v and %v", one.Row(0), one.Row(i))
			}
		}
	}
}

// The policy gradient is that of the expected value sum_x p(x) D(x): here by enumeration of the four sentences of two words and central differences, against the mean
// of the turn's gradient over 40 batches of 512 (its standard error is below 4e-4). With the baseline and without it.
func TestPolicyGradient(t *testing.T) {
	set := sentences(2, 2)
	for _, baseline := range []string{"mean", "none"} {
		s := build(t, SeqGAN{}, set, map[string]string{"width": "3", "batch": "512", "rollouts": "2", "baseline": baseline})
		lively(s, "g", "d")
		b := s.build
		var bias *nn.Node
		for _, p := range b.Scope("g").Params() {
			if p.Name() == "g.out.b" {
				bias = p
			}
		}
		all := b.graph.Input("all", 4, 2)
		copy(nn.Data(all), set.Train.Data)
		d := b.reader(b.Scope("d").With(nil, nil), 2)
		truth := values(t, nn.Sigmoid(d.tokens(all, nn.Eval)))[0]
		expected := func() float64 {
			logs, _, err := s.LogLikelihood(context.Background(), set.Train)
			if err != nil {
				t.Fatal(err)
			}
			sum := 0.0
			for i, l := range logs {
				sum += math.Exp(l) * float64(truth[i])
			}
			return sum
		}
		const h = 1e-2
		want := make([]float64, 2)
		for k := range want {
			nn.Data(bias)[k] += h
			up := expected()
			nn.Data(bias)[k] -= 2 * h
			want[k] = -(up - expected()) / (2 * h) // the loss is the negative
			nn.Data(bias)[k] += h
		}
		if math.Abs(want[0]) < 5e-3 {
			t.Fatalf("the gradient is %v: nothing would be tested", want)
		}
		var g *turn
		for _, u := range b.turns {
			if u.Name == "g" {
				g = u
			}
		}
		grads, err := nn.Grad(g.Loss, bias)
		if err != nil {
			t.Fatal(err)
		}
		prog, err := nn.Compile(grads[0])
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float64, 2)
		const rounds = 40
		for range rounds {
			for _, f := range g.feeds {
				f.fill()
			}
			if err := prog.Run(); err != nil {
				t.Fatal(err)
			}
			for k, v := range prog.Get(grads[0]) {
				got[k] += float64(v) / rounds
			}
		}
		for k := range got {
			near(t, baseline+" gradient", got[k], want[k], 2e-3)
		}
	}
}

// Soft words are distributions; as the temperature falls they become one word each, and which one is a draw from the softmax of the logits: at the first place the
// shares of 4096 draws are the probabilities of first words.
func TestGumbelSoftmaxDraws(t *testing.T) {
	set := sentences(3, 2)
	s := build(t, GumbelGAN{}, set, map[string]string{"width": "4", "batch": "4096"})
	lively(s, "g")
	logs, _, err := s.LogLikelihood(context.Background(), set.Train)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float64, 3)
	for i, l := range logs {
		want[i/3] += math.Exp(l)
	}
	g := s.build.Scope("g")
	m, err := s.build.speaker(g.With(nil, nil), 0)
	if err != nil {
		t.Fatal(err)
	}
	inverse := s.build.graph.Input("cold", 1)
	nn.Data(inverse)[0] = 100
	var noise *nn.Node
	for _, in := range s.build.feeds {
		if in.name() == "gumbel" {
			in.fill()
			noise = in.nodes[0]
		}
	}
	soft := values(t, m.softlyFrom(noise, s.build.graph.Input("h0", 4096, 4), s.build.graph.Input("c0", 4096, 4), nn.Sum(inverse)))[0]
	got := make([]float64, 3)
	hard := 0
	for i := range 4096 {
		top, sum := 0, 0.0
		row := soft[3*i : 3*i+3]
		for k, v := range row {
			sum += float64(v)
			if v > row[top] {
				top = k
			}
		}
		near(t, "sum", sum, 1, 1e-5)
		if row[top] > 0.99 {
			hard++
		}
		got[top] += 1. / 4096
	}
	if hard < 3800 {
		t.Errorf("%d of 4096 words are one word at temperature 0.01", hard)
	}
	for k := range got {
		near(t, "share of first words", got[k], want[k], 4/math.Sqrt(4096)/2)
	}
}

// Words that the decoder does not hear become the unknown one; the end is followed by the end.
func TestWordsLost(t *testing.T) {
	set := sentences(4, 3)
	set.Vocabulary = &datasets.Vocabulary{Size: 4, Words: []string{"<end>", "<unk>", "a", "b"}, End: 0, Unknown: 1}
	s := build(t, SentenceVAE{}, set, map[string]string{"width": "4", "batch": "64", "latent": "2", "drop": "0"})
	v := &scribe{b: s.build, decoder: &speaker{b: s.build, vocab: 4, length: 3}}
	heard := s.build.graph.Input("heard", 192)
	for i := range nn.Data(heard) {
		nn.Data(heard)[i] = 3
	}
	lost := v.lose(heard, 0.4)
	in := s.build.feeds[len(s.build.feeds)-1]
	in.fill()
	count := 0
	for _, w := range values(t, lost)[0] {
		switch w {
		case 1:
			count++
		case 3:
		default:
			t.Fatalf("a word became %v", w)
		}
	}
	near(t, "share of lost words", float64(count)/192, 0.4, 0.15) // four standard errors
	last, word := s.build.graph.Input("last", 4), s.build.graph.Input("word", 4)
	copy(nn.Data(last), []float32{0, 3, 0, 1})
	copy(nn.Data(word), []float32{2, 2, 0, 0})
	got := values(t, v.ended(last, word))[0]
	for i, want := range []float32{0, 2, 0, 0} {
		if got[i] != want {
			t.Fatalf("after %v the words are %v", nn.Data(last), got)
		}
	}
}

// More codes raise the bound in the mean, and it stays below log of the share that a perfect model would give.
func TestSentenceBound(t *testing.T) {
	set := sentences(3, 3)
	s := build(t, SentenceVAE{}, set, map[string]string{"width": "6", "batch": "32", "latent": "2"})
	lively(s, "encoder", "decoder")
	mean := func(codes int) float64 {
		nats, exact, err := s.Bound(context.Background(), set.Train, codes, 3)
		if err != nil || exact {
			t.Fatal(exact, err)
		}
		m := 0.0
		for _, v := range nats {
			m += v / float64(len(nats))
		}
		return m
	}
	one, many := mean(1), mean(64)
	if !(many > one) || many > -math.Log(27)+1e-6 { // by Jensen: sum_x p(x) <= 1 over 27 sentences
		t.Errorf("bound %v with one code, %v with 64", one, many)
	}
}
