package metrics

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/internal/numeric"
)

// EnergyDistance is the energy distance [szekely2013]:
//
//	2 E|x - y| - E|x - x'| - E|y - y'|
//
// unbiased by default (pairs of a row with itself left out; slightly negative values happen), or the V-statistic with estimator=biased, which is never
// negative. It is 0 only for equal distributions, needs no bandwidth, and has the unit of the features. N >= 2. The interval is normal with the
// U-statistic's variance (N >= 4).
type EnergyDistance struct{ Estimator string }

var _ Metric = EnergyDistance{}

func (m *EnergyDistance) settings() settings {
	return settings{enumSetting("estimator", &m.Estimator, []string{"unbiased", "biased"}, "whether a row is paired with itself")}
}

// With returns a copy with one option changed.
func (m EnergyDistance) With(option, v string) (Metric, error) {
	return with(&m, m.settings(), option, v)
}

// Info describes the metric.
func (m EnergyDistance) Info() Info {
	return Info{ID: "energy", Domain: anywhere(1), Title: "energy distance", Values: []string{"energy"}, Better: Lower, Lo: math.Inf(-1), Hi: math.Inf(1),
		Needs: []Need{NeedFeatures}, Symmetric: true, Paper: "szekely2013", Options: m.settings().options()}
}

// Compute implements Metric.
func (m EnergyDistance) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	if same(p) {
		return identicalResult(m.settings(), value("energy", 0, Lower)), nil
	}
	s, err := numeric.SumPairs(ctx, InMemory{X: p.Real}, InMemory{X: p.Fake}, numeric.Kernel{Kind: numeric.Energy})
	if err != nil {
		return Result{}, fmt.Errorf("energy: %w", err)
	}
	v, _ := mmdValue("energy", s, m.Estimator, 1)
	r := newResult(m.settings(), v)
	describeSides(&r, p.Real, p.Fake)
	return r, nil
}
