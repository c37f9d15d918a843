package metrics

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"
)

// FDDiag is the Frechet distance with covariances cut to their diagonals:
//
//	sum_j (mu_rj - mu_fj)^2 + (sigma_rj - sigma_fj)^2
//
// It needs N >= 2 a side, no more than N d work, and is blind to correlations. Range [0, inf); never above the mean term plus the traces. Interval:
// bias-corrected group jackknife where features are given and N >= 40.
type FDDiag struct {
	Population bool // variances divide by N and not by N - 1
}

var _ Metric = FDDiag{}

func (m *FDDiag) settings() settings { return settings{ddofSetting(&m.Population)} }

// With returns a copy with one option changed.
func (m FDDiag) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m FDDiag) Info() Info {
	return Info{ID: "fd_diag", Domain: anywhere(2), Title: "diagonal Frechet distance", Values: []string{"fd_diag"}, Better: Lower, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedMoments}, Symmetric: true, Paper: "dowson1982", Options: m.settings().options()}
}

// Compute implements Metric.
func (m FDDiag) Compute(_ context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	if same(p) {
		return identicalResult(m.settings(), value("fd_diag", 0, Lower)), nil
	}
	side := func(x *mat.Dense, s Stats) marginals {
		if x != nil {
			return marginalsOf(x)
		}
		v := marginals{n: s.N, mean: s.Mean, square: make([]float64, len(s.Mean))}
		for j := range v.square {
			v.square[j] = s.Cov.At(j, j) * float64(s.N-1)
		}
		return v
	}
	real, fake := side(p.Real, p.RealStats), side(p.Fake, p.FakeStats)
	full := m.distance(real, fake)
	v := value("fd_diag", full, Lower)
	r := newResult(m.settings())
	if p.Real != nil && p.Fake != nil {
		describeSides(&r, p.Real, p.Fake)
		if min(real.n, fake.n) >= 2*jackknifeGroups {
			leave := func(x *mat.Dense, role string, f func(marginals) float64) (out []float64) {
				for _, rest := range leaveOneOut(x, groupsOf(x, jackknifeGroups, p.Seed, "metrics", "fd_diag", role)) {
					out = append(out, f(rest))
				}
				return out
			}
			_, iv := twoSample(full, leave(p.Real, "real", func(a marginals) float64 { return m.distance(a, fake) }),
				leave(p.Fake, "fake", func(a marginals) float64 { return m.distance(real, a) }), 0, math.Inf(1))
			v = v.withinOr(iv, jackknifeFails)
		} else {
			v = v.withinOr(nil, "fewer than %d rows a side for the jackknife", 2*jackknifeGroups)
		}
	} else {
		v = v.withinOr(nil, "statistics do not hold the rows that a jackknife leaves out: give features")
	}
	r.Values = []Value{v}
	return r, nil
}

func (m FDDiag) distance(a, b marginals) float64 {
	total, off := 0.0, ddof(m.Population)
	for j := range a.mean {
		d := a.mean[j] - b.mean[j]
		s := math.Sqrt(a.square[j]/float64(a.n-off)) - math.Sqrt(b.square[j]/float64(b.n-off))
		total += d*d + s*s
	}
	return total
}
