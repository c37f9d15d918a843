package metrics

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// DCR returns the share of fakes that lie nearer to the training set than to held-out real rows, the usual check of synthetic tables for copied records [platzer2021]:
//
//	s = (#{d(fake, train) < d(fake, hold)} + #{equal}/2) / N,   pi = train/(train + hold) rows
//	dcr_share = s (1 - pi) / (s (1 - pi) + (1 - s) pi)
//
// Real is the hold-out. Where nothing is copied the nearest record of both sets together is a training one with probability pi, so that dcr_share is 0.5 for sets of any
// two sizes (s itself where they are equal); 1 for copies. Its interval is the exact binomial one of Clopper and Pearson for the given records, ties counted as far as
// they can move either end. dcr_q05 is the 5 % quantile of the fakes' distances to their nearest training record over the same quantile of the held-out rows':
// 1 like unseen data, near 0 copies. nndr_q05 is the 5 % quantile of the fakes' ratio of the distances to the nearest and the second nearest training record, and
// nndr_q05_real that of the held-out rows: a ratio near 0 is one record singled out. It needs 2 rows a side.
type DCR struct{}

var _ Metric = DCR{}

// dcrQuantile is the part of the records that the quantiles look at: copies are few.
const dcrQuantile = 0.05

// With refuses every name: there are no options.
func (m DCR) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m DCR) Info() Info {
	return Info{ID: "dcr", Domain: anywhere(0), Title: "distance to the closest record", Values: []string{"dcr_share", "dcr_q05", "nndr_q05", "nndr_q05_real"}, Better: Near, Ideal: .5,
		Lo: 0, Hi: 1, Needs: []Need{NeedFeatures, NeedTrain}, Paper: "platzer2021"}
}

// Compute implements Metric.
func (m DCR) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	fake, err := closest(ctx, p, p.Fake)
	if err != nil {
		return Result{}, err
	}
	hold, err := closest(ctx, p, p.Real)
	if err != nil {
		return Result{}, err
	}
	other, err := p.Shared.nearestOf(ctx, p.Fake, p.Real, 1)
	if err != nil {
		return Result{}, err
	}
	nearer, equal := 0, 0
	for i, d := range fake.first {
		switch h := other.D2[i]; {
		case d < h:
			nearer++
		case d == h:
			equal++
		}
	}
	n, train := float64(len(fake.first)), float64(rows(p.Train))
	pi := train / (train + float64(rows(p.Real)))
	balanced := func(s float64) float64 { return s * (1 - pi) / (s*(1-pi) + (1-s)*pi) }
	lo, _ := clopperPearson(float64(nearer), n)
	_, hi := clopperPearson(float64(nearer+equal), n)
	interval := &Interval{Lo: balanced(lo), Hi: balanced(hi), Level: confidence, Method: "Clopper-Pearson, records fixed"}
	r := newResult(nil, value("dcr_share", balanced((float64(nearer)+float64(equal)/2)/n), Near).within(interval))
	if base := hold.quantile(dcrQuantile); base > 0 {
		r.Values = append(r.Values, value("dcr_q05", fake.quantile(dcrQuantile)/base, Near).withinOr(nil, "a low quantile rests on few records: dcr_share has the interval"))
	} else {
		r.note("dcr_q05 has no yardstick: one held-out row in twenty is a training row")
	}
	r.Values = append(r.Values, value("nndr_q05", quantile(fake.ratios, dcrQuantile), None), value("nndr_q05_real", quantile(hold.ratios, dcrQuantile), None))
	r.convention("share before sizes", "%.6g", (float64(nearer)+float64(equal)/2)/n)
	r.convention("ties", "%d", equal)
	if interval.Lo > .5 {
		r.note("the fakes lie nearer to the training records than unseen ones would: look for copies (duplicates, auth_pct)")
	}
	r.heldOut(ctx, p)
	return r, nil
}

// gaps are distances to training records.
type gaps struct {
	first  []float64 // squared, to the nearest one of each row
	ratios []float64 // of the distances to the nearest and the second nearest, sorted; 1 where both are 0
}

// quantile is of the distances themselves.
func (g gaps) quantile(q float64) float64 {
	d := make([]float64, len(g.first))
	for i, v := range g.first {
		d[i] = math.Sqrt(v)
	}
	slices.Sort(d)
	return quantile(d, q)
}

func closest(ctx context.Context, p Pair, x *mat.Dense) (gaps, error) {
	nb, err := p.Shared.nearestOf(ctx, x, p.Train, 2)
	if err != nil {
		return gaps{}, err
	}
	g := gaps{first: make([]float64, nb.N), ratios: make([]float64, nb.N)}
	for i := range nb.N {
		_, d1 := nb.At(i, 0)
		_, d2 := nb.At(i, 1)
		g.first[i], g.ratios[i] = d1, 1
		if d2 > 0 {
			g.ratios[i] = math.Sqrt(d1 / d2)
		}
	}
	slices.Sort(g.ratios)
	return g, nil
}

// clopperPearson is the exact 95 % interval of a binomial share after k of n.
func clopperPearson(k, n float64) (lo, hi float64) {
	lo, hi = 0, 1
	if k > 0 {
		lo = distuv.Beta{Alpha: k, Beta: n - k + 1}.Quantile((1 - confidence) / 2)
	}
	if k < n {
		hi = distuv.Beta{Alpha: k + 1, Beta: n - k}.Quantile((1 + confidence) / 2)
	}
	return lo, hi
}
