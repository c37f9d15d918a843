package metrics

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/fault"
)

// FDClass is the mean over classes of the Frechet distance between the real and the fake rows of that class (also called intra-FID):
//
//	1/C sum_c FD(real with label c, fake with label c)
//
// fd_class_worst is the largest of them. It needs features and labels on both sides and at least 2 rows of every class on both; a class with fewer
// is an error that names it. It sees class confusion and dropping within a class, which the pooled distance may miss. Range [0, inf), biased upwards
// more than FD as each class has few rows. The interval sums the classes' variances, which are independent.
type FDClass struct {
	Population bool // covariances divide by N and not by N - 1
}

var _ Metric = FDClass{}

func (m *FDClass) settings() settings { return settings{ddofSetting(&m.Population)} }

// With returns a copy with one option changed.
func (m FDClass) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m FDClass) Info() Info {
	return Info{ID: "fd_class", Domain: anywhere(2), Title: "class-conditional Frechet distance", Values: []string{"fd_class", "fd_class_worst"}, Better: Lower, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedFeatures, NeedRealLabels, NeedFakeLabels}, Symmetric: true, Paper: "miyato2018projection", Options: m.settings().options(), Table: FD{}.table}
}

// Compute implements Metric.
func (m FDClass) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	real, fake := byClass(p.RealLabels), byClass(p.FakeLabels)
	r := newResult(m.settings())
	fd := FD{Population: m.Population}
	sum, worst, at, used := 0.0, -1.0, 0, 0
	var all spread // of the sum
	for _, c := range classesIn(real, fake) {
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		a, b := real[c], fake[c]
		if len(a) < 2 || len(b) < 2 {
			return Result{}, fault.Of(ErrTooFew, "fd_class: class %d has %d real and %d fake rows, want at least 2 of each", c, len(a), len(b))
		}
		part, one, err := fd.compute(Pair{Real: pick(p.Real, a), Fake: pick(p.Fake, b), Seed: p.Seed})
		if err != nil {
			return Result{}, fmt.Errorf("fd_class: class %d: %w", c, err)
		}
		v := part.Values[0]
		used++
		if sum += v.Value; v.Value > worst {
			worst, at = v.Value, c
		}
		if part.Status == Unreliable {
			r.warn("class %d: %s", c, part.Warnings[len(part.Warnings)-1])
		}
		all.mid, all.se = all.mid+one.mid, math.Hypot(all.se, one.se)
		if one.why != "" && all.why == "" {
			all.why = fmt.Sprintf("class %d: %s", c, one.why)
		}
	}
	n := float64(used)
	all.mid, all.se = all.mid/n, all.se/n
	r.Values = []Value{value("fd_class", sum/n, Lower).withinOr(all.interval(), "%s", all.why),
		value("fd_class_worst", worst, Lower).withinOr(nil, "the largest of %d noisy distances: which class it is depends on the noise; fd_class has one", used)}
	r.convention("classes", "%d", used)
	r.convention("worst", "%d", at)
	if same(p) && sum == 0 {
		r.degenerate("real and fake are the same rows: 0 by definition; compare with another sample of the real data")
	}
	return r, nil
}

// byClass lists the rows of each label.
func byClass(labels []int) map[int][]int {
	at := map[int][]int{}
	for i, l := range labels {
		at[l] = append(at[l], i)
	}
	return at
}

// classesIn is the sorted labels of either side.
func classesIn(a, b map[int][]int) []int {
	all := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(all)
	return slices.Compact(all)
}
