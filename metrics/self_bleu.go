package metrics

import (
	"context"
	"math"
)

// SelfBLEU returns how alike the fake sentences are [zhu2018]: the mean over sentences of the BLEU score [papineni2002] of one sentence with all others as references.
//
//	BLEU = b (prod_{n=1..N} p_n)^(1/N),   p_n = sum_g min(count(g), largest count(g) in a reference) / number of n-grams
//	b = 1, or exp(1 - r/c) for a sentence of c tokens whose nearest reference in length has r > c
//
// An n-gram order without any match counts as 0.1 matches (Chen and Cherry's first smoothing, as in the reference implementation); orders that are longer than the
// sentence are left out. At most Sentences sentences are taken, the first ones, as hypotheses and as references. 1 means that every sentence is made of the others.
// self_bleu_real is that of the real sentences, as many of them.
type SelfBLEU struct{ N, Sentences int }

func (m *SelfBLEU) settings() settings {
	return settings{
		intSetting("n", &m.N, 3, 1, "longest n-gram N"),
		intSetting("sentences", &m.Sentences, 500, 2, "most sentences that are compared, the first ones"),
	}
}

var _ Metric = SelfBLEU{}

// With returns a copy with one option changed.
func (m SelfBLEU) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m SelfBLEU) Info() Info {
	return Info{ID: "self_bleu", Domain: fixed("tokens: whole numbers from 0, which are names"), Title: "self-BLEU", Values: []string{"self_bleu", "self_bleu_real"}, Better: Lower, Ideal: 0, Lo: 0, Hi: 1,
		Needs: []Need{NeedSentences}, Paper: "zhu2018", Options: m.settings().options()}
}

// Compute implements Metric.
func (m SelfBLEU) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	v, err := m.mean(ctx, p.FakeSentences)
	if err != nil {
		return Result{}, err
	}
	r := newResult(m.settings(), value("self_bleu", v, Lower).withinOr(nil, "every sentence is a reference of all others, so that the scores are not independent"))
	if p.RealSentences == nil {
		return r, nil
	}
	if err := checkSentences("real sentences", p.RealSentences, 2); err != nil {
		return Result{}, err
	}
	if v, err = m.mean(ctx, p.RealSentences); err != nil {
		return Result{}, err
	}
	r.Values = append(r.Values, value("self_bleu_real", v, None))
	return r, nil
}

// two are the two largest counts of an n-gram in different sentences, and whose the largest is: the largest count in the others follows for every sentence.
type two struct{ first, second, of int }

func (m SelfBLEU) mean(ctx context.Context, s Sentences) (float64, error) {
	s = s[:min(len(s), m.Sentences)]
	counts := make([][]map[ngram]int, len(s)) // of each sentence, by n-1
	largest := map[ngram]two{}
	lengths := map[int]int{}
	for i, row := range s {
		lengths[len(row)]++
		for n := 1; n <= m.N; n++ {
			c := ngrams(row, n)
			counts[i] = append(counts[i], c)
			for g, k := range c {
				t := largest[g]
				switch {
				case k > t.first:
					t = two{k, t.first, i}
				case k > t.second:
					t.second = k
				}
				largest[g] = t
			}
		}
	}
	sum := 0.0
	for i, row := range s {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		lengths[len(row)]--
		sum += brevity(len(row), lengths) * m.precision(counts[i], len(row), func(g ngram) int {
			t := largest[g]
			if t.of == i {
				return t.second
			}
			return t.first
		})
		lengths[len(row)]++
	}
	return sum / float64(len(s)), nil
}

// precision is the geometric mean of the clipped precisions; others is the largest count of an n-gram in a reference.
func (m SelfBLEU) precision(counts []map[ngram]int, length int, others func(ngram) int) float64 {
	logs, orders := 0.0, 0
	for n := 1; n <= min(m.N, length); n++ {
		hits := 0
		for g, k := range counts[n-1] {
			hits += min(k, others(g))
		}
		logs += math.Log(max(0.1, float64(hits)) / float64(length-n+1))
		orders++
	}
	return math.Exp(logs / float64(orders))
}

// brevity is the penalty of a sentence of c tokens against references of the given lengths; of two equally near ones the shorter counts.
func brevity(c int, lengths map[int]int) float64 {
	near := -1
	for l, n := range lengths {
		if n == 0 {
			continue
		}
		d, best := max(l-c, c-l), max(near-c, c-near)
		if near < 0 || d < best || d == best && l < near {
			near = l
		}
	}
	if near <= c {
		return 1
	}
	return math.Exp(1 - float64(near)/float64(c))
}
