package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// Palate returns a cheap measure of copying [dziarmaga2025] from M, the biased squared MMD under the kernel exp(-|x-y|^2 / 2 s^2), real rows being held out:
//
//	palate   = M(real, fake) / (M(real, fake) + M(train, fake)), s = Sigma/3
//	m_palate = M(real, fake) / (2 (mean k over pairs of real rows + mean k over pairs of fakes)) + palate/2, the first M and the means with s = Sigma
//
// palate is 1/2 for fakes as near to unseen as to training rows and goes to 1 for copies; m_palate is in [0, 1], lower is better in both respects. M is biased by 1/N of
// the sides, so that palate of as many held-out as training rows compares; with fewer held-out rows it reads high. Sigma 0 is three times the width under which the
// held-out rows have Modes effective modes; the paper has 10.5 in DINOv2 features. The paper's filter of fakes of low density is left to the caller. No interval: a ratio
// of biased squares; dcr_share and c_t have one. Equals the authors' formulas in float64.
type Palate struct {
	Sigma float64
	Modes int
}

var _ Metric = Palate{}

func (m *Palate) settings() settings { return bandwidthSettings(&m.Sigma, &m.Modes) }

// With returns a copy with one option changed.
func (m Palate) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m Palate) Info() Info {
	options := m.settings().options()
	return Info{ID: "palate", Domain: gaussianDomain(m.Sigma), Title: "nearness to training beside unseen rows", Values: []string{"palate", "m_palate"}, Better: Near, Ideal: .5, Lo: 0, Hi: 1,
		Needs: []Need{NeedFeatures, NeedTrain}, Paper: "dziarmaga2025", Options: options}
}

// Compute implements Metric.
func (m Palate) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	r := newResult(m.settings())
	if m.Sigma == 0 {
		m.Sigma = 3 * p.bandwidth(m.Modes)
	}
	r.convention("sigma", "%v", m.Sigma)
	unseen, _, err := biasedMMD(ctx, p.Real, p.Fake, m.Sigma/3)
	if err != nil {
		return Result{}, err
	}
	seen, _, err := biasedMMD(ctx, p.Train, p.Fake, m.Sigma/3)
	if err != nil {
		return Result{}, err
	}
	wide, scale, err := biasedMMD(ctx, p.Real, p.Fake, m.Sigma)
	if err != nil {
		return Result{}, err
	}
	const why = "a ratio of biased squares: dcr_share and c_t have an interval"
	ratio := .5
	if unseen+seen > 0 {
		ratio = unseen / (unseen + seen)
	} else {
		r.degenerate("fakes, held-out and training rows are one set to the kernel: neither is nearer")
	}
	r.Values = []Value{value("palate", ratio, Near).withinOr(nil, why), value("m_palate", clip01(wide/(2*scale)+ratio/2), Lower).withinOr(nil, why)}
	if n, t := rows(p.Real), rows(p.Train); 2*n < t || 2*t < n {
		r.note("%d held-out and %d training rows: the bias of the smaller side tilts palate; compare with the same at equal numbers", n, t)
	}
	r.heldOut(ctx, p)
	return r, nil
}

// biasedMMD is the V-statistic and mean k(x, x') + mean k(y, y'), both over all pairs.
func biasedMMD(ctx context.Context, x, y *mat.Dense, sigma float64) (mmd, scale float64, err error) {
	s, err := numeric.SumPairs(ctx, InMemory{X: x}, InMemory{X: y}, numeric.Kernel{Kind: numeric.RBF, Sigma: sigma})
	if err != nil {
		return 0, 0, fmt.Errorf("palate: %w", err)
	}
	n, m := float64(s.N), float64(s.M)
	scale = (numeric.Sum(s.RowXX)+s.DiagX)/(n*n) + (numeric.Sum(s.RowYY)+s.DiagY)/(m*m)
	return math.Max(0, s.Biased()), scale, nil
}
