package metrics

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"
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
	return Info{ID: "mode_score", Title: "mode score", Values: []string{"mode_score"}, Better: Higher, Ideal: math.Inf(1), Lo: 0, Hi: math.Inf(1),
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
	r := newResult(nil, value("mode_score", v, Higher).within(around(v, jackknifeSE(loo), 0, math.Inf(1), "jackknife")))
	r.convention("input", "%s", classInput(p))
	if v == 0 {
		r.degenerate("the fakes show a class that the real marginal gives probability 0: the divergence is infinite")
	}
	return r, nil
}

// realMarginal is the mean of p(y|x) over the real samples.
func realMarginal(p Pair) []float64 {
	n, c := p.RealProbs.Dims()
	out := make([]float64, c)
	total := 0.0
	for i := range n {
		for j, v := range p.RealProbs.RawRowView(i) {
			out[j] += v
			total += v
		}
	}
	for j := range out {
		out[j] /= total
	}
	return out
}

// klFrom is KL((sum - exp(without))/n || q).
func klFrom(sum, without []float64, n float64, q []float64) float64 {
	kl := 0.0
	for j, s := range sum {
		if without != nil {
			s -= math.Exp(without[j])
		}
		if s > 1e-300 {
			if q[j] == 0 {
				return math.Inf(1)
			}
			kl += s / n * math.Log(s/n/q[j])
		}
	}
	return kl
}

// identity is 0..n-1.
func identity(n int) []int {
	o := make([]int, n)
	for i := range o {
		o[i] = i
	}
	return o
}

// AMScore returns the activation maximisation score [zhou2018]: lower is better, 0 for one-hot predictions spread like the real classes.
//
//	KL(p*(y) || p(y)) + 1/N sum_i H(p(y|x_i))   in nats, p*: the class marginal of the real data
type AMScore struct{}

var _ Metric = AMScore{}

// With refuses every name: there are no options.
func (m AMScore) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m AMScore) Info() Info {
	return Info{ID: "am_score", Title: "AM score", Values: []string{"am_score"}, Better: Lower, Ideal: 0, Lo: 0, Hi: math.Inf(1),
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
	r.Values = append(r.Values, value("am_score", max(0, v), Lower).in("nats").within(around(v, jackknifeSE(loo), 0, math.Inf(1), "jackknife")))
	return r, nil
}

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
	return Info{ID: "m_is", Title: "modified Inception Score", Values: []string{"m_is"}, Better: Higher, Ideal: math.Inf(1), Lo: 1, Hi: math.Inf(1),
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
	v := value("m_is", mean, Higher)
	if len(scores) > 1 {
		_, se := meanSE(scores)
		v = v.within(around(mean, se, 1, math.Inf(1), "normal over classes"))
	}
	r.Values = append(r.Values, v)
	return r, nil
}

// classesOf groups rows by label, or by their largest entry.
func classesOf(lp *mat.Dense, labels []int) [][]int {
	var by [][]int
	for i := range rows(lp) {
		k := 0
		if labels != nil {
			k = labels[i]
		} else {
			k = argmax(lp.RawRowView(i))
		}
		for len(by) <= k {
			by = append(by, nil)
		}
		by[k] = append(by[k], i)
	}
	return by
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

// ClassEntropy returns the entropy of the fakes' class marginal, in nats, and its gap to the real one where real probabilities are given (negative:
// the fakes are spread over fewer classes). The interval is a jackknife. At most the logarithm of the number of classes.
type ClassEntropy struct{}

var _ Metric = ClassEntropy{}

// With refuses every name: there are no options.
func (m ClassEntropy) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m ClassEntropy) Info() Info {
	return Info{ID: "class_entropy", Title: "entropy of the class marginal", Values: []string{"class_entropy", "class_entropy_gap"}, Better: Higher,
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
