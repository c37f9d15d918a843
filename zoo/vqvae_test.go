package zoo

import (
	"context"
	"math"
	"testing"

	"github.com/assay-gan/assay/nn"
)

// wordsOf is a session of a list of two words, with memory 0.9.
func wordsOf(t *testing.T, list []float32, settings map[string]string) *Session {
	t.Helper()
	all := map[string]string{"width": "8", "depth": "1", "batch": "4", "words": "2", "memory": "0.9"}
	for k, v := range settings {
		all[k] = v
	}
	s := build(t, VQVAE{}, twoPoints(), all)
	for _, p := range append(s.build.Scope("words").Params(), s.build.Scope("words").States()...) {
		if p.Name() == "words.list" || p.Name() == "words.sum" {
			copy(nn.Data(p), list)
		}
	}
	return s
}

func stateOf(t *testing.T, s *Session, name string) []float32 {
	t.Helper()
	for _, p := range append(s.build.graph.Scope("").Params(), s.build.graph.Scope("").States()...) {
		if p.Name() == name {
			return nn.Data(p)
		}
	}
	t.Fatalf("nothing is called %s", name)
	return nil
}

// Words by hand: with codes (1, 0), (1.4, 1), (2, 0), (5, 1) the first two choose word 0 and the others word 1. Means over the last turns begin at one choice each, of the
// word itself: counts 0.9 + 0.1 * 2 = 1.1 and the same; sums 0.1 * (2.4, 1) and 0.9 * (3, 0) + 0.1 * (7, 1) = (3.4, 0.1).
func TestWordsLearn(t *testing.T) {
	s := wordsOf(t, []float32{0, 0, 3, 0}, nil)
	m := &wordy{b: s.build, words: 2, width: 2}
	find := func(name string) *nn.Node {
		for _, p := range s.build.graph.Scope("").States() {
			if p.Name() == name {
				return p
			}
		}
		return nil
	}
	m.list, m.count, m.sum = find("words.list"), find("words.count"), find("words.sum")
	code := rows(s.build.graph, "some codes", 4, 1, 0, 1.4, 1, 2, 0, 5, 1)
	at := nn.Argmax(m.nearness(code))
	next := m.learnWords(at, code)
	v := values(t, at, next[0].Value, next[1].Value, next[2].Value)
	want := [][]float64{{0, 0, 1, 1}, {1.1, 1.1}, {0.24, 0.1, 3.4, 0.1}, {0.24 / 1.1, 0.1 / 1.1, 3.4 / 1.1, 0.1 / 1.1}}
	for i := range want {
		for j := range want[i] {
			near(t, "words", float64(v[i][j]), want[i][j], 3e-5)
		}
	}
}

// The decoder's gradient goes on to the encoder as if the words were its codes: with beta 0 the gradient of the encoder's last bias is that of the loss by the words summed over the
// batch, here by differences of the decoder's loss when all words move alike. Without it the encoder hears nothing.
func TestStraightThrough(t *testing.T) {
	grad := func(s *Session) []float32 {
		turn := s.build.turns[0]
		for _, f := range turn.feeds {
			f.fill()
		}
		for _, p := range s.build.Scope("encoder").Params() {
			if p.Name() == "encoder.out.b" {
				return values(t, nn.MustGrad(turn.Loss, p)[0])[0]
			}
		}
		return nil
	}
	s := wordsOf(t, []float32{0.3, 0.2, -1, 0.4}, map[string]string{"beta": "0"})
	got := grad(s)
	list := stateOf(t, s, "words.list")
	loss := func(axis int, by float32) float64 { // all words move, no code changes its mind: they move by far less than they differ
		old := append([]float32(nil), list...)
		defer copy(list, old)
		list[axis] += by
		list[2+axis] += by
		return float64(values(t, s.build.turns[0].Loss)[0][0])
	}
	for axis := range 2 {
		const h = 1e-2
		near(t, "gradient passed on", float64(got[axis]), (loss(axis, h)-loss(axis, -h))/(2*h), 2e-3)
	}
	if math.Abs(float64(got[0]))+math.Abs(float64(got[1])) < 1e-3 {
		t.Errorf("the gradient %v is too small to prove anything", got)
	}
	for _, v := range grad(wordsOf(t, []float32{0.3, 0.2, -1, 0.4}, map[string]string{"beta": "0", "gradient": "stop"})) {
		near(t, "gradient stopped", float64(v), 0, 0)
	}
}

// With codebook = loss the words move down their squared distance to the codes that chose them, which the codes do not hear: one word, gradient 2 (e - mean code) / width.
func TestWordsByLoss(t *testing.T) {
	s := build(t, VQVAE{}, twoPoints(), map[string]string{"width": "8", "depth": "1", "batch": "4", "words": "2", "codebook": "loss", "beta": "0", "gradient": "stop"})
	list := stateOf(t, s, "words.list")
	copy(list, []float32{0.5, -0.25, 100, 100}) // nobody chooses the second
	clear(stateOf(t, s, "encoder.out.w"))
	copy(stateOf(t, s, "encoder.out.b"), []float32{1, 2})
	clear(stateOf(t, s, "decoder.fc0.w")) // a decoder that hears no word
	turn := s.build.turns[0]
	for _, f := range turn.feeds {
		f.fill()
	}
	for _, p := range s.build.Scope("words").Params() {
		got := values(t, nn.MustGrad(turn.Loss, p)[0])[0]
		for i, want := range []float64{0.5 - 1, -0.25 - 2, 0, 0} { // MSE over two numbers a code: 2 (e - z) / 2
			near(t, "gradient of a word", float64(got[i]), want, 1e-5)
		}
	}
}

// A point's density is the mixture that draws come from, term by term from what the session holds, and adds up to 1.
func TestWordsDensity(t *testing.T) {
	set := clusters(300, 2)
	s := build(t, VQVAE{}, set, map[string]string{"width": "16", "depth": "1", "batch": "8", "words": "20", "memory": "0.9", "lr": "1e-2"})
	if err := s.Train(context.Background(), TrainOptions{Steps: 200}); err != nil {
		t.Fatal(err)
	}
	const h = 0.05
	l := onGrid(t, s, 4, h)
	mass := 0.0
	for _, v := range l {
		mass += math.Exp(v) * h * h
	}
	near(t, "mass", mass, 1, 1e-3)
	// The mean log-density of the model's own draws is minus its entropy, which the same grid gives. 4000 draws, tolerance of five standard errors of about 0.015.
	entropy := 0.0
	for _, v := range l {
		entropy -= math.Exp(v) * v * h * h
	}
	drawn, err := s.Sample(context.Background(), 4000, nil, 3)
	if err != nil {
		t.Fatal(err)
	}
	of, _, err := s.LogLikelihood(context.Background(), drawn)
	if err != nil {
		t.Fatal(err)
	}
	mean := 0.0
	for _, v := range of {
		mean += v / 4000
	}
	near(t, "mean log-density of draws", mean, -entropy, 0.08)
}

// On a map of 2 x 1 places and two words there are four messages: their prior adds up to 1, and the bound of an image is the term of the message that the encoder chooses
// among p(x) = sum p(message) N(x; G(message), variance I).
func TestWordsOfImages(t *testing.T) {
	set := greys(60, 4, 2, 1)
	s := build(t, VQVAE{}, set, map[string]string{"width": "4", "depth": "1", "batch": "4", "words": "2", "word_width": "3", "width_2": "4", "depth_2": "1", "lr": "1e-2"})
	if err := s.Train(context.Background(), TrainOptions{Steps: 60}); err != nil {
		t.Fatal(err)
	}
	d := s.build.sample.drawer.(*decodedWords)
	variance := float64(nn.Data(d.m.variance)[0])
	x := set.Train.Slice(0, 3)
	terms := make([][]float64, 3)
	total := 0.0
	for message := range 4 {
		words := [][]float32{{float32(message % 2), float32(message / 2)}}
		nats := make([]float64, 1)
		if err := d.prior.logP(context.Background(), words, nats); err != nil {
			t.Fatal(err)
		}
		total += math.Exp(nats[0])
		copy(nn.Data(d.at), words[0])
		if err := d.prog.Run(); err != nil {
			t.Fatal(err)
		}
		for i := range terms {
			square := 0.0
			for j, v := range x.Row(i) {
				square += math.Pow(float64(v)-float64(d.prog.Get(d.out)[j]), 2)
			}
			terms[i] = append(terms[i], nats[0]-0.5*(8*math.Log(2*math.Pi*variance)+square/variance))
		}
	}
	near(t, "prior of all messages", total, 1, 1e-5)
	l, exact, err := s.LogLikelihood(context.Background(), x)
	if err != nil || exact {
		t.Fatal(exact, err)
	}
	for i := range l {
		found, sum := false, 0.0
		for _, v := range terms[i] {
			found = found || math.Abs(v-l[i]) < 1e-3
			sum += math.Exp(v)
		}
		if !found || l[i] > math.Log(sum)+1e-3 {
			t.Errorf("image %d: bound %v, its terms are %v", i, l[i], terms[i])
		}
	}
}
