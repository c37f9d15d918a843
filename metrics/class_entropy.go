package metrics

import (
	"context"
	"math"
)

// ClassEntropy returns the entropy of the fakes' class marginal, in nats, and its gap to the real one where real probabilities are given (negative:
// the fakes are spread over fewer classes). The interval is a jackknife. At most the logarithm of the number of classes.
type ClassEntropy struct{}

var _ Metric = ClassEntropy{}

// With refuses every name: there are no options.
func (m ClassEntropy) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m ClassEntropy) Info() Info {
	return Info{ID: "class_entropy", Domain: classes(), Title: "entropy of the class marginal", Values: []string{"class_entropy", "class_entropy_gap"}, Better: Higher,
		Ideal: math.Inf(1), Lo: 0, Hi: math.Inf(1), Needs: []Need{NeedProbs}, Paper: "borji2019"}
}

// Compute implements Metric.
func (m ClassEntropy) Compute(_ context.Context, p Pair) (Result, error) {
	info := m.Info()
	if p.RealProbs != nil {
		info.Needs = append(info.Needs, NeedRealProbs)
	}
	if err := Check(info, p); err != nil {
		return Result{}, err
	}
	lp := fakeLog(p)
	n, c := lp.Dims()
	sum, _ := marginal(lp, identity(n))
	h := marginalEntropy(sum, nil, float64(n))
	loo := make([]float64, n)
	for i := range loo {
		loo[i] = marginalEntropy(sum, lp.RawRowView(i), float64(n-1))
	}
	se := jackknifeSE(loo)
	r := newResult(nil, value("class_entropy", h, Higher).in("nats").within(around(h, se, 0, math.Log(float64(c)), "jackknife")))
	if p.RealProbs != nil {
		gap := h - entropy(realMarginal(p))
		r.Values = append(r.Values, value("class_entropy_gap", gap, Near).in("nats").within(around(gap, se, math.Inf(-1), math.Inf(1), "jackknife, real fixed")))
	}
	r.convention("input", "%s", classInput(p))
	return r, nil
}
