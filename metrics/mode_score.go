package metrics

import (
	"context"
	"math"
)

// ModeScore returns the mode score [che2017],
//
//	exp(1/N sum_i KL(p(y|x_i) || p(y)) - KL(p(y) || p*(y))),  p*: the class marginal of the real data
//
// in the form in which it is the Inception Score times a penalty for missing classes, equal to it where the marginals agree. It is +-Inf nowhere: a
// class that the data never have (p* = 0) but the fakes show gives 0. Between 0 and the number of classes; no splits.
type ModeScore struct{}

var _ Metric = ModeScore{}

// With refuses every name: there are no options.
func (m ModeScore) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m ModeScore) Info() Info {
	return Info{ID: "mode_score", Domain: classes(), Title: "mode score", Values: []string{"mode_score"}, Better: Higher, Ideal: math.Inf(1), Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedProbs, NeedRealProbs}, Paper: "che2017"}
}

// Compute implements Metric.
func (m ModeScore) Compute(_ context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	lp := fakeLog(p)
	real := realMarginal(p)
	sum, neg := marginal(lp, identity(rows(lp)))
	n, total := float64(len(neg)), 0.0
	for _, v := range neg {
		total += v
	}
	score := func(neg, n float64, without []float64) float64 {
		return math.Exp(neg/n + marginalEntropy(sum, without, n) - klFrom(sum, without, n, real))
	}
	v, loo := score(total, n, nil), make([]float64, len(neg))
	for i := range loo {
		loo[i] = score(total-neg[i], n-1, lp.RawRowView(i))
	}
	r := newResult(nil, value("mode_score", v, Higher).withinOr(around(v, jackknifeSE(loo), 0, math.Inf(1), "jackknife"), "not defined without some row"))
	r.convention("input", "%s", classInput(p))
	if v == 0 {
		r.degenerate("the fakes show a class that the real marginal gives probability 0: the divergence is infinite")
	}
	return r, nil
}
