package metrics

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// CT returns the data-copying statistic C_T [meehan2020]. In every cell of a k-means partition of the training set the distances of fakes to their
// nearest training row are compared with those of held-out real rows by the Mann-Whitney z,
//
//	z = (U - mn/2) / sqrt(mn (m + n + 1)/12),  U = #{fake farther than real}, ties half, variance corrected for ties
//
// and the cells' z are averaged with the share of real rows as weight, over cells with at least Min fakes. Far below 0 (|z| > 3): the fakes sit
// closer to training rows than unseen data do; far above: farther, under-fitted. c_t_min is the lowest cell. Shrunken modes also read low: look at
// their spread before calling it copying. Under no copying each z is about standard normal.
type CT struct{ Cells, Min, Init int }

func (m *CT) settings() settings {
	return settings{
		intSetting("cells", &m.Cells, 3, 1, "cells of the training set"),
		intSetting("min", &m.Min, 20, 1, "fakes that make a cell count"),
		intSetting("init", &m.Init, 1, 1, "restarts of k-means"),
	}
}

var _ Metric = CT{}

// With returns a copy with one option changed.
func (m CT) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m CT) Info() Info {
	return Info{ID: "c_t", Domain: anywhere(0), Title: "data-copying test", Values: []string{"c_t", "c_t_min"}, Better: Near, Ideal: 0, Lo: math.Inf(-1), Hi: math.Inf(1),
		Needs: []Need{NeedFeatures, NeedTrain}, Paper: "meehan2020", Options: m.settings().options()}
}

// Compute implements Metric.
func (m CT) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	p = inOrder(p) // what is drawn must not depend on the order of files
	if m.Cells > rows(p.Train) {
		return Result{}, fault.Of(ErrTooFew, "c_t: %d cells of %d training rows: lower c_t.cells", m.Cells, rows(p.Train))
	}
	cells, err := numeric.KMeans{K: m.Cells, Init: m.Init}.Fit(ctx, p.Train, rng.Stream(p.Seed, "metrics", "c_t"))
	if err != nil {
		return Result{}, err
	}
	real, err := p.Shared.nearestOf(ctx, p.Real, p.Train, 1)
	if err != nil {
		return Result{}, err
	}
	fake, err := p.Shared.nearestOf(ctx, p.Fake, p.Train, 1)
	if err != nil {
		return Result{}, err
	}
	atReal, err := cells.Nearest(ctx, p.Real)
	if err != nil {
		return Result{}, err
	}
	atFake, err := cells.Nearest(ctx, p.Fake)
	if err != nil {
		return Result{}, err
	}
	r := newResult(m.settings())
	sum, weight, low, skipped, used := 0.0, 0.0, math.Inf(1), 0, 0
	variance := 0.0
	for c := range m.Cells {
		dr, df := inCell(real.D2, atReal, c), inCell(fake.D2, atFake, c)
		if len(df) < m.Min || len(dr) < m.Min {
			skipped++
			continue
		}
		z, ok := mannWhitney(df, dr)
		if !ok {
			skipped++
			continue
		}
		w := float64(len(dr))
		sum, weight, low = sum+w*z, weight+w, min(low, z)
		variance += w * w
		used++
	}
	r.convention("cells used", "%d", used)
	if used == 0 {
		r.Status = Failed
		r.note("no cell holds %d real rows and %d fakes with differing distances: lower c_t.cells or c_t.min, or draw more", m.Min, m.Min)
		return r, nil
	}
	ct := sum / weight
	r.Values = append(r.Values, value("c_t", ct, Near).in("z").within(around(ct, math.Sqrt(variance)/weight, math.Inf(-1), math.Inf(1), "normal, no copying")),
		value("c_t_min", low, Near).in("z").withinOr(nil, "the lowest of %d cells, each in units of its own standard error", used))
	if skipped > 0 {
		r.note("%d of %d cells were left out for fewer than %d real rows or fakes", skipped, m.Cells, m.Min)
	}
	r.heldOut(ctx, p)
	return r, nil
}

func inCell(d2 []float64, cell []int, c int) []float64 {
	var out []float64
	for i, v := range d2 {
		if cell[i] == c {
			out = append(out, v)
		}
	}
	return out
}

// mannWhitney is the z of x against y: positive if x tends to be larger. Ties share their rank and shrink the variance; ok is false if all values
// are equal.
func mannWhitney(x, y []float64) (z float64, ok bool) {
	type obs struct {
		v float64
		x bool
	}
	all := make([]obs, 0, len(x)+len(y))
	for _, v := range x {
		all = append(all, obs{v, true})
	}
	for _, v := range y {
		all = append(all, obs{v, false})
	}
	slices.SortFunc(all, func(a, b obs) int { return cmp.Compare(a.v, b.v) })
	m, n, total := float64(len(x)), float64(len(y)), float64(len(all))
	rankSum, ties := 0.0, 0.0
	for i := 0; i < len(all); {
		j, inX := i, 0.0
		for ; j < len(all) && all[j].v == all[i].v; j++ {
			if all[j].x {
				inX++
			}
		}
		rankSum += inX * float64(i+1+j) / 2
		t := float64(j - i)
		ties += t*t*t - t
		i = j
	}
	variance := m * n / 12 * (total + 1 - ties/(total*(total-1)))
	if !(variance > 0) {
		return 0, false
	}
	return (rankSum - m*(m+1)/2 - m*n/2) / math.Sqrt(variance), true
}
