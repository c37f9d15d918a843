package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// SWD is the sliced Wasserstein distance [bonneel2015]: with u uniform on the sphere,
//
//	(mean over Directions u of W_p^p(u.real, u.fake))^(1/p)
//
// from the same directions for both sides and exact for unequal N (quantile coupling, no subsampling). Power (root=false) leaves the p-th root out. The
// directions depend on seed and width only. Range [0, inf), the unit of the features; biased upwards by O(1/N). The interval is a bias-corrected group
// jackknife over rows (N >= 40) for the given directions.
type SWD struct {
	Directions int
	P          float64
	Power      bool // the mean itself, without its p-th root
}

var _ Metric = SWD{}

func (m *SWD) settings() settings {
	return settings{
		intSetting("directions", &m.Directions, 1000, 1, "number of random directions"),
		floatSetting("p", &m.P, 2, 1, 8, "order of the distance"),
		unlessSetting("root", &m.Power, "take the p-th root of the mean"),
	}
}

// With returns a copy with one option changed.
func (m SWD) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m SWD) Info() Info {
	return Info{ID: "swd", Domain: anywhere(1), Title: "sliced Wasserstein distance", Values: []string{"swd"}, Better: Lower, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedFeatures}, Symmetric: true, Paper: "bonneel2015", Options: m.settings().options()}
}

// Compute implements Metric.
func (m SWD) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	scale := func(w float64) float64 {
		if !m.Power {
			return math.Pow(w, 1/m.P)
		}
		return w
	}
	if !m.Power && m.P == 2 {
		scale = math.Sqrt
	}
	return sliced(ctx, p, m.settings(), "swd", m.Directions, m.P, scale)
}

// MIND is the monge-inception distance [obukhov2020]: 3 d times the mean squared W2 over random directions. Scaled so, a pure translation by t
// gives 3|t|^2. Range [0, inf), the features' unit squared. Exact for unequal N; the interval is that of SWD.
type MIND struct{ Directions int }

var _ Metric = MIND{}

func (m *MIND) settings() settings {
	return settings{intSetting("directions", &m.Directions, 1000, 1, "number of random directions")}
}

// With returns a copy with one option changed.
func (m MIND) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m MIND) Info() Info {
	return Info{ID: "mind", Domain: anywhere(2), Title: "monge-inception distance", Values: []string{"mind"}, Better: Lower, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedFeatures}, Symmetric: true, Paper: "obukhov2020", Options: m.settings().options()}
}

// Compute implements Metric.
func (m MIND) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	_, d := p.Real.Dims()
	return sliced(ctx, p, m.settings(), "mind", m.Directions, 2, func(w float64) float64 { return 3 * float64(d) * w })
}

// sliced projects once and leaves groups out of the sorted projections.
func sliced(ctx context.Context, p Pair, s settings, id string, directions int, order float64, scale func(float64) float64) (Result, error) {
	if same(p) {
		return identicalResult(s, value(id, 0, Lower)), nil
	}
	_, d := p.Real.Dims()
	groupsR := groupsOf(p.Real, jackknifeGroups, p.Seed, "metrics", id, "real")
	groupsF := groupsOf(p.Fake, jackknifeGroups, p.Seed, "metrics", id, "fake")
	source := rng.Stream(p.Seed, "metrics", id, "directions")
	enough, why := min(rows(p.Real), rows(p.Fake)) >= 2*jackknifeGroups, fmt.Sprintf("fewer than %d rows a side for the jackknife", 2*jackknifeGroups)
	if isPointOnly(ctx) {
		enough, why = false, noPartsWanted
	}
	var full float64
	leftR, leftF := make([]float64, jackknifeGroups), make([]float64, jackknifeGroups)
	const atOnce = 64 // directions held at a time: memory O(64 N)
	for done := 0; done < directions; done += atOnce {
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		u := unitDirections(source, min(atOnce, directions-done), d)
		w := float64(rows(u)) / float64(directions)
		a, ga := numeric.Project(p.Real, u, groupsR)
		b, gb := numeric.Project(p.Fake, u, groupsF)
		full += w * numeric.Sliced(a, b, order)
		for g := range jackknifeGroups {
			if enough {
				leftR[g] += w * numeric.Sliced(numeric.Without(a, ga, g), b, order)
				leftF[g] += w * numeric.Sliced(a, numeric.Without(b, gb, g), order)
			}
		}
	}
	v := value(id, scale(full), Lower)
	if enough {
		// In powers, where the bias is of order 1/N; the scale is monotone.
		_, iv := twoSample(full, leftR, leftF, 0, math.Inf(1))
		iv.scale(scale)
		v = v.withinOr(iv, jackknifeFails)
	} else {
		v = v.withinOr(nil, "%s", why)
	}
	r := newResult(s, v)
	describeSides(&r, p.Real, p.Fake)
	return r, nil
}

// unitDirections are m directions uniform on the sphere, one a row.
func unitDirections(source *rng.Source, m, d int) *mat.Dense {
	u := mat.NewDense(m, d, nil)
	for i := range m {
		row := u.RawRowView(i)
		norm := 0.0
		for norm == 0 {
			for j := range row {
				row[j] = source.Normal()
			}
			norm = math.Sqrt(sqNorm(row))
		}
		for j := range row {
			row[j] /= norm
		}
	}
	return u
}
