package metrics

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// C2ST1NN is the leave-one-out accuracy of a 1-nearest-neighbour classifier that tells real from fake [lopezpaz2017; xu2018]: the share of pooled rows
// whose nearest other row is of their own kind. c2st_1nn_real and c2st_1nn_fake are the shares among either kind.
//
// 0.5 is best: towards 1 the sets are apart, towards 0 the fakes are copies of reals. Unequal sets are cut to equal numbers at random, as only then
// 0.5 is neutral. N >= 2. Intervals come from scoring parts of the rows again: a binomial one, which forgets that
// neighbours share rows, covers 81 to 91 %.
type C2ST1NN struct{}

var _ Metric = C2ST1NN{}

func (m *C2ST1NN) settings() settings { return nil }

// With returns an error: there are no options.
func (m C2ST1NN) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m C2ST1NN) Info() Info {
	return Info{ID: "c2st_1nn", Domain: anywhere(0), Title: "1-NN two-sample accuracy", Values: []string{"c2st_1nn", "c2st_1nn_real", "c2st_1nn_fake"}, Better: Near, Ideal: 0.5,
		Lo: 0, Hi: 1, Needs: []Need{NeedFeatures}, Symmetric: true, Paper: "lopezpaz2017"}
}

// Compute implements Metric.
func (m C2ST1NN) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	r := newResult(nil)
	q := balanced(&r, p, "c2st_1nn")
	whole, err := m.pass(ctx, q)
	if err != nil {
		return Result{}, err
	}
	r.Values, r.Warnings = whole.Values, append(r.Warnings, whole.Warnings...)
	if same(p) {
		r.degenerate("real and fake are the same rows: every row's nearest neighbour is its copy; compare with another sample")
	}
	n, d := q.Real.Dims()
	err = r.resample(ctx, q, resampling{id: "c2st_1nn", work: 4 * float64(n) * float64(n) * float64(d), bounds: inUnit, score: m.pass})
	return r, err
}

// pass is the values of two sets of equal size.
func (m C2ST1NN) pass(ctx context.Context, p Pair) (Result, error) {
	r := newResult(nil)
	n := min(rows(p.Real), rows(p.Fake))
	var pool mat.Dense
	pool.Stack(p.Real, p.Fake)
	nb, err := numeric.KNN(ctx, &pool, &pool, 1)
	if err != nil {
		return Result{}, fmt.Errorf("c2st_1nn: %w", err)
	}
	own, ties := [2]int{}, 0
	for i, j := range nb.Index {
		if nb.D2[i] == 0 {
			ties++
		}
		if (i < n) == (int(j) < n) {
			own[i/n]++
		}
	}
	r.Values = []Value{
		value("c2st_1nn", float64(own[0]+own[1])/float64(2*n), Near),
		value("c2st_1nn_real", float64(own[0])/float64(n), Near),
		value("c2st_1nn_fake", float64(own[1])/float64(n), Near),
	}
	if ties > 0 && !same(p) {
		r.note("%d rows have an equal row; among equals the first counts: look at duplicates", ties)
	}
	return r, nil
}

// balanced is the features and the groups of p with the larger side cut to the size of the smaller one.
func balanced(r *Result, p Pair, id string) Pair {
	x, y := p.Real, p.Fake
	q := Pair{Real: x, Fake: y, RealGroups: p.RealGroups, FakeGroups: p.FakeGroups, Seed: p.Seed}
	n := min(rows(x), rows(y))
	if rows(x) != rows(y) {
		r.note("%d real and %d fake rows: %d of each used, chosen at random, so that 0.5 is neutral", rows(x), rows(y), n)
	}
	all := sidesOf(&q)
	if rows(x) > n {
		all.real.take(shuffled(x, p.Seed, "metrics", id, "balance")[:n])
	}
	if rows(y) > n {
		all.fake.take(shuffled(y, p.Seed, "metrics", id, "balance")[:n])
	}
	return q
}
