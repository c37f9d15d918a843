package metrics

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/numeric"
)

// KID is the mean over Subsets pairs of subsets of Size rows of the unbiased MMD^2 under the kernel (Gamma x.y + Coef)^Degree [binkowski2018];
// Gamma 0 is 1/d. kid_std is the standard deviation over subsets (DDof 0, as in torch-fidelity): the spread of overlapping subsets, which is not an
// error of kid. The interval of kid has one: with V(n, m) the U-statistic's variance at n and m rows, its components averaged over subsets,
//
//	Var kid = V(N, M) + (V(size, size) - V(N, M))/Subsets,  consecutive blocks: V(size, size)/Subsets
//
// since the mean over all subsets would be kid_full itself. Subsets are drawn without replacement, in a way that depends on contents and seed only, or are consecutive blocks of
// the given order. Fewer rows than Size lower Size to their number, with a note. Range (-inf, inf); unbiased, so negative values happen. From 1e10 multiplications
// on, products of centred rows are in float32 where a sample of them in both precisions puts the error below a thousandth of the estimate's own noise; the
// convention "products" then says so, and how far kid may move.
type KID struct {
	Subsets, Size int
	Degree        int
	Gamma, Coef   float64
	Sampling      string // random, consecutive
	Estimator     string // unbiased, biased
	DDof          int
}

var _ Metric = KID{}

func (m *KID) settings() settings {
	return append(settings{
		intSetting("subsets", &m.Subsets, 100, 1, "number of pairs of subsets"),
		intSetting("size", &m.Size, 1000, 2, "rows in a subset"),
		enumSetting("sampling", &m.Sampling, []string{"random", "consecutive"}, "how subsets are chosen"),
		enumSetting("estimator", &m.Estimator, []string{"unbiased", "biased"}, "estimator of MMD^2"),
		choiceSetting("ddof", &m.DDof, []int{0, 1}, "kid_std divides by subsets - ddof: 1 or 0"),
	}, polySettings(&m.Degree, &m.Gamma, &m.Coef)...)
}

func polySettings(degree *int, gamma, coef *float64) settings {
	return settings{
		intSetting("degree", degree, 3, 1, "degree of the polynomial kernel"),
		floatSetting("gamma", gamma, 0, 0, math.MaxFloat64, "factor of the dot product; 0 is 1/d"),
		floatSetting("coef", coef, 1, -math.MaxFloat64, math.MaxFloat64, "constant of the kernel"),
	}
}

// With returns a copy with one option changed.
func (m KID) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m KID) Info() Info {
	return Info{ID: "kid", Domain: fromOrigin(), Title: "kernel distance over subsets", Values: []string{"kid", "kid_std"}, Better: Lower, Lo: math.Inf(-1), Hi: math.Inf(1),
		Needs: []Need{NeedFeatures}, Paper: "binkowski2018", Options: m.settings().options(), Table: m.table}
}

// table is the rows of every subset on both sides, as indices.
func (m KID) table(e Extent) Table {
	size := min(m.Size, e.Real, e.Fake)
	return Table{fmt.Sprintf("%d pairs of subsets of %d rows", m.Subsets, size), 16 * float64(m.Subsets) * float64(size), "lower kid.subsets or kid.size, or use kid_full"}
}

// Compute implements Metric.
func (m KID) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	if same(p) {
		return identicalResult(m.settings(), value("kid", 0, Lower), value("kid_std", 0, None)), nil
	}
	r := newResult(m.settings())
	size := min(m.Size, rows(p.Real), rows(p.Fake))
	if size < m.Size {
		r.note("subsets of %d rows, as a side has no more; kid.size=%d needs that many on both", size, m.Size)
		r.convention("size", "%d", size)
	}
	if m.Subsets > 1 && size == rows(p.Real) && size == rows(p.Fake) {
		r.note("both sides are one subset of %d rows: all %d subsets are the same, and kid is kid_full; lower kid.size or give more rows", size, m.Subsets)
	}
	poly := numeric.Kernel{Kind: numeric.Poly, Degree: m.Degree, Gamma: m.Gamma, Coef: m.Coef}
	values := make([]float64, m.Subsets)
	chooseReal, err := m.chooser("real", rows(p.Real), size, func() []int { return canonical(p.Real) })
	if err != nil {
		return Result{}, err
	}
	chooseFake, err := m.chooser("fake", rows(p.Fake), size, func() []int { return canonical(p.Fake) })
	if err != nil {
		return Result{}, err
	}
	unbiased := 0.0
	var sub numeric.Subsets
	for i := range values {
		sub.X = append(sub.X, chooseReal(p.Seed, i))
		sub.Y = append(sub.Y, chooseFake(p.Seed, i))
	}
	sums, rounding, err := numeric.SumSubsets(ctx, p.Real, p.Fake, sub, poly)
	if err != nil {
		return Result{}, fmt.Errorf("kid: %w", err)
	}
	for i, s := range sums {
		values[i] = s.Unbiased()
		unbiased += values[i] / float64(len(values))
		if m.Estimator == "biased" {
			values[i] = s.Biased()
		}
	}
	spread, err := m.spread(ctx, p, sub, size, poly)
	if err != nil {
		return Result{}, err
	}
	switch {
	case rounding.Float32 > 0:
		r.convention("products", "float32, which moves kid by less than %.1g", rounding.Float32)
	case rounding.Reduced:
		r.convention("products", reducedProducts)
	}
	mean := numeric.Sum(values) / float64(len(values))
	r.Values = []Value{value("kid", mean, Lower).withinOr(m.interval(unbiased, spread, size, p), "subsets of %d rows: the variance of a variance needs 4", size)}
	if m.Subsets > m.DDof {
		v := 0.0
		for _, k := range values {
			v += (k - mean) * (k - mean)
		}
		r.Values = append(r.Values, value("kid_std", math.Sqrt(v/float64(m.Subsets-m.DDof)), None))
	}
	describeSides(&r, p.Real, p.Fake)
	return r, nil
}

// spreadRows is how many rows a side the components of the variance come from: they need row sums, which take as long as the subset itself.
const spreadRows = 4000

// spread is the variance's components, averaged over the first subsets.
func (m KID) spread(ctx context.Context, p Pair, sub numeric.Subsets, size int, k numeric.Kernel) (s numeric.Spread, err error) {
	if size < 4 {
		return s, nil
	}
	n := min(len(sub.X), max(1, (spreadRows+size-1)/size))
	spreads, errs := make([]numeric.Spread, n), make([]error, n)
	kernel.Par(n, func(i int) {
		sums, err := numeric.SumPairs(ctx, InMemory{X: pick(p.Real, sub.X[i])}, InMemory{X: pick(p.Fake, sub.Y[i])}, k)
		if errs[i] = err; err == nil {
			spreads[i] = sums.Spread()
		}
	})
	for i, err := range errs {
		if err != nil {
			return s, fmt.Errorf("kid: %w", err)
		}
		s.Add(1/float64(n), spreads[i])
	}
	return s, nil
}

// interval is normal around the unbiased mean over subsets.
func (m KID) interval(unbiased float64, s numeric.Spread, size int, p Pair) *Interval {
	if size < 4 {
		return nil
	}
	whole, part := s.At(rows(p.Real), rows(p.Fake)), s.At(size, size)
	variance := whole + max(0, part-whole)/float64(m.Subsets)
	if m.Sampling == "consecutive" {
		variance = part / float64(m.Subsets) // blocks share no row
	}
	lo, method := math.Inf(-1), "normal, U-statistic variance over subsets"
	if m.Estimator == "biased" {
		lo, method = 0, "bias-corrected normal, U-statistic variance over subsets"
	}
	iv := around(unbiased, math.Sqrt(variance), lo, math.Inf(1), method)
	if iv != nil {
		iv.Hi = max(iv.Hi, lo)
		if m.Estimator != "unbiased" {
			iv.Centre = &unbiased
		}
	}
	return iv
}

// chooser returns the row numbers of subset i.
func (m KID) chooser(role string, n, size int, order func() []int) (func(seed uint64, i int) []int, error) {
	if m.Sampling == "consecutive" {
		if m.Subsets*size > n {
			return nil, fault.Of(ErrTooFew, "kid: %d consecutive blocks of %d need %d %s rows, have %d: lower kid.subsets or kid.size",
				m.Subsets, size, m.Subsets*size, role, n)
		}
		return func(_ uint64, i int) []int { return identity(n)[i*size : (i+1)*size] }, nil
	}
	base := order()
	return func(seed uint64, i int) []int {
		out := make([]int, size)
		for t, at := range subset(seed, n, size, "metrics", "kid", role, strconv.Itoa(i)) {
			out[t] = base[at]
		}
		return out
	}, nil
}
