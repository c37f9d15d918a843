package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/metrics"
)

// kolmogorov compares every feature by itself: the largest gap between the two sides' empirical distribution functions [massey1951],
//
//	D_j = sup_t |F_real,j(t) - F_made,j(t)|,   then the largest or the mean of all D_j
//
// It is in [0, 1], symmetric and unchanged by any monotone change of a feature's scale. It is blind to how features go together. N >= 2 a side.
type kolmogorov struct {
	Over string // "max" or "mean"; "" is "max"
}

var _ metrics.Metric = kolmogorov{}

// Info describes the metric.
func (m kolmogorov) Info() metrics.Info {
	return metrics.Info{ID: "ks", Domain: metrics.Domain{Input: "features of any origin and unit", Shift: true, Scale: true, Rounding: 1e-9},
		Title: "Kolmogorov-Smirnov distance of single features", Values: []string{"ks"}, Better: metrics.Lower, Lo: 0, Hi: 1,
		Needs: []metrics.Need{metrics.NeedFeatures}, Symmetric: true, Paper: "massey1951",
		Options: []metrics.Option{{Name: "over", Default: "max", Doc: "how the features' distances become one number: max or mean"}}}
}

// With returns a copy with one option changed.
func (m kolmogorov) With(option, value string) (metrics.Metric, error) {
	if option != "over" || value != "max" && value != "mean" {
		return nil, fmt.Errorf("ks: %s=%q: the option over is max or mean: %w", option, value, metrics.ErrValue)
	}
	m.Over = value
	return m, nil
}

// Compute implements metrics.Metric.
func (m kolmogorov) Compute(ctx context.Context, p metrics.Pair) (metrics.Result, error) {
	if err := metrics.Check(m.Info(), p); err != nil {
		return metrics.Result{}, err
	}
	r := metrics.Result{Status: metrics.OK, Warnings: []string{}, Convention: map[string]string{"over": cmp.Or(m.Over, "max")}}
	if mat.Equal(p.Real, p.Fake) {
		r.Status, r.Warnings = metrics.Degenerate, append(r.Warnings, "the two sides are identical: give other samples")
	}
	_, d := p.Real.Dims()
	largest, sum := 0.0, 0.0
	for j := range d {
		if err := ctx.Err(); err != nil {
			return metrics.Result{}, err
		}
		gap := largestGap(mat.Col(nil, j, p.Real), mat.Col(nil, j, p.Fake))
		largest, sum = max(largest, gap), sum+gap
	}
	v := metrics.Value{Name: "ks", Value: largest, Better: metrics.Lower, NoInterval: "the largest of dependent gaps has no simple interval"}
	if m.Over == "mean" {
		v.Value = sum / float64(d)
	}
	r.Values = []metrics.Value{v}
	return r, nil
}

// largestGap is the supremum of the difference of two empirical distribution functions; both samples are sorted in place.
func largestGap(x, y []float64) float64 {
	slices.Sort(x)
	slices.Sort(y)
	gap, i, j := 0.0, 0, 0
	for i < len(x) && j < len(y) {
		t := min(x[i], y[j])
		for i < len(x) && x[i] == t { // all of a tie at once: the functions jump together
			i++
		}
		for j < len(y) && y[j] == t {
			j++
		}
		d := float64(i)/float64(len(x)) - float64(j)/float64(len(y))
		gap = max(gap, d, -d)
	}
	return gap
}
