package metrics

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// Duplicates returns the share of fakes that repeat an earlier fake: equal in every number, or within Eps in Euclidean distance. duplicates_real is
// the same for the real rows, duplicates_largest the share of the most frequent fake (exact equality only), duplicates_train the share of fakes that
// equal a training row where one is given. A continuous generator repeats nothing; a collapsed one repeats nearly everything. Intervals are Wilson's.
// That of duplicates is for the mean at this N and for equality: the number of different values among N draws is a sum of negatively associated
// indicators, whose variance is at most the binomial one.
type Duplicates struct{ Eps float64 }

func (m *Duplicates) settings() settings {
	return settings{floatSetting("eps", &m.Eps, 0, 0, math.MaxFloat64, "distance up to which two rows are the same; 0: equal numbers")}
}

var _ Metric = Duplicates{}

// With returns a copy with one option changed.
func (m Duplicates) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m Duplicates) Info() Info {
	return Info{ID: "duplicates", Domain: anywhere(0), Title: "duplicate rate", Values: []string{"duplicates", "duplicates_real", "duplicates_largest", "duplicates_train"},
		Better: Lower, Ideal: 0, Lo: 0, Hi: 1, Needs: []Need{NeedFeatures}, Equality: true, Paper: "borji2019", Options: m.settings().options()}
}

// Compute implements Metric.
func (m Duplicates) Compute(ctx context.Context, p Pair) (Result, error) {
	info := m.Info()
	if p.Train != nil {
		info.Needs = append(info.Needs, NeedTrain)
	}
	if err := Check(info, p); err != nil {
		return Result{}, err
	}
	r := newResult(m.settings())
	fake, largest, err := m.repeats(ctx, p.Fake)
	if err != nil {
		return Result{}, err
	}
	real, _, err := m.repeats(ctx, p.Real)
	if err != nil {
		return Result{}, err
	}
	nf, nr := float64(rows(p.Fake)), float64(rows(p.Real))
	rate := value("duplicates", float64(fake)/nf, Lower).withinOr(nil, "within duplicates.eps rows repeat in chains, not one by one")
	if m.Eps == 0 {
		rate = share("duplicates", fake, rows(p.Fake), Lower)
		rate.Interval.Method = "wilson" + AtTheseN
	}
	r.Values = append(r.Values, rate, value("duplicates_real", float64(real)/nr, None))
	if m.Eps == 0 {
		r.Values = append(r.Values, value("duplicates_largest", float64(largest)/nf, Lower).
			withinOr(nil, "the largest of many counts: which row it is depends on the draw"))
	}
	if p.Train != nil {
		k, err := m.inTrain(ctx, p)
		if err != nil {
			return Result{}, err
		}
		r.Values = append(r.Values, share("duplicates_train", k, rows(p.Fake), Lower))
	}
	if real > 0 {
		r.note("%d of %d real rows are repeats: read the fakes' rate beside it", real, rows(p.Real))
	}
	return r, nil
}

// repeats counts rows that equal an earlier one, and the largest group of equal rows.
func (m Duplicates) repeats(ctx context.Context, x *mat.Dense) (n, largest int, err error) {
	if m.Eps > 0 {
		_, first, err := numeric.Within(ctx, x, x, m.Eps*m.Eps)
		for i, j := range first {
			if j >= 0 && int(j) < i {
				n++
			}
		}
		return n, 0, err
	}
	order := canonical(x)
	run := 1
	for t := 1; t < len(order); t++ {
		if slices.Equal(x.RawRowView(order[t]), x.RawRowView(order[t-1])) {
			n++
			run++
		} else {
			run = 1
		}
		largest = max(largest, run)
	}
	return n, max(largest, 1), nil
}

func (m Duplicates) inTrain(ctx context.Context, p Pair) (int, error) {
	nb, err := p.Shared.nearestOf(ctx, p.Fake, p.Train, 1)
	k := 0
	for _, d := range nb.D2 {
		if d <= m.Eps*m.Eps {
			k++
		}
	}
	return k, err
}
