package zoo

import (
	"context"
	"math"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/testutil"
)

// nllOracle is the mean negative log-probability of a sentence under the true language, of 4000 sentences: its standard error is below 0.1 nats.
func nllOracle(t *testing.T, s *Session, set *datasets.Set) float64 {
	t.Helper()
	x, err := s.Sample(context.Background(), 4000, nil, 5)
	if err != nil {
		t.Fatal(err)
	}
	logs, err := set.Oracle.LogProb(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, l := range logs {
		sum -= l / float64(len(logs))
	}
	return sum
}

func long(t *testing.T) {
	t.Helper()
	if !testutil.Long() {
		t.Skip("trains for minutes: set ASSAY_LONG=1")
	}
}

// The adversarial phase lowers the oracle's NLL [yu2017]: below its value after maximum likelihood for every seed, and in the mean below what as many further steps of
// maximum likelihood reach. A language of 30 words and sentences of 10.
func TestSeqGANLowersOracleNLL(t *testing.T) {
	long(t)
	set, err := datasets.OracleSet{}.Load(t.Context(), datasets.Options{Seed: 1, Params: map[string]float64{"vocabulary": 30, "length": 10}})
	if err != nil {
		t.Fatal(err)
	}
	train := func(s *Session, steps int) float64 {
		if err := s.Train(context.Background(), TrainOptions{Steps: steps}); err != nil {
			t.Fatal(err)
		}
		return nllOracle(t, s, set)
	}
	var after, further float64
	const seeds = 3
	for seed := uint64(1); seed <= seeds; seed++ {
		start := func(m Model, pretrain string) *Session {
			s, err := New(m, Config{Set: set, Seed: seed, Settings: map[string]string{"width": "24", "ema": "0.99", "pretrain": pretrain}})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		adversarial, likelihood := start(SeqGAN{}, "4000"), start(SeqGAN{}, "1e9")
		mle := train(adversarial, 4000)
		end, control := train(adversarial, 5000), train(likelihood, 5000)
		t.Logf("seed %d: NLL_oracle %.2f after maximum likelihood, %.2f after the adversarial phase, %.2f after as many further steps of maximum likelihood", seed, mle, end, control)
		if end >= mle {
			t.Errorf("seed %d: the adversarial phase raised NLL_oracle from %.3f to %.3f", seed, mle, end)
		}
		after, further = after+end/seeds, further+control/seeds
	}
	if after >= further {
		t.Errorf("NLL_oracle is %.3f in the mean, further maximum likelihood reaches %.3f", after, further)
	}
}

// A VAE of sentences [bowman2016]: the codes of two lines give the lines back, and half-way between them are lines that a language model of the corpus finds likelier
// than those of random codes.
func TestSentencesBetweenSentences(t *testing.T) {
	long(t)
	set, err := datasets.Verses{}.Load(t.Context(), datasets.Options{Seed: 1, Train: 150, Params: map[string]float64{"common": 4}})
	if err != nil {
		t.Fatal(err)
	}
	s := build(t, SentenceVAE{}, set, map[string]string{"width": "64", "batch": "32", "anneal": "1000", "lr": "3e-3", "steps": "2500"})
	if err := s.Train(context.Background(), TrainOptions{}); err != nil {
		t.Fatal(err)
	}
	z, err := s.Encode(context.Background(), set.Train)
	if err != nil {
		t.Fatal(err)
	}
	said, err := s.Decode(context.Background(), z, nil)
	if err != nil {
		t.Fatal(err)
	}
	hits, words := 0, 0
	for i := range set.Train.Len() {
		for k, w := range set.Train.Row(i) {
			if int(w) == set.Vocabulary.End {
				break
			}
			words++
			if said.Row(i)[k] == w {
				hits++
			}
		}
	}
	if share := float64(hits) / float64(words); share < 0.9 {
		t.Errorf("%.3f of the words come back", share)
	}
	k, n := s.LatentWidth(), set.Train.Len()
	middle := make([]float32, 0, n*k)
	for i := range n {
		j := (i + n/2) % n
		for c := range k {
			middle = append(middle, (z[i*k+c]+z[j*k+c])/2)
		}
	}
	between, err := s.Decode(context.Background(), middle, nil)
	if err != nil {
		t.Fatal(err)
	}
	random, err := s.Sample(context.Background(), n, nil, 3)
	if err != nil {
		t.Fatal(err)
	}
	judge := newTrigram(set.Train, set.Vocabulary)
	a, b := judge.perplexity(between), judge.perplexity(random)
	t.Logf("perplexity %.1f between two lines, %.1f of random codes, %.1f of the lines", a, b, judge.perplexity(set.Train))
	if a >= b {
		t.Errorf("perplexity %.1f between two lines, %.1f of random codes", a, b)
	}
	if first := set.Vocabulary.Text(said.Row(0)); first == "" || math.IsNaN(a) {
		t.Errorf("%q, %v", first, a)
	}
}
