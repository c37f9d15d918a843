package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
)

// FD is the Frechet distance of two feature sets, each taken as a Gaussian [dowson1982; heusel2017]:
//
//	|mu_r - mu_f|^2 + tr S_r + tr S_f - 2 tr (S_r^1/2 S_f S_r^1/2)^1/2
//
// The covariances divide by N - 1, as in most suites. It takes features or statistics on either side, N >= 2. The unit is that of the
// features squared, the range [0, inf), identical inputs give exactly 0. The value is biased upwards, by about fd_bias. Agrees with pytorch-fid's
// definition where the covariances are regular, and stays exact where they are singular (N <= d).
//
// The interval is for the populations' distance: bias-corrected, delta-method variance plus the variance left under equality, normal quantiles. It
// needs the features and regular covariances.
type FD struct {
	Population bool   // covariances divide by N, as StyleGAN2-ADA's do, and not by N - 1
	Route      string // numeric route: auto, gram, cholesky, pivoted
	Interval   string // delta, jackknife, none
}

var _ Metric = FD{}

func (m *FD) settings() settings {
	return settings{
		ddofSetting(&m.Population),
		enumSetting("route", &m.Route, numeric.Routes(), "how the trace of the matrix root is computed"),
		enumSetting("interval", &m.Interval, []string{"delta", "jackknife", "none"}, "how the interval is made"),
	}
}

// With returns a copy with one option changed.
func (m FD) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m FD) Info() Info {
	return Info{ID: "fd", Domain: anywhere(2), Title: "Frechet distance", Values: []string{"fd", "fd_mean", "fd_bias"}, Better: Lower, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedMoments}, Symmetric: true, Paper: "heusel2017", Options: m.settings().options(), Table: m.table}
}

// table is the matrices behind the trace: products of rows where there are no more of them than features (gram), else the covariances and their factors.
func (m FD) table(e Extent) Table {
	if n := min(e.Real, e.Fake); m.Route == numeric.RouteGram || (m.Route == "" || m.Route == numeric.RouteAuto) && n > 0 && n <= e.Dim {
		return Table{fmt.Sprintf("products of %d x %d rows", e.Real, e.Fake), 8 * float64(e.Real) * float64(e.Fake), "give fewer samples or use a featurizer with fewer features, such as pca"}
	}
	return Table{fmt.Sprintf("covariances of %d features", e.Dim), squared(e.Dim, 3), "use fd_diag, or a featurizer with fewer features, such as pca"}
}

// jackknifeLimit is the width up to which 40 more distances are affordable.
const jackknifeLimit = 256

// Compute implements Metric.
func (m FD) Compute(_ context.Context, p Pair) (Result, error) {
	r, _, err := m.compute(p)
	return r, err
}

// spread is what a normal interval is made of before it is cut at 0; why says that there is none.
type spread struct {
	mid, se float64
	why     string
}

func (m FD) compute(p Pair) (r Result, s spread, err error) {
	if err := ready(&m, p); err != nil {
		return Result{}, s, err
	}
	f, real, fake, err := m.distance(p)
	if err != nil {
		return Result{}, s, fault.Of(ErrValue, "fd: %w", err)
	}
	r = newResult(m.settings(), value("fd", f.Value, Lower), meanTerm(p, f, real, fake))
	r.convention("route", "%s", f.Route)
	r.convention("rank_real", "%d", f.RankA)
	r.convention("rank_fake", "%d", f.RankB)
	r.convention("condition", "%.3g", f.Condition)
	if p.Real != nil && p.Fake != nil {
		describeSides(&r, p.Real, p.Fake)
	} else if real.N != fake.N {
		r.note("%d real rows and %d fake rows: compare only with values at the same two counts", real.N, fake.N)
	}
	if f.Route == numeric.RouteIdentical {
		r.degenerate("real and fake have the same statistics to the bit: 0 by definition; compare with another sample of the real data")
		return r, s, nil
	}
	d, least := len(real.Mean), min(real.N, fake.N)
	switch {
	case least <= d:
		s.why = singular(least, d)
		r.Values[0] = r.Values[0].withinOr(nil, "%s", s.why)
		r.warn("%s; draw at least %d, better %d", s.why, d+1, 10*d)
		return r, s, nil
	case min(f.RankA, f.RankB) < d:
		s.why = fmt.Sprintf("a covariance is singular (ranks %d and %d of %d), where the distance has no first-order influence", f.RankA, f.RankB, d)
		r.Values[0] = r.Values[0].withinOr(nil, "%s", s.why)
		r.note("the covariances have ranks %d and %d of %d features: no interval", f.RankA, f.RankB, d)
		return r, s, nil
	}
	bias := numeric.FrechetBias(f, real.N, fake.N)
	r.Values = append(r.Values, value("fd_bias", bias, None))
	if bias > 0.5*f.Value {
		r.note("about %.2g of the distance of %.3g is sampling bias: draw more rows, or read fd_inf", bias, f.Value)
	}
	if m.Interval == "jackknife" && d <= jackknifeLimit && p.Real != nil && p.Fake != nil {
		r.Values[0] = r.Values[0].withinOr(m.jackknife(p, f.Value), "fewer than %d rows a side for the jackknife", 2*jackknifeGroups)
		return r, s, nil
	}
	s = m.delta(p, f, real, fake, bias)
	r.Values[0] = r.Values[0].withinOr(s.interval(), "%s", s.why)
	return r, s, nil
}

// singular is why a Frechet distance from no more rows than features says little.
func singular(rows, d int) string {
	return fmt.Sprintf("%d rows for %d features: the covariance is singular and the distance mostly bias", rows, d)
}

// interval is the normal one, cut at 0.
func (s spread) interval() *Interval {
	if s.why != "" {
		return nil
	}
	return &Interval{Lo: max(0, s.mid-z95*s.se), Hi: max(0, s.mid+z95*s.se), Level: confidence, Method: "bias-corrected normal, delta method", Centre: &s.mid}
}

// meanTerm is |mu_r - mu_f|^2. As a quadratic form of a nearly normal difference with covariance C = S_r/n + S_f/m it has bias tr C and variance
// 4 d'Cd + 2 |C|^2, so that its interval needs no more than the statistics, or the rows where no covariances were made of them.
func meanTerm(p Pair, f numeric.Frechet, real, fake Stats) Value {
	v := value("fd_mean", f.MeanTerm, Lower)
	var trace, square, across float64
	if real.Cov != nil && fake.Cov != nil {
		trace, square, across = meanNoise(real, fake)
	} else {
		trace, square, across = numeric.MeanNoise(p.Real, p.Fake)
	}
	mid, half := f.MeanTerm-trace, z95*math.Sqrt(4*max(0, across)+2*square)
	if !(half < math.MaxFloat64) {
		return v.withinOr(nil, "its variance is beyond the range of numbers")
	}
	return v.within(&Interval{Lo: max(0, mid-half), Hi: max(0, mid+half), Level: confidence, Method: "bias-corrected normal, quadratic form", Centre: &mid})
}

// meanNoise is numeric.MeanNoise of statistics.
func meanNoise(real, fake Stats) (trace, square, across float64) {
	a, b := real.Cov.RawSymmetric(), fake.Cov.RawSymmetric()
	for i, mu := range real.Mean {
		di := mu - fake.Mean[i]
		for j := i; j < len(real.Mean); j++ {
			c := a.Data[i*a.Stride+j]/float64(real.N) + b.Data[i*b.Stride+j]/float64(fake.N)
			if i == j {
				trace, square, across = trace+c, square+c*c, across+di*di*c
				continue
			}
			square += 2 * c * c
			across += 2 * di * (real.Mean[j] - fake.Mean[j]) * c
		}
	}
	return trace, square, across
}

// distance takes the cheapest exact way that the input allows.
func (m FD) distance(p Pair) (f numeric.Frechet, real, fake Stats, err error) {
	if p.Real != nil && p.Fake != nil {
		_, d := p.Real.Dims()
		if m.Route == numeric.RouteGram || (m.Route == numeric.RouteAuto && min(rows(p.Real), rows(p.Fake)) <= d) {
			f, err = numeric.FrechetFeatures(p.Real, p.Fake, ddof(m.Population), numeric.RouteGram)
			real = Stats{N: rows(p.Real), Mean: make([]float64, d)}
			fake = Stats{N: rows(p.Fake), Mean: make([]float64, d)}
			return f, real, fake, err
		}
	}
	real, fake = statsSide(p.Real, p.RealStats), statsSide(p.Fake, p.FakeStats)
	f, err = numeric.FrechetStats(real.Mean, real.covariance(ddof(m.Population)), fake.Mean, fake.covariance(ddof(m.Population)), m.Route)
	if err == nil && m.Route == numeric.RouteAuto && f.Route == numeric.RoutePivoted && p.Real != nil && p.Fake != nil {
		f, err = numeric.FrechetFeatures(p.Real, p.Fake, ddof(m.Population), numeric.RouteGram) // the features know the singular directions exactly
	}
	return f, real, fake, err
}

// delta is the delta method's spread.
func (m FD) delta(p Pair, f numeric.Frechet, real, fake Stats, bias float64) spread {
	if m.Interval == "none" {
		return spread{why: "fd.interval=none"}
	}
	if p.Real == nil || p.Fake == nil {
		return spread{why: "statistics do not hold the rows whose influence makes the variance: give features"}
	}
	vr, vf, ok := influenceVariance(p, real, fake)
	if !ok {
		return spread{why: irregular}
	}
	se := math.Sqrt(vr/float64(real.N) + vf/float64(fake.N) + numeric.FrechetNullVariance(f, real.N, fake.N))
	if !(se < math.MaxFloat64) {
		return spread{why: "its variance is beyond the range of numbers"}
	}
	return spread{mid: f.Value - bias, se: se}
}

const irregular = "a covariance is too near to singular for a first-order influence"

// influenceVariance is the variance over the rows of either side of their first-order influence on the distance.
func influenceVariance(p Pair, real, fake Stats) (vr, vf float64, ok bool) {
	if real.Cov == nil || fake.Cov == nil {
		return 0, 0, false
	}
	psiR, psiF, ok := numeric.FrechetInfluence(p.Real, p.Fake, real.Mean, real.Cov, fake.Mean, fake.Cov)
	if !ok {
		return 0, 0, false
	}
	_, sr := meanSE(psiR)
	_, sf := meanSE(psiF)
	return sr * sr * float64(len(psiR)), sf * sf * float64(len(psiF)), true
}

// jackknife leaves out groups by merging the moments of the others: one pass over the rows, then 40 distances.
func (m FD) jackknife(p Pair, full float64) *Interval {
	if min(rows(p.Real), rows(p.Fake)) < 2*jackknifeGroups {
		return nil
	}
	real, fake := statsSide(p.Real, Stats{}), statsSide(p.Fake, Stats{})
	leave := func(x *mat.Dense, role string, other Stats) []float64 {
		groups := groupsOf(x, jackknifeGroups, p.Seed, "metrics", "fd", role)
		out := make([]float64, 0, jackknifeGroups)
		for g := range jackknifeGroups {
			s := statsSide(without(x, groups, g), Stats{})
			f, err := numeric.FrechetStats(s.Mean, s.covariance(ddof(m.Population)), other.Mean, other.covariance(ddof(m.Population)), numeric.RouteAuto)
			if err != nil {
				return nil
			}
			out = append(out, f.Value)
		}
		return out
	}
	_, iv := twoSample(full, leave(p.Real, "real", fake), leave(p.Fake, "fake", real), 0, math.Inf(1))
	return iv
}
