package metrics

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// NNRatio returns how far the fakes are from the training set, measured by held-out real rows:
//
//	nn_ratio = median over fakes of d(fake, nearest train) / median over reals of d(real, nearest train)
//
// 1: like unseen data; near 0: copies; above 1: off the data. nn_copies is the share of fakes whose nearest training row is less than a third as
// far as the second nearest, the usual sign of a near-copy, and nn_copies_real the same for the real rows [stein2023]. The ratio's interval is the
// order-statistic interval of the fakes' median over the reals' median.
type NNRatio struct{}

var _ Metric = NNRatio{}

// With refuses every name: there are no options.
func (m NNRatio) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m NNRatio) Info() Info {
	return Info{ID: "nn_ratio", Domain: anywhere(0), Title: "nearest-neighbour distance ratio", Values: []string{"nn_ratio", "nn_copies", "nn_copies_real"}, Better: Near, Ideal: 1,
		Lo: 0, Hi: math.Inf(1), Needs: []Need{NeedFeatures, NeedTrain}, Paper: "stein2023"}
}

// Compute implements Metric.
func (m NNRatio) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	fake, copies, err := trainGaps(ctx, p, p.Fake)
	if err != nil {
		return Result{}, err
	}
	real, copiesReal, err := trainGaps(ctx, p, p.Real)
	if err != nil {
		return Result{}, err
	}
	r := newResult(nil)
	if base := quantile(real, .5); base > 0 {
		r.Values = append(r.Values, value("nn_ratio", quantile(fake, .5)/base, Near).
			withinOr(medianInterval(fake, base, "order statistics, real fixed"), "fewer than 6 fakes"))
	} else {
		r.degenerate("at least half of the real rows are training rows, so that nn_ratio has no yardstick: give held-out rows as real")
	}
	r.Values = append(r.Values, share("nn_copies", copies, len(fake), Lower), share("nn_copies_real", copiesReal, len(real), None))
	r.heldOut(ctx, p)
	return r, nil
}

// trainGaps returns the sorted distances to the nearest training row and how many are below a third of the second nearest.
func trainGaps(ctx context.Context, p Pair, x *mat.Dense) (sorted []float64, copies int, err error) {
	nb, err := p.Shared.nearestOf(ctx, x, p.Train, 2)
	if err != nil {
		return nil, 0, err
	}
	sorted = make([]float64, nb.N)
	for i := range sorted {
		_, d1 := nb.At(i, 0)
		_, d2 := nb.At(i, 1)
		sorted[i] = math.Sqrt(d1)
		if 9*d1 < d2 {
			copies++
		}
	}
	slices.Sort(sorted)
	return sorted, copies, nil
}
