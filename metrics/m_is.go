package metrics

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"
)

// MIS returns the modified Inception Score [gurumurthy2017], the diversity of predictions inside a class, averaged over classes:
//
//	exp(1/n^2 sum_i sum_j KL(p(y|x_i) || p(y|x_j))),  x_i, x_j of one class
//
// Classes are FakeLabels where given, else the predicted ones. At least 1; a class of fewer than two samples has none and is left out. Rows with a
// probability of exactly 0 make it infinite: give logits.
type MIS struct{}

var _ Metric = MIS{}

// With refuses every name: there are no options.
func (m MIS) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m MIS) Info() Info {
	return Info{ID: "m_is", Domain: classes(), Title: "modified Inception Score", Values: []string{"m_is"}, Better: Higher, Ideal: math.Inf(1), Lo: 1, Hi: math.Inf(1),
		Needs: []Need{NeedProbs}, Paper: "gurumurthy2017"}
}

// Compute implements Metric.
func (m MIS) Compute(_ context.Context, p Pair) (Result, error) {
	info := m.Info()
	if p.FakeLabels != nil {
		info.Needs = append(info.Needs, NeedFakeLabels)
	}
	if err := Check(info, p); err != nil {
		return Result{}, err
	}
	lp := fakeLog(p)
	by := classesOf(lp, p.FakeLabels)
	r := newResult(nil)
	r.convention("input", "%s", classInput(p))
	r.convention("classes", "%s", map[bool]string{true: "predicted", false: "labels"}[p.FakeLabels == nil])
	var scores []float64
	for _, members := range by {
		if len(members) > 1 {
			scores = append(scores, math.Exp(max(0, withinClass(lp, members))))
		}
	}
	if len(scores) == 0 {
		r.Status = Failed
		r.note("no class has two samples: draw more")
		return r, nil
	}
	mean, _ := meanStd(scores, 0)
	if math.IsInf(mean, 1) {
		r.Status = Failed
		r.note("some rows give a class probability 0, where the divergence is infinite: give logits")
		return r, nil
	}
	_, se := meanSE(scores)
	r.Values = append(r.Values, value("m_is", mean, Higher).
		withinOr(around(mean, se, 1, math.Inf(1), "normal over classes"), "one class only: the spread over classes is not known"))
	return r, nil
}

// withinClass is the mean divergence of all ordered pairs: mean of sum p ln p minus the product of the means of p and ln p.
func withinClass(lp *mat.Dense, members []int) float64 {
	_, c := lp.Dims()
	p, l := make([]float64, c), make([]float64, c)
	neg, n := 0.0, float64(len(members))
	for _, i := range members {
		for j, v := range lp.RawRowView(i) {
			p[j] += math.Exp(v) / n
			l[j] += v / n
			neg += plogp(v) / n
		}
	}
	for j := range p {
		if p[j] > 0 {
			neg -= p[j] * l[j]
		}
	}
	return neg
}
