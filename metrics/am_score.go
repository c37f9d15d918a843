package metrics

import (
	"context"
	"math"
)

// AMScore returns the activation maximisation score [zhou2018]: lower is better, 0 for one-hot predictions spread like the real classes.
//
//	KL(p*(y) || p(y)) + 1/N sum_i H(p(y|x_i))   in nats, p*: the class marginal of the real data
type AMScore struct{}

var _ Metric = AMScore{}

// With refuses every name: there are no options.
func (m AMScore) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m AMScore) Info() Info {
	return Info{ID: "am_score", Domain: classes(), Title: "AM score", Values: []string{"am_score"}, Better: Lower, Ideal: 0, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedProbs, NeedRealProbs}, Paper: "zhou2018"}
}

// Compute implements Metric.
func (m AMScore) Compute(_ context.Context, p Pair) (Result, error) {
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
		kl := 0.0
		for j, s := range sum {
			if without != nil {
				s -= math.Exp(without[j])
			}
			if real[j] > 0 {
				kl += real[j] * math.Log(real[j]/max(0, s/n))
			}
		}
		return kl - neg/n
	}
	v := score(total, n, nil)
	r := newResult(nil)
	r.convention("input", "%s", classInput(p))
	if math.IsInf(v, 1) {
		r.Status = Failed
		r.note("the fakes give a class of the data probability 0: the divergence is infinite; see mode_score or class_entropy")
		return r, nil
	}
	loo := make([]float64, len(neg))
	for i := range loo {
		loo[i] = score(total-neg[i], n-1, lp.RawRowView(i))
	}
	r.Values = append(r.Values, value("am_score", max(0, v), Lower).in("nats").withinOr(around(v, jackknifeSE(loo), 0, math.Inf(1), "jackknife"),
		"without some row the fakes give a class of the data probability 0"))
	return r, nil
}
