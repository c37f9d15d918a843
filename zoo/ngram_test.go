package zoo

import (
	"math"

	"github.com/assay-gan/assay/datasets"
)

// trigram is a language model of words, smoothed by interpolation with its shorter relatives: a judge of sentences that knows nothing of the networks.
//
//	p(w | u v) = (c(u v w) + k p(w | v)) / (c(u v) + k),   down to the uniform distribution; k = 2
type trigram struct {
	v      *datasets.Vocabulary
	counts map[[3]int]float64 // of words after two others; -1 stands for a shorter context, -2 for the start
	totals map[[2]int]float64
}

func newTrigram(s *datasets.Samples, v *datasets.Vocabulary) *trigram {
	m := &trigram{v, map[[3]int]float64{}, map[[2]int]float64{}}
	for i := range s.Len() {
		m.walk(s.Row(i), func(u, v, w int) {
			for _, c := range [][2]int{{u, v}, {-1, v}, {-1, -1}} {
				m.counts[[3]int{c[0], c[1], w}]++
				m.totals[c]++
			}
		})
	}
	return m
}

// walk visits every word of a row with the two before it, the end included.
func (m *trigram) walk(row []float32, visit func(u, v, w int)) {
	u, v := -2, -2
	for _, x := range row {
		w := int(x)
		visit(u, v, w)
		if w == m.v.End {
			return
		}
		u, v = v, w
	}
}

func (m *trigram) p(u, v, w int) float64 {
	p := 1 / float64(m.v.Size)
	for _, c := range [][2]int{{-1, -1}, {-1, v}, {u, v}} {
		p = (m.counts[[3]int{c[0], c[1], w}] + 2*p) / (m.totals[c] + 2)
	}
	return p
}

// perplexity is exp of the mean of -log p over the words of all rows.
func (m *trigram) perplexity(s *datasets.Samples) float64 {
	sum, n := 0.0, 0.0
	for i := range s.Len() {
		m.walk(s.Row(i), func(u, v, w int) {
			sum -= math.Log(m.p(u, v, w))
			n++
		})
	}
	return math.Exp(sum / n)
}
