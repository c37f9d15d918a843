package metrics

import (
	"context"
	"errors"
	"math"
	"testing"
)

func sentenceValues(t *testing.T, m Metric, p Pair) map[string]float64 {
	t.Helper()
	r, err := m.Compute(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, v := range r.Values {
		got[v.Name] = v.Value
	}
	return got
}

// By hand. a = 1 2 3, b = 1 2 4: for each two of three tokens and one of two pairs are in the other: sqrt(2/3 * 1/2).
// 1 1 1 against 1 2 2: one of the three ones is covered, no pair: sqrt(1/3 * 0.1/2); 1 2 2 against 1 1 1: the same.
// 1 2 against 1 2 3: sqrt(1 * 1) exp(1 - 3/2); 1 2 3 against 1 2: sqrt(2/3 * 1/2), no penalty.
// Three times the same: 1. With N = 1 the first is 2/3. A sentence of one token has no pairs: 7 against 7 8 is 1 exp(1 - 2), 7 8 against 7 is sqrt(1/2 * 0.1/1).
func TestSelfBLEU(t *testing.T) {
	first := math.Sqrt(2. / 3 * 1 / 2)
	for _, c := range []struct {
		s    Sentences
		n    int
		want float64
	}{
		{Sentences{{1, 2, 3}, {1, 2, 4}}, 2, first},
		{Sentences{{1, 2, 3}, {1, 2, 4}}, 1, 2. / 3},
		{Sentences{{1, 1, 1}, {1, 2, 2}}, 2, math.Sqrt(1. / 3 * 0.1 / 2)},
		{Sentences{{1, 2}, {1, 2, 3}}, 2, (math.Exp(-0.5) + first) / 2},
		{Sentences{{4, 5, 6}, {4, 5, 6}, {4, 5, 6}}, 3, 1},
		{Sentences{{7}, {7, 8}}, 2, (math.Exp(-1) + math.Sqrt(0.05)) / 2},
		{Sentences{{1, 2, 3}, {1, 2, 4}, {9, 9, 9}}, 1, (2./3 + 2./3 + 0.1/3) / 3},
	} {
		got := sentenceValues(t, SelfBLEU{N: c.n, Sentences: 100}, Pair{FakeSentences: c.s})["self_bleu"]
		if math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v, N = %d: %v, want %v", c.s, c.n, got, c.want)
		}
	}
	two := sentenceValues(t, SelfBLEU{N: 2, Sentences: 2}, Pair{FakeSentences: Sentences{{1, 2, 3}, {1, 2, 4}, {8, 8, 8}}})["self_bleu"]
	if math.Abs(two-first) > 1e-12 {
		t.Errorf("the first two of three: %v, want %v", two, first)
	}
}

// 1 2 1 2 and 1 2 3: tokens 1 2 3 of seven; pairs 12 21 23 of five.
func TestDistinct(t *testing.T) {
	p := Pair{FakeSentences: Sentences{{1, 2, 1, 2}, {1, 2, 3}}, RealSentences: Sentences{{1, 2}, {3, 4}}}
	got := sentenceValues(t, Distinct{N: 2}, p)
	for name, want := range map[string]float64{"distinct": 3. / 5, "distinct_1": 3. / 7, "distinct_real": 1} {
		if math.Abs(got[name]-want) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, got[name], want)
		}
	}
}

func TestSentencesRefused(t *testing.T) {
	for _, c := range []struct {
		s    Sentences
		want error
	}{{nil, ErrMissing}, {Sentences{{1}}, ErrTooFew}, {Sentences{{1}, {}}, ErrShape}, {Sentences{{1}, {2, -1}}, ErrValue}} {
		for _, m := range []Metric{Distinct{N: 2}, SelfBLEU{N: 2, Sentences: 10}} {
			if _, err := m.Compute(context.Background(), Pair{FakeSentences: c.s}); !errors.Is(err, c.want) {
				t.Errorf("%s of %v: %v", m.Info().ID, c.s, err)
			}
		}
	}
}
