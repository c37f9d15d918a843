package metrics

import (
	"context"
	"math"
)

// NSDC returns the number of statistically different classes: the test of [richardson2018] over classes in place of bins, each
// sample counted for its most probable class.
//
//	nsdc        classes whose share of fakes differs from their share of reals at level Alpha
//	nsdc_share  nsdc / classes
//	nsdc_js     Jensen-Shannon divergence of the two class histograms, in nats
type NSDC struct{ Alpha float64 }

func (m *NSDC) settings() settings {
	return settings{floatSetting("alpha", &m.Alpha, 0.05, 1e-12, 1, "level of the test of a class")}
}

var _ Metric = NSDC{}

// With returns a copy with one option changed.
func (m NSDC) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m NSDC) Info() Info {
	return Info{ID: "nsdc", Domain: classes(), Title: "number of statistically different classes", Values: []string{"nsdc", "nsdc_share", "nsdc_js"}, Better: Lower, Ideal: 0,
		Lo: 0, Hi: math.Inf(1), Needs: []Need{NeedProbs, NeedRealProbs}, Paper: "richardson2018", Options: m.settings().options()}
}

// Compute implements Metric.
func (m NSDC) Compute(_ context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	fake, real := classesOf(fakeLog(p), nil), classesOf(p.RealProbs, nil)
	_, k := p.RealProbs.Dims()
	count := func(by [][]int) []int {
		c := make([]int, k)
		for j, members := range by {
			c[j] = len(members)
		}
		return c
	}
	a, b := count(real), count(fake)
	t := CompareBins(a, b, m.Alpha)
	r := newResult(m.settings(), t.values("nsdc", "classes", a, b)...)
	missing := 0
	for j := range a {
		if a[j] > 0 && b[j] == 0 {
			missing++
		}
	}
	if missing > 0 {
		r.note("%d of %d classes of the data never appear among the fakes", missing, k)
	}
	return r, nil
}
