package metrics

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"
)

// ClassModes counts the classes that a classifier finds among the fakes, each fake counted for its likeliest class [metz2017, srivastava2017]: the modes of stacked MNIST.
//
//	class_modes     classes with at least Least fakes; a random sampler of all K finds K (1 - exp(-N/K)) of them
//	class_modes_kl  KL(p || uniform) = ln K - H(p) in nats, p the shares of the classes; a perfect sampler has about (K-1)/2N
//
// It needs at least 1 row. Published tables use 26 000 fakes of 1000 classes. What the classifier takes for another class counts as that: its own errors find classes too.
// class_modes_kl has a jackknife interval.
type ClassModes struct{ Least int }

func (m *ClassModes) settings() settings {
	return settings{intSetting("least", &m.Least, 1, 1, "fakes that a class needs to be counted")}
}

var _ Metric = ClassModes{}

// With returns a copy with one option changed.
func (m ClassModes) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m ClassModes) Info() Info {
	return Info{ID: "class_modes", Domain: classes(), Title: "classes found among the fakes", Values: []string{"class_modes", "class_modes_kl"}, Better: Higher,
		Ideal: math.Inf(1), Lo: 0, Hi: math.Inf(1), Needs: []Need{NeedProbs}, Paper: "metz2017", Options: m.settings().options()}
}

// Compute implements Metric.
func (m ClassModes) Compute(_ context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	x := p.FakeProbs
	if p.FakeLogits != nil {
		x = p.FakeLogits
	}
	n, k := x.Dims()
	s := modeStats{counts: likeliest(x), good: n}
	kl := reverseKL(s.counts, -1)
	r := newResult(m.settings(),
		value("class_modes", float64(s.seen(float64(m.Least))), Higher).in("classes").
			withinOr(nil, "a count over these samples; of classes that get less than a share of %.2g, one in twenty or more is missed", -math.Log(.05)/float64(n)),
		value("class_modes_kl", kl, Lower).in("nats").withinOr(s.jackknife(kl, reverseKL), "fewer than 3 fakes"))
	r.convention("K", "%d", k)
	r.convention("kl floor", "%.4g", float64(k-1)/(2*float64(n)))
	if n < 10*k {
		r.note("%d fakes for %d classes: a perfect generator finds about %.0f of them; published numbers are of 26 a class", n, k, float64(k)*(1-math.Exp(-float64(n)/float64(k))))
	}
	return r, nil
}

// likeliest counts the rows whose largest value is in each column, the first of equal ones.
func likeliest(x *mat.Dense) []int {
	n, k := x.Dims()
	counts := make([]int, k)
	for i := range n {
		best := 0
		for j, v := range x.RawRowView(i) {
			if v > x.At(i, best) {
				best = j
			}
		}
		counts[best]++
	}
	return counts
}
