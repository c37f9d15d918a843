package metrics

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
)

// KIDFull is the unbiased MMD^2 of the whole sets under the polynomial kernel of KID [binkowski2018; gretton2012], with the standard error of its
// U-statistic as kid_full_se and a normal interval from it. estimator=biased gives the V-statistic, ustat the one that leaves out pairs of equal index
// (equal N only, and then the value depends on the order). It needs N >= 4, memory O(N), time O(N^2 d). Range (-inf, inf).
type KIDFull struct {
	Degree      int
	Gamma, Coef float64
	Estimator   string // unbiased, biased, ustat
}

var _ Metric = KIDFull{}

func (m *KIDFull) settings() settings {
	return append(settings{
		enumSetting("estimator", &m.Estimator, []string{"unbiased", "biased", "ustat"}, "estimator of MMD^2"),
	}, polySettings(&m.Degree, &m.Gamma, &m.Coef)...)
}

// With returns a copy with one option changed.
func (m KIDFull) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m KIDFull) Info() Info {
	return Info{ID: "kid_full", Domain: fromOrigin(), Title: "kernel distance of the whole sets", Values: []string{"kid_full", "kid_full_se"}, Better: Lower,
		Lo: math.Inf(-1), Hi: math.Inf(1), Needs: []Need{NeedFeatures}, Symmetric: true, Paper: "binkowski2018", Options: m.settings().options()}
}

// Compute implements Metric.
func (m KIDFull) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	if same(p) {
		return identicalResult(m.settings(), value("kid_full", 0, Lower)), nil
	}
	r, err := m.FromRows(ctx, InMemory{X: p.Real}, InMemory{X: p.Fake})
	if err == nil {
		describeSides(&r, p.Real, p.Fake)
	}
	return r, err
}

// FromRows is Compute for sets that do not fit in memory: it reads blocks of rows, several times each. The value is Compute's, to the bit.
func (m KIDFull) FromRows(ctx context.Context, real, fake Rows) (Result, error) {
	if err := m.settings().check("kid_full"); err != nil {
		return Result{}, err
	}
	if err := checkRows("kid_full", real, fake); err != nil {
		return Result{}, err
	}
	s, err := numeric.SumPairs(ctx, real, fake, numeric.Kernel{Kind: numeric.Poly, Degree: m.Degree, Gamma: m.Gamma, Coef: m.Coef})
	if err != nil {
		return Result{}, fmt.Errorf("kid_full: %w", err)
	}
	if m.Estimator == "ustat" && s.N != s.M {
		return Result{}, fault.Of(ErrShape, "kid_full: estimator ustat needs equal numbers of rows, have %d and %d: use unbiased", s.N, s.M)
	}
	r := newResult(m.settings())
	v, se := mmdValue("kid_full", s, m.Estimator, 1)
	if s.Reduced {
		r.convention("products", reducedProducts)
	}
	if r.Values = []Value{v}; v.Interval != nil {
		r.Values = append(r.Values, value("kid_full_se", se, None))
	}
	return r, nil
}

// reducedProducts is how the polynomial kernel of features far from 0 is summed.
const reducedProducts = "of centred rows, without the parts of the kernel that cancel: k(x, y) itself is too large here for its last digits to be held"

// checkRows is the shape check for sets read by blocks; their numbers are checked by whoever made them.
func checkRows(id string, real, fake Rows) error {
	n, d := real.Dims()
	m, e := fake.Dims()
	if d != e || d < 1 {
		return fault.Of(ErrShape, "%s: real has %d columns and fake has %d: use one featurizer for both", id, d, e)
	}
	if n < 2 || m < 2 {
		return fault.Of(ErrTooFew, "%s: %d real and %d fake rows, want at least 2 of each", id, n, m)
	}
	return nil
}

// mmdValue is an estimator of MMD^2 times scale, with its interval around the unbiased estimate and its standard error.
func mmdValue(name string, s numeric.PairSums, estimator string, scale float64) (Value, float64) {
	x := s.Unbiased()
	mid, lo, method := x, math.Inf(-1), "normal, U-statistic variance"
	switch estimator {
	case "biased":
		x, lo, method = s.Biased(), 0, "bias-corrected normal, U-statistic variance"
	case "ustat":
		x = s.UStatistic()
	}
	v := value(name, scale*x, Lower)
	if min(s.N, s.M) < 4 {
		return v.withinOr(nil, "fewer than 4 rows a side: the variance of a variance needs a few"), 0
	}
	se := scale * math.Sqrt(s.Variance())
	iv := around(scale*mid, se, lo, math.Inf(1), method)
	if iv != nil {
		iv.Hi = max(iv.Hi, lo)
		if mid *= scale; mid != v.Value {
			iv.Centre = &mid
		}
	}
	return v.withinOr(iv, "its variance is beyond the range of numbers"), se
}
