package metrics

import (
	"context"

	"gonum.org/v1/gonum/mat"
)

// AuthPct returns the percentage of authentic fakes [alaa2022]: a fake is authentic if it is farther from its nearest training row than that
// training row is from its own nearest training row. auth_pct_real is the same for the real rows, which should be held out: an honest generator
// reads like them (72 % on CIFAR-10 in one feature space [stein2023]), a copier far below. Range 0 to 100; intervals are Wilson's, the training set
// held fixed. Of training rows equally near, as features of whole numbers have them, the first by contents counts. A generator far from the data also
// reads high.
type AuthPct struct{}

var _ Metric = AuthPct{}

// With refuses every name: there are no options.
func (m AuthPct) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m AuthPct) Info() Info {
	return Info{ID: "auth_pct", Domain: anywhere(0), Title: "authentic samples", Values: []string{"auth_pct", "auth_pct_real"}, Better: Higher, Ideal: 100, Lo: 0, Hi: 100,
		Needs: []Need{NeedFeatures, NeedTrain}, Paper: "alaa2022"}
}

// Compute implements Metric.
func (m AuthPct) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	train := side{matrixPart{&p.Train}}
	p.Shared.take(train, train.sorted) // of training rows equally near the first by contents counts
	own, err := p.Shared.radii(ctx, p.Train, 1)
	if err != nil {
		return Result{}, err
	}
	r := newResult(nil)
	for _, side := range []struct {
		name   string
		x      *mat.Dense
		better Direction
	}{{"auth_pct", p.Fake, Higher}, {"auth_pct_real", p.Real, None}} {
		nb, err := p.Shared.nearestOf(ctx, side.x, p.Train, 1)
		if err != nil {
			return Result{}, err
		}
		k := 0
		for i, j := range nb.Index {
			if nb.D2[i] > own[j] {
				k++
			}
		}
		v := share(side.name, k, nb.N, side.better).in("%")
		v.Value *= 100
		v.Interval.Lo *= 100
		v.Interval.Hi *= 100
		r.Values = append(r.Values, v)
	}
	if z := zeros(own); 10*z > len(own) {
		r.warn("%d of %d training rows have a twin at distance 0, next to which every other sample is authentic: drop the copies from the training set", z, len(own))
	}
	r.heldOut(ctx, p)
	return r, nil
}
