package datasettest

import (
	"context"
	"math"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/rng"
)

// sequences: a set of that kind has a vocabulary, its rows are tokens of it that can be written down and read again, and what its oracle says of them it says of its
// own sentences too.
func (c *checker) sequences(ctx context.Context, s *datasets.Set) {
	v := s.Vocabulary
	if (s.Info.Kind == datasets.Sequences) != (v != nil) {
		c.breach("kind %s, vocabulary %t", s.Info.Kind, v != nil)
	}
	if v == nil {
		return
	}
	if v.Words != nil && len(v.Words) != v.Size || v.End >= v.Size || v.Unknown >= v.Size {
		c.breach("%d words for %d tokens, end %d, unknown %d", len(v.Words), v.Size, v.End, v.Unknown)
		return
	}
	for _, p := range splits(s) {
		if err := v.Check(p.s); err != nil {
			c.breach("%s: %v", p.name, err)
			return
		}
	}
	c.readAgain(v, s.Test)
	if s.Oracle != nil {
		c.oracle(ctx, s.Oracle, s.Test)
	}
}

func (c *checker) readAgain(v *datasets.Vocabulary, s *datasets.Samples) {
	for i := range s.Len() {
		if slices.Contains(s.Row(i), float32(v.Unknown)) {
			continue // the word is lost
		}
		row, err := v.Row(v.Text(s.Row(i)), s.Dim())
		if err != nil || !slices.Equal(row, s.Row(i)) {
			c.breach("sample %d is written %q, which is read as %v (%v)", i, v.Text(s.Row(i)), row, err)
			return
		}
	}
}

// oracle: the mean log-probability of the samples is that of fresh sentences.
func (c *checker) oracle(ctx context.Context, o *datasets.Oracle, s *datasets.Samples) {
	fresh, err := o.Sample(ctx, 500, rng.Stream(1, "datasettest", "oracle"))
	if err != nil {
		c.breach("oracle: %v", err)
		return
	}
	mean := func(s *datasets.Samples) (m, se float64) {
		logs, err := o.LogProb(ctx, s)
		if err != nil {
			c.breach("oracle: %v", err)
			return 0, math.Inf(1)
		}
		square := 0.0
		for _, l := range logs {
			m += l / float64(len(logs))
			square += l * l / float64(len(logs))
		}
		return m, math.Sqrt(max(0, square-m*m) / float64(len(logs)))
	}
	a, sa := mean(s)
	b, sb := mean(fresh)
	if math.Abs(a-b) > limit*math.Hypot(sa, sb) {
		c.breach("the oracle gives the samples a mean log-probability of %.4g, its own sentences %.4g", a, b)
	}
}
