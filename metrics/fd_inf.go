package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
)

// FDInf is the Frechet distance extrapolated to infinitely many fakes [chong2020]: the intercept of the least-squares line of FD against 1/n over
// Points nested subsets of the fakes, n from Min to N at equal steps, against all reals.
//
//	FD(real, first n fakes) = fd_inf + fd_inf_slope / n
//
// fd_inf_slope/N is the share of FD that is fake-side bias. fd_floor is the null floor: what two samples of the real distribution of these two sizes
// score on average (numeric.FrechetBias at the real spectrum). Subsets are prefixes of a random order that depends on contents and seed, or of the
// given order (order=given). fd_inf may fall below 0 by chance. The interval (normal, delta method over both sides) is for the populations'
// distance, with the real side's closed-form bias taken off too.
type FDInf struct {
	Points int
	Min    int    // 0: a tenth of N, at most 5000, at least four times the width, at most N/2
	Order  string // random, given

	Population bool // covariances divide by N and not by N - 1
}

var _ Metric = FDInf{}

func (m *FDInf) settings() settings {
	return settings{
		intSetting("points", &m.Points, 15, 2, "number of subset sizes"),
		intSetting("min", &m.Min, 0, 0, "smallest size; 0 chooses"),
		ddofSetting(&m.Population),
		enumSetting("order", &m.Order, []string{"random", "given"}, "order whose prefixes are the subsets"),
	}
}

// With returns a copy with one option changed.
func (m FDInf) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m FDInf) Info() Info {
	return Info{ID: "fd_inf", Domain: anywhere(2), Title: "Frechet distance at infinite N", Values: []string{"fd_inf", "fd_inf_slope", "fd_floor"}, Better: Lower,
		Lo: math.Inf(-1), Hi: math.Inf(1), Needs: []Need{NeedFeatures}, Paper: "chong2020", Options: m.settings().options(), Table: FD{}.table}
}

// Compute implements Metric.
func (m FDInf) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	n, d := p.Fake.Dims()
	sizes, err := m.sizes(n, d)
	if err != nil {
		return Result{}, err
	}
	order := identity(n)
	if m.Order == "random" {
		order = shuffled(p.Fake, p.Seed, "metrics", "fd_inf", "order")
	}
	real := statsSide(p.Real, Stats{})
	inf, slope, err := m.fit(ctx, real, p.Fake, order, sizes)
	if err != nil {
		return Result{}, err
	}
	r := newResult(m.settings())
	r.convention("sizes", "%d to %d", sizes[0], sizes[len(sizes)-1])
	v := value("fd_inf", inf, Lower)
	iv, why, err := m.interval(p, real, sizes, inf)
	if err != nil {
		return Result{}, err
	}
	v = v.withinOr(iv, "%s", why)
	r.Values = []Value{v, value("fd_inf_slope", slope, None), value("fd_floor", floor(real, real.N, n), None)}
	describeSides(&r, p.Real, p.Fake)
	switch {
	case same(p):
		r.degenerate("real and fake are the same rows: the line does not extrapolate anything; compare with another sample")
	case sizes[0] <= d || real.N <= d:
		r.warn("subsets of %d rows for %d features: below about %d the bias is no line in 1/n; draw more or set fd_inf.min", sizes[0], d, 4*d)
	}
	return r, nil
}

func (m FDInf) sizes(n, d int) ([]int, error) {
	lo := m.Min
	if lo == 0 {
		lo = min(max(min(5000, n/10), 4*d), n/2)
	}
	if lo = max(lo, 2); lo >= n {
		return nil, fault.Of(ErrTooFew, "fd_inf: smallest subset of %d of %d fakes leaves no line to fit: lower fd_inf.min or draw more", lo, n)
	}
	var out []int
	for i := range m.Points {
		s := int(math.Round(float64(lo) + float64(n-lo)*float64(i)/float64(m.Points-1)))
		if len(out) == 0 || s > out[len(out)-1] {
			out = append(out, s)
		}
	}
	return out, nil
}

// fit accumulates the fakes in order once and takes a distance at every size.
func (m FDInf) fit(ctx context.Context, real Stats, fake *mat.Dense, order, sizes []int) (intercept, slope float64, err error) {
	_, d := fake.Dims()
	acc := numeric.NewMoments(d, 0)
	x, y := make([]float64, len(sizes)), make([]float64, len(sizes))
	for i, n := range sizes {
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		if err := acc.Add(pick(fake, order[acc.N():n])); err != nil {
			return 0, 0, fmt.Errorf("fd_inf: %w", err)
		}
		t, err := acc.Total()
		if err != nil {
			return 0, 0, fmt.Errorf("fd_inf: %w", err)
		}
		f, err := numeric.FrechetStats(real.Mean, real.covariance(ddof(m.Population)), t.Mean, t.Cov(ddof(m.Population)), numeric.RouteAuto)
		if err != nil {
			return 0, 0, fmt.Errorf("fd_inf: %w", err)
		}
		x[i], y[i] = 1/float64(n), f.Value
	}
	intercept, slope = line(x, y)
	return intercept, slope, nil
}

// interval is for the populations' distance. The intercept is sum_k w_k FD_k over prefixes of n_k fakes, so that the fake in place i of the order has
// weight c_i = sum over prefixes that hold it of w_k/n_k, and with the influences psi of numeric.FrechetInfluence
//
//	variance = Var psi(real)/N + Var psi(fake) sum_i c_i^2 + V sum_kl w_k w_l (1/N + 1/max(n_k, n_l))^2
//
// where V is the second-order variance that is left under equality, as two nested prefixes share what the larger one averages. The fakes' bias is
// extrapolated away, the reals' is known in closed form.
func (m FDInf) interval(p Pair, real Stats, sizes []int, full float64) (*Interval, string, error) {
	n, d := p.Fake.Dims()
	if min(real.N, sizes[0]) <= d {
		return nil, fmt.Sprintf("subsets of %d and %d reals for %d features: a covariance is singular and the line is none", sizes[0], real.N, d), nil
	}
	fake := statsSide(p.Fake, Stats{})
	f, err := numeric.FrechetStats(real.Mean, real.covariance(ddof(m.Population)), fake.Mean, fake.covariance(ddof(m.Population)), numeric.RouteAuto)
	if err != nil {
		return nil, "", fmt.Errorf("fd_inf: %w", err)
	}
	vr, vf, ok := influenceVariance(p, real, fake)
	if !ok {
		return nil, irregular, nil
	}
	w := interceptWeights(sizes)
	variance, c, last := vr/float64(real.N), 0.0, n
	for k := len(sizes) - 1; k >= 0; k-- { // rows between one prefix and the next weigh the same
		from := 0
		if k > 0 {
			from = sizes[k-1]
		}
		c += w[k] / float64(sizes[k])
		variance += vf * c * c * float64(last-from)
		last = from
	}
	rest := numeric.FrechetNullVariance(f, 2, 2)
	for k, a := range w {
		for l, b := range w {
			shared := 1/float64(real.N) + 1/float64(max(sizes[k], sizes[l]))
			variance += rest * a * b * shared * shared
		}
	}
	mid, half := full-numeric.FrechetBias(f, real.N, math.MaxInt32), z95*math.Sqrt(variance)
	if !(half < math.MaxFloat64) {
		return nil, "its variance is beyond the range of numbers", nil
	}
	return &Interval{Lo: mid - half, Hi: mid + half, Level: confidence, Method: "bias-corrected normal, delta method", Centre: &mid}, "", nil
}

// interceptWeights are w_k of the least-squares intercept sum_k w_k y_k against 1/n_k; they sum to 1.
func interceptWeights(sizes []int) []float64 {
	n, mean, sxx := float64(len(sizes)), 0.0, 0.0
	for _, s := range sizes {
		mean += 1 / float64(s) / n
	}
	for _, s := range sizes {
		sxx += (1/float64(s) - mean) * (1/float64(s) - mean)
	}
	w := make([]float64, len(sizes))
	for k, s := range sizes {
		w[k] = 1/n - mean*(1/float64(s)-mean)/sxx
	}
	return w
}

// floor is the mean distance of two samples of n and m rows of the Gaussian with the covariance of s.
func floor(s Stats, n, m int) float64 {
	d := len(s.Mean)
	c := mat.NewSymDense(d, nil)
	c.CopySym(s.Cov)
	raw := c.RawSymmetric()
	f := numeric.Frechet{TraceA: mat.Trace(c), TraceB: mat.Trace(c)}
	f.Roots = numeric.SymEigenvalues(blas64.Symmetric{N: d, Stride: raw.Stride, Data: raw.Data, Uplo: blas.Upper})
	for i, v := range f.Roots {
		f.Roots[i] = max(0, v)
	}
	return numeric.FrechetBias(f, n, m)
}

// line is the least-squares line through the points.
func line(x, y []float64) (intercept, slope float64) {
	n := float64(len(x))
	mx, my := numeric.Sum(x)/n, numeric.Sum(y)/n
	sxx, sxy := 0.0, 0.0
	for i := range x {
		sxx += (x[i] - mx) * (x[i] - mx)
		sxy += (x[i] - mx) * (y[i] - my)
	}
	slope = sxy / sxx
	return my - slope*mx, slope
}
