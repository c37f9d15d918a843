package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/assay-gan/assay/internal/numeric"
)

// Clipped returns clipped density and clipped coverage [salvy2025], which stay readable as shares where density and coverage do not. With r_i the distance of real row i to
// its K-th nearest other real row, m the median of all r_i and h(x) the number of real balls of radius min(r_i, m) that hold x,
//
//	clipped_density  = min(1, mean over fakes of min(h/K, 1) / mean over real rows of the same, each looking at its K nearest only)
//	clipped_coverage = g(mean over real i of #{its K nearest fakes at d < r_i}/K)
//
// where g turns the mean into the share of the fakes that would have to be real ones for it: the inverse of the expected mean f(s) for s good fakes of M, by a step function
// of M + 1 values. Both are in [0, 1], and s good fakes among M give about s/M: 0.2 of noise gives 0.8. Needs more than K rows a side. Intervals: random halves, for the mean
// at these N. Equals the authors' code on features without ties.
type Clipped struct{ K int }

var _ Metric = Clipped{}

func (m *Clipped) settings() settings {
	return settings{intSetting("k", &m.K, 5, 1, "neighbours that make a ball")}
}

// With returns a copy with one option changed.
func (m Clipped) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m Clipped) Info() Info {
	return Info{ID: "clipped", Domain: anywhere(0), Title: "clipped density and coverage", Values: []string{"clipped_density", "clipped_coverage"}, Better: Higher, Ideal: 1, Lo: 0, Hi: 1,
		Needs: []Need{NeedFeatures}, Paper: "salvy2025", Options: m.settings().options()}
}

// Compute implements Metric.
func (m Clipped) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	p = inOrder(p) // of rows equally near the first by contents counts
	return resampled(ctx, p, "clipped", m.K, inUnit, m.pass)
}

// resampled is a score of nearest neighbours with the intervals of halves of the rows, where these have k neighbours.
func resampled(ctx context.Context, p Pair, id string, k int, bounds func(string) (lo, hi float64), pass func(context.Context, Pair) (Result, error)) (Result, error) {
	r, err := pass(ctx, p)
	if err != nil {
		return Result{}, err
	}
	n, d := p.Real.Dims()
	f := rows(p.Fake)
	work := float64(n+f) * float64(n+f) * float64(d)
	switch {
	case k >= min(n, f)/2:
		return r, r.noIntervals(fmt.Sprintf("no %d neighbours in half of the rows", k))
	case work*halvings/2 > resampleWork && k >= min(n, f)/jackknifeGroups:
		return r, r.noIntervals(fmt.Sprintf("no %d neighbours in a twentieth of the rows", k))
	}
	return r, r.resample(ctx, p, resampling{id: id, work: work, bounds: bounds, score: pass})
}

// pass is the values without intervals.
func (m Clipped) pass(ctx context.Context, p Pair) (Result, error) {
	n, f := rows(p.Real), rows(p.Fake)
	if err := enoughFor("clipped", "real", m.K, n); err != nil {
		return Result{}, err
	}
	if err := enoughFor("clipped", "fake", m.K, f+1); err != nil {
		return Result{}, err
	}
	own, err := p.Shared.nearest(ctx, p.Real, p.Real, m.K)
	if err != nil {
		return Result{}, err
	}
	radii, limit := lastOf(own), make([]float64, n)
	mid := medianRoot(radii)
	for i, v := range radii {
		limit[i] = min(v, mid*mid)
	}
	b, err := numeric.BallQuery{Real: p.Real, Fake: p.Fake, RealR: limit, Closed: true}.Count(ctx)
	if err != nil {
		return Result{}, err
	}
	hits := make([]int32, n)
	for i := range n {
		for k := range m.K {
			if j, d2 := own.At(i, k); d2 <= limit[i] {
				hits[j]++
			}
		}
	}
	near, err := numeric.KNN(ctx, p.Real, apart(p.Fake, p.Real), m.K)
	if err != nil {
		return Result{}, err
	}
	share := 0.0
	for i := range n {
		for k := range m.K {
			if _, d2 := near.At(i, k); d2 < radii[i] {
				share += 1 / float64(m.K*n)
			}
		}
	}
	density := min(1, m.clip(b.InReal)/m.clip(hits))
	r := newResult(m.settings(), value("clipped_density", density, Higher), value("clipped_coverage", goodShare(share, m.K, n, f), Higher))
	if z := zeros(radii); z > 0 {
		r.warn("%d of %d real balls have radius 0 (rows repeated more than k = %d times): drop the copies or raise k", z, n, m.K)
	}
	return r, nil
}

// clip is the mean of min(hits/K, 1).
func (m Clipped) clip(hits []int32) float64 {
	s := 0
	for _, h := range hits {
		s += min(int(h), m.K)
	}
	return float64(s) / float64(m.K*len(hits))
}

// lastOf is the squared distance of every row to its last neighbour.
func lastOf(nb numeric.Neighbours) []float64 {
	r := make([]float64, nb.N)
	for i := range r {
		_, r[i] = nb.At(i, nb.K-1)
	}
	return r
}

// medianRoot is the median of the roots.
func medianRoot(squared []float64) float64 {
	s := slices.Sorted(slices.Values(squared))
	return (math.Sqrt(s[(len(s)-1)/2]) + math.Sqrt(s[len(s)/2])) / 2
}

// goodShare is g of Clipped: the first s of 0..m with f(s) >= y, over m + 1. Of s good fakes the number J in the ball of a real row is beta-binomial, so that
//
//	f(s) = E min(J, k)/k = 1 - sum_{j<k} (k-j)/k P(j),  P(0) = prod_{i<s} (n-k+i)/(n+i),  P(j+1)/P(j) = (s-j)(k+j) / ((j+1)(n+s-k-j-1))
//
// and 0 for s < k, as in the authors' code.
func goodShare(y float64, k, n, m int) float64 {
	f := make([]float64, m+1)
	first := 1.0
	for s := range f {
		if s >= k {
			p, miss := first, 0.0
			for j := range k {
				miss += float64(k-j) / float64(k) * p
				p *= float64(s-j) * float64(k+j) / (float64(j+1) * float64(n+s-k-j-1))
			}
			f[s] = 1 - miss
		}
		first *= float64(n-k+s) / float64(n+s)
	}
	const rounding = 1e-12 // f and y may be one rational number
	return float64(sort.SearchFloat64s(f, y-rounding)) / float64(m+1)
}
