package metrics

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-gan/assay/internal/numeric"
)

// Birthday estimates the support size of the generator from coincidences among its samples, the birthday paradox test [arora2018] without the human
// eye. Two rows coincide if they are no farther apart than Eps times the median distance of a real row to its nearest other real row. With M
// coinciding pairs among N(N-1)/2,
//
//	birthday = N(N-1)/2 / M,   the size of a uniform support with this rate of coincidences
//	birthday_batch = sqrt(2 ln 2 birthday), the batch with a coincidence at even odds
//
// birthday_ratio divides by the same estimate of the real rows at the same radius: far below 1 is a small support. M is about Poisson, whose exact
// interval is carried over. With M = 0 only a lower bound exists, and the value is absent. A blurry or low-dimensional set coincides by chance: read
// the ratio.
type Birthday struct{ Eps float64 }

func (m *Birthday) settings() settings {
	return settings{floatSetting("eps", &m.Eps, 0.1, 0, 1e6, "coincidence radius in units of the real rows' median nearest-neighbour distance")}
}

var _ Metric = Birthday{}

// With returns a copy with one option changed.
func (m Birthday) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m Birthday) Info() Info {
	return Info{ID: "birthday", Domain: anywhere(0), Title: "support size by the birthday paradox", Values: []string{"birthday", "birthday_batch", "birthday_ratio"}, Better: Higher,
		Ideal: math.Inf(1), Lo: 1, Hi: math.Inf(1), Needs: []Need{NeedFeatures}, Paper: "arora2018", Options: m.settings().options()}
}

// Compute implements Metric.
func (m Birthday) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	own, err := p.Shared.radii(ctx, p.Real, 1)
	if err != nil {
		return Result{}, err
	}
	slices.Sort(own)
	r2 := m.Eps * m.Eps * quantile(own, .5)
	fake, err := coincidences(ctx, p.Fake, r2)
	if err != nil {
		return Result{}, err
	}
	real, err := coincidences(ctx, p.Real, r2)
	if err != nil {
		return Result{}, err
	}
	r := newResult(m.settings())
	r.convention("radius", "%.6g", math.Sqrt(r2))
	r.convention("pairs", "%.0f", fake)
	all, allReal := pairsOf(p.Fake), pairsOf(p.Real)
	if fake == 0 {
		r.note("no two of %d fakes coincide: the support is above %.3g with 95 %% confidence; draw more for an estimate", rows(p.Fake), all/-math.Log(.05))
		r.Status = Failed
		return r, nil
	}
	lo, hi := poisson(fake)
	size := all / fake
	iv := &Interval{Lo: max(1, all/hi), Hi: all / lo, Level: confidence, Method: "poisson"}
	r.Values = append(r.Values, value("birthday", size, Higher).in("samples").within(iv),
		value("birthday_batch", math.Sqrt(2*math.Ln2*size), Higher).in("samples").
			within(&Interval{Lo: math.Sqrt(2 * math.Ln2 * iv.Lo), Hi: math.Sqrt(2 * math.Ln2 * iv.Hi), Level: confidence, Method: "poisson"}))
	if real > 0 {
		r.Values = append(r.Values, value("birthday_ratio", size/(allReal/real), Near).within(ratioOfCounts(fake, real, allReal/all)))
	}
	if r2 == 0 {
		r.note("the radius is 0: only equal rows coincide")
	}
	if fake < 10 {
		r.warn("%.0f coincidences give a rough size only: draw more samples or raise birthday.eps", fake)
	}
	return r, nil
}

func pairsOf(x *mat.Dense) float64 {
	n := float64(rows(x))
	return n * (n - 1) / 2
}

func coincidences(ctx context.Context, x *mat.Dense, r2 float64) (float64, error) {
	counts, _, err := numeric.Within(ctx, x, x, r2)
	s := 0.0
	for _, c := range counts {
		s += float64(c)
	}
	return s / 2, err
}

// poisson is the exact 95 % interval of a Poisson mean after m events, m >= 1.
func poisson(m float64) (lo, hi float64) {
	return distuv.ChiSquared{K: 2 * m}.Quantile((1-confidence)/2) / 2, distuv.ChiSquared{K: 2*m + 2}.Quantile((1+confidence)/2) / 2
}

// ratioOfCounts is the exact interval of scale times the ratio of the Poisson means behind two counts above 0: given their sum, the first is binomial.
func ratioOfCounts(fake, real, scale float64) *Interval {
	b := distuv.Beta{Alpha: fake, Beta: real + 1}
	lo := b.Quantile((1 - confidence) / 2)
	b = distuv.Beta{Alpha: fake + 1, Beta: real}
	hi := b.Quantile((1 + confidence) / 2)
	// The ratio of supports is that of the reals' rate to the fakes'.
	return &Interval{Lo: (1 - hi) / hi / scale, Hi: (1 - lo) / lo / scale, Level: confidence, Method: "binomial"}
}
