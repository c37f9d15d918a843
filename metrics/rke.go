package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// RKE returns the mode count by Renyi's kernel entropy of order 2 and the relative one [jalali2023], under the kernel k(x, y) = exp(-|x-y|^2 / 2 Sigma^2):
//
//	rke       = 1 / mean over all pairs of fakes of k^2, itself with itself included: the effective number of modes, from 1 to n
//	rke_ratio = rke of the fakes over that of as many real rows: 1 is as diverse as the data
//	rrke      = -log (sum of the singular values of K_real,fake / sqrt(n m))^2, 0 for equal sets, at most Rows rows a side
//
// rke is the Vendi score of order 2 under this kernel. Sigma 0 is the width under which the real rows have Modes effective modes. Needs 2 rows a side. Intervals: random
// halves under the same width, for the mean at these N. Equals the authors' code.
type RKE struct {
	Sigma       float64
	Modes, Rows int
}

var _ Metric = RKE{}

func (m *RKE) settings() settings {
	return append(bandwidthSettings(&m.Sigma, &m.Modes), intSetting("rows", &m.Rows, 500, 2, "rows a side that rrke uses at most"))
}

// With returns a copy with one option changed.
func (m RKE) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m RKE) Info() Info {
	options := m.settings().options()
	return Info{ID: "rke", Domain: gaussianDomain(m.Sigma), Title: "effective modes by kernel entropy", Values: []string{"rke", "rke_ratio", "rrke"}, Better: Higher, Ideal: math.Inf(1),
		Lo: 1, Hi: math.Inf(1), Needs: []Need{NeedFeatures}, Paper: "jalali2023", Options: options, Table: m.table}
}

// table is the kernel matrix whose singular values are sought.
func (m RKE) table(e Extent) Table {
	n := min(max(e.Real, e.Fake), m.Rows)
	return Table{fmt.Sprintf("a kernel matrix of %d x %d", n, n), squared(n, 3), "lower rke.rows"}
}

// Compute implements Metric.
func (m RKE) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	p = inOrder(p) // what is drawn must not depend on the order of files
	r := newResult(m.settings())
	if m.Sigma == 0 {
		m.Sigma = p.bandwidth(m.Modes)
		if constantColumns(p.Real) == p.Real.RawMatrix().Cols {
			r.degenerate("all real rows are equal: no width of the kernel follows from them; set rke.sigma")
		}
	}
	r.convention("sigma", "%v", m.Sigma)
	found, err := m.pass(ctx, p)
	if err != nil {
		return Result{}, err
	}
	r.Values = found.Values
	if len(r.Values) < 3 {
		r.note("rrke is infinite: no fake is near enough to a real row for the kernel to be above 0; raise rke.sigma")
	}
	if n := rows(p.Fake); r.Values[0].Value > float64(n)/2 {
		r.note("%.3g effective modes of %d rows: under this width most rows are modes of their own; draw more rows or raise rke.sigma", r.Values[0].Value, n)
	}
	n, d := p.Real.Dims()
	return r, r.resample(ctx, p, resampling{id: "rke", work: float64(n+rows(p.Fake)) * float64(n+rows(p.Fake)) * float64(d), score: m.pass, bounds: func(name string) (lo, hi float64) {
		if name == "rke" {
			return 1, math.Inf(1)
		}
		return 0, math.Inf(1)
	}})
}

// pass is the values without intervals; rrke is left out where it is infinite.
func (m RKE) pass(ctx context.Context, p Pair) (Result, error) {
	n := min(rows(p.Real), rows(p.Fake))
	fake, err := m.modes(ctx, p.Fake)
	if err != nil {
		return Result{}, err
	}
	same := fake
	if rows(p.Fake) > n {
		if same, err = m.modes(ctx, choose(p.Fake, n, p.Seed, "fake")); err != nil {
			return Result{}, err
		}
	}
	real, err := m.modes(ctx, choose(p.Real, n, p.Seed, "real"))
	if err != nil {
		return Result{}, err
	}
	r := newResult(m.settings(), value("rke", fake, Higher).in("modes"), value("rke_ratio", same/real, Near))
	k := numeric.SqDists(choose(p.Real, m.Rows, p.Seed, "rke real"), choose(p.Fake, m.Rows, p.Seed, "rke fake"))
	numeric.Gaussian(k, m.Sigma)
	if v := relativeEntropy(k); !math.IsInf(v, 1) {
		r.Values = append(r.Values, value("rrke", v, Lower).in("nats"))
	}
	return r, nil
}

// modes is 1 / mean k^2.
func (m RKE) modes(ctx context.Context, x *mat.Dense) (float64, error) {
	s, err := numeric.SumPairs(ctx, InMemory{X: x}, InMemory{X: x.Slice(0, 1, 0, x.RawMatrix().Cols).(*mat.Dense)}, numeric.Kernel{Kind: numeric.RBF, Sigma: m.Sigma})
	n := float64(rows(x))
	return min(n, max(1, n*n/(s.SqXX+n))), err
}

// relativeEntropy is -log of the squared nuclear norm of k / sqrt(n m).
func relativeEntropy(k *mat.Dense) float64 {
	n, f := k.Dims()
	k = mat.DenseCopyOf(k)
	sum := 0.0
	for _, s := range numeric.SingularValues(k.RawMatrix()) {
		sum += s
	}
	return max(0, -2*math.Log(sum/math.Sqrt(float64(n)*float64(f))))
}
