package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// MMDRBF is MMD^2 under the kernel exp(-|x-y|^2 / 2 Sigma^2) [gretton2012], unbiased by default. Sigma 0 takes the root of half the mean squared
// distance over all pairs of the pooled rows, which is the root of the pooled total variance: a scale that follows the data and costs one pass.
// It needs N >= 2; range [-1, 2], 0 for equal distributions; the interval is normal with the U-statistic's variance (N >= 4).
type MMDRBF struct {
	Sigma     float64
	Estimator string
}

var _ Metric = MMDRBF{}

func (m *MMDRBF) settings() settings {
	return settings{
		floatSetting("sigma", &m.Sigma, 0, 0, math.MaxFloat64, "bandwidth; 0 is the root of the pooled total variance"),
		enumSetting("estimator", &m.Estimator, []string{"unbiased", "biased"}, "estimator of MMD^2"),
	}
}

// With returns a copy with one option changed.
func (m MMDRBF) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m MMDRBF) Info() Info {
	return Info{ID: "mmd_rbf", Domain: anywhere(0), Title: "MMD with a Gaussian kernel", Values: []string{"mmd_rbf"}, Better: Lower, Lo: -1, Hi: 2,
		Needs: []Need{NeedFeatures}, Symmetric: true, Paper: "gretton2012", Options: m.settings().options()}
}

// Compute implements Metric.
func (m MMDRBF) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	if same(p) {
		return identicalResult(m.settings(), value("mmd_rbf", 0, Lower)), nil
	}
	r := newResult(m.settings())
	sigma := m.Sigma
	if sigma == 0 {
		sigma = pooledScale(p.Real, p.Fake)
		r.convention("sigma", "%v", sigma)
	}
	s, err := numeric.SumPairs(ctx, InMemory{X: p.Real}, InMemory{X: p.Fake}, numeric.Kernel{Kind: numeric.RBF, Sigma: sigma})
	if err != nil {
		return Result{}, fmt.Errorf("mmd_rbf: %w", err)
	}
	v, _ := mmdValue("mmd_rbf", s, m.Estimator, 1)
	r.Values = []Value{v}
	describeSides(&r, p.Real, p.Fake)
	return r, nil
}

// pooledScale is the root of the total variance of both sets together; it is positive as they are not all one row.
func pooledScale(x, y *mat.Dense) float64 {
	a, b := marginalsOf(x), marginalsOf(y)
	na, nb := float64(a.n), float64(b.n)
	total := numeric.Sum(a.square) + numeric.Sum(b.square)
	for j := range a.mean {
		d := a.mean[j] - b.mean[j]
		total += d * d * na * nb / (na + nb)
	}
	if s := math.Sqrt(total / (na + nb)); s > 0 {
		return s
	}
	return 1 // the squares underflow
}

// CMMD is 1000 times the biased MMD^2 under the Gaussian kernel of width Sigma [jayasumana2024]. Rows are scaled to length 1 first, as the
// paper's CLIP embeddings are; set Raw (normalize=false) for features whose length carries information. Range [0, 2000]. The interval is centred on the unbiased
// estimate.
type CMMD struct {
	Sigma, Scale float64
	Raw          bool // rows keep their lengths
}

var _ Metric = CMMD{}

func (m *CMMD) settings() settings {
	return settings{
		floatSetting("sigma", &m.Sigma, 10, math.SmallestNonzeroFloat64, math.MaxFloat64, "bandwidth"),
		floatSetting("scale", &m.Scale, 1000, math.SmallestNonzeroFloat64, 1e6, "factor of the result"),
		unlessSetting("normalize", &m.Raw, "scale rows to length 1"),
	}
}

// With returns a copy with one option changed.
func (m CMMD) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m CMMD) Info() Info {
	options := m.settings().options() // a zero Scale takes its default before Hi is made of it
	return Info{ID: "cmmd", Domain: directions(0), Title: "CMMD", Values: []string{"cmmd"}, Better: Lower, Lo: 0, Hi: 2 * m.Scale,
		Needs: []Need{NeedFeatures}, Symmetric: true, Paper: "jayasumana2024", Options: options}
}

// Compute implements Metric.
func (m CMMD) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	if same(p) {
		return identicalResult(m.settings(), value("cmmd", 0, Lower)), nil
	}
	r := newResult(m.settings())
	x, y := p.Real, p.Fake
	if !m.Raw {
		var zx, zy int
		x, zx = unitRows(x)
		y, zy = unitRows(y)
		if zx+zy > 0 {
			r.warn("%d real and %d fake rows are 0 and have no direction; they stay 0: set cmmd.normalize=false", zx, zy)
		}
	}
	s, err := numeric.SumPairs(ctx, InMemory{X: x}, InMemory{X: y}, numeric.Kernel{Kind: numeric.RBF, Sigma: m.Sigma})
	if err != nil {
		return Result{}, fmt.Errorf("cmmd: %w", err)
	}
	v, _ := mmdValue("cmmd", s, "biased", m.Scale)
	v.Value = max(0, v.Value) // a square that rounding can push below 0
	r.Values = []Value{v}
	describeSides(&r, p.Real, p.Fake)
	return r, nil
}
