package metrictest

import (
	"errors"
	"testing"

	"github.com/assay-gan/assay/metrics"
)

// Every input of a metric is in the table, the fixture holds and passes all of them, and an empty pair none, which says what to give.
func TestEveryNeedIsInTheTable(t *testing.T) {
	p := Fixture(1)
	for _, n := range metrics.Needs() {
		info := metrics.Info{ID: "m", Needs: []metrics.Need{n}}
		if !n.In(p) || metrics.Check(info, p) != nil {
			t.Errorf("the fixture has no fit %q: %v", n, metrics.Check(info, p))
		}
		if n.In(metrics.Pair{}) || !errors.Is(metrics.Check(info, metrics.Pair{}), metrics.ErrMissing) || n.Remedy(metrics.Pair{}) == "" {
			t.Errorf("%q of an empty pair: there %v, %v, remedy %q", n, n.In(metrics.Pair{}), metrics.Check(info, metrics.Pair{}), n.Remedy(metrics.Pair{}))
		}
	}
	for _, m := range metrics.All() {
		if missing := metrics.Missing(p, m.Info().Needs); len(missing) > 0 {
			t.Errorf("%s needs %q, which no row of the table serves", m.Info().ID, missing)
		}
	}
	if n := metrics.Need("luck"); n.In(p) || !errors.Is(metrics.Check(metrics.Info{ID: "m", Needs: []metrics.Need{n}}, p), metrics.ErrValue) {
		t.Error("a need that is not in the table is taken")
	}
}

// What belongs to the rows of a side moves with them.
func TestTakeMovesEverythingOfASide(t *testing.T) {
	p := Fixture(1)
	q := p.Take([]int{7, 3}, []int{2}, nil)
	for what, same := range map[string]bool{
		"features":      q.Real.At(0, 1) == p.Real.At(7, 1) && q.Real.At(1, 1) == p.Real.At(3, 1) && q.Fake.At(0, 0) == p.Fake.At(2, 0),
		"probabilities": q.RealProbs.At(1, 2) == p.RealProbs.At(3, 2) && q.FakeProbs.At(0, 1) == p.FakeProbs.At(2, 1),
		"labels":        q.RealLabels[0] == p.RealLabels[7] && q.FakeLabels[0] == p.FakeLabels[2],
		"images":        q.RealImages.N == 2 && q.RealImages.At(0)[5] == p.RealImages.At(7)[5] && q.FakeImages.At(0)[5] == p.FakeImages.At(2)[5],
		"sentences":     len(q.RealSentences) == 2 && &q.FakeSentences[0][0] == &p.FakeSentences[2][0],
		"training rows": q.Train == p.Train,
	} {
		if !same {
			t.Errorf("%s do not go with their rows", what)
		}
	}
}
