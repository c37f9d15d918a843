package metrics

import "context"

// Distinct returns the number of different n-grams of the fake sentences over the number of all [li2016]: near 1 for sentences that share nothing, near 0 for one
// sentence again and again. distinct_1 is the same for single tokens, distinct_real that of the real sentences where they are given: the value falls with the number of
// sentences, so compare equal numbers. No bounds: it counts all sentences together.
type Distinct struct{ N int }

func (m *Distinct) settings() settings {
	return settings{intSetting("n", &m.N, 2, 1, "tokens of an n-gram")}
}

var _ Metric = Distinct{}

// With returns a copy with one option changed.
func (m Distinct) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m Distinct) Info() Info {
	return Info{ID: "distinct", Domain: fixed("tokens: whole numbers from 0, which are names"), Title: "different n-grams", Values: []string{"distinct", "distinct_1", "distinct_real"}, Better: Higher, Ideal: 1, Lo: 0, Hi: 1,
		Needs: []Need{NeedSentences}, Paper: "li2016", Options: m.settings().options()}
}

// Compute implements Metric.
func (m Distinct) Compute(_ context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	const why = "a ratio of counts over all sentences together, which falls with their number"
	r := newResult(m.settings(), value("distinct", distinctShare(p.FakeSentences, m.N), Higher).withinOr(nil, why),
		value("distinct_1", distinctShare(p.FakeSentences, 1), Higher).withinOr(nil, why))
	if p.RealSentences != nil {
		if err := checkSentences("real sentences", p.RealSentences, 1); err != nil {
			return Result{}, err
		}
		r.Values = append(r.Values, value("distinct_real", distinctShare(p.RealSentences, m.N), None))
		if len(p.RealSentences) != len(p.FakeSentences) {
			r.note("%d fake and %d real sentences: the more there are the lower the value", len(p.FakeSentences), len(p.RealSentences))
		}
	}
	return r, nil
}

// distinctShare is 0 where no sentence is as long as n.
func distinctShare(s Sentences, n int) float64 {
	seen, total := map[ngram]bool{}, 0
	for _, row := range s {
		for g, k := range ngrams(row, n) {
			seen[g] = true
			total += k
		}
	}
	return float64(len(seen)) / float64(max(1, total))
}
