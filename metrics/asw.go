package metrics

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// ASW is the closed-form approximation of the sliced Wasserstein-2 distance for wide features, whose projections are nearly normal [nadjahi2021]:
//
//	sqrt(|mu_r - mu_f|^2/d + (sqrt(m2_r/d) - sqrt(m2_f/d))^2),  m2 = mean |x - mu|^2
//
// It sees the mean and the total variance only. N >= 2, one pass, range [0, inf), the unit of the features; agrees with dgm-eval. Interval:
// bias-corrected group jackknife (N >= 40).
type ASW struct{}

var _ Metric = ASW{}

func (m *ASW) settings() settings { return nil }

// With returns an error: there are no options.
func (m ASW) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m ASW) Info() Info {
	return Info{ID: "asw", Domain: anywhere(1), Title: "approximate sliced Wasserstein distance", Values: []string{"asw"}, Better: Lower, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedFeatures}, Symmetric: true, Paper: "nadjahi2021"}
}

// Compute implements Metric.
func (m ASW) Compute(_ context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	if same(p) {
		return identicalResult(nil, value("asw", 0, Lower)), nil
	}
	real, fake := marginalsOf(p.Real), marginalsOf(p.Fake)
	full := aswSquared(real, fake)
	v := value("asw", math.Sqrt(full), Lower)
	if min(real.n, fake.n) >= 2*jackknifeGroups {
		leave := func(x *mat.Dense, role string, other marginals) (out []float64) {
			for _, rest := range leaveOneOut(x, groupsOf(x, jackknifeGroups, p.Seed, "metrics", "asw", role)) {
				out = append(out, aswSquared(rest, other))
			}
			return out
		}
		_, iv := twoSample(full, leave(p.Real, "real", fake), leave(p.Fake, "fake", real), 0, math.Inf(1))
		iv.scale(math.Sqrt)
		v = v.withinOr(iv, jackknifeFails)
	} else {
		v = v.withinOr(nil, "fewer than %d rows a side for the jackknife", 2*jackknifeGroups)
	}
	r := newResult(nil, v)
	describeSides(&r, p.Real, p.Fake)
	return r, nil
}

func aswSquared(a, b marginals) float64 {
	d := float64(len(a.mean))
	shift := 0.0
	for j, v := range a.mean {
		shift += (v - b.mean[j]) * (v - b.mean[j])
	}
	s := math.Sqrt(numeric.Sum(a.square)/float64(a.n)/d) - math.Sqrt(numeric.Sum(b.square)/float64(b.n)/d)
	return shift/d + s*s
}
