package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// FINC returns what KEN does for sets of any size [zhang2025]: the Gaussian kernel is replaced by Features random Fourier frequencies w from N(0, I/Sigma^2),
//
//	phi(x) = [cos(w.x), sin(w.x)] / sqrt(Features),   C = mean of phi phi'
//
// and the eigenvalues are those of the 2 Features x 2 Features matrix C_fake - Eta C_real, the work linear in the rows. The values are named as ken's and in the same
// ranges; they approach ken's of all rows as Features grow. The frequencies come from the seed. Sigma 0 is the width under which the real rows have Modes effective modes.
// Needs 2 rows a side; no interval, as for ken. Agrees with the authors' code given the same frequencies to 1e-9.
type FINC struct {
	Sigma, Eta      float64
	Modes, Features int
}

var _ Metric = FINC{}

func (m *FINC) settings() settings {
	return append(bandwidthSettings(&m.Sigma, &m.Modes),
		floatSetting("eta", &m.Eta, 1, math.SmallestNonzeroFloat64, 1e6, "how many times as frequent as in the other set a mode must be"),
		intSetting("features", &m.Features, 256, 1, "random frequencies, which make twice as many features"))
}

// With returns a copy with one option changed.
func (m FINC) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m FINC) Info() Info {
	options := m.settings().options()
	return Info{ID: "finc", Domain: gaussianDomain(m.Sigma), Title: "kernel entropy novelty by random Fourier features",
		Values: []string{"finc", "finc_missing", "finc_novel", "finc_largest", "finc_largest_missing"}, Better: None, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedFeatures}, Paper: "zhang2025", Options: options, Table: m.table}
}

// table is the difference of covariances and its copies while eigenvalues are sought.
func (m FINC) table(Extent) Table {
	n := 2 * m.Features
	return Table{fmt.Sprintf("covariances of %d Fourier features", n), squared(n, 3), "lower finc.features"}
}

// Compute implements Metric.
func (m FINC) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	invented, missing, err := m.both(ctx, p, 0)
	if err != nil {
		return Result{}, err
	}
	r := newResult(m.settings(), noveltyValues("finc", invented, missing)...)
	r.convention("sigma", "%v", invented.Sigma)
	noveltyDoubts(&r, "finc", p, math.MaxInt, m.Sigma)
	return r, nil
}

// Novelties returns the modes that the fakes have beyond the data and those of the data that the fakes lack, top of each, with the score of every row of p in its order.
func (m FINC) Novelties(ctx context.Context, p Pair, top int) (invented, missing Novelty, err error) {
	if err := ready(&m, p); err != nil {
		return invented, missing, err
	}
	return m.both(ctx, p, top)
}

func (m FINC) both(ctx context.Context, p Pair, top int) (invented, missing Novelty, err error) {
	q := inOrder(Pair{Real: p.Real, Fake: p.Fake})
	sigma := m.Sigma
	if sigma == 0 {
		sigma = p.bandwidth(m.Modes)
	}
	_, d := q.Real.Dims()
	src, w := rng.Stream(p.Seed, "metrics", "finc"), mat.NewDense(m.Features, d, nil)
	for i := range m.Features {
		for j := range d {
			w.Set(i, j, src.Normal()/sigma)
		}
	}
	if invented, err = FourierNovelty(ctx, q.Fake, q.Real, w, m.Eta, top); err != nil {
		return invented, missing, fmt.Errorf("finc: %w", err)
	}
	missing = invented.opposite()
	if m.Eta != 1 || top > 0 {
		if missing, err = FourierNovelty(ctx, q.Real, q.Fake, w, m.Eta, top); err != nil {
			return invented, missing, fmt.Errorf("finc: %w", err)
		}
	}
	invented.Sigma, missing.Sigma = sigma, sigma
	if err = invented.scoreAll(p.Fake, p.Real); err == nil {
		err = missing.scoreAll(p.Real, p.Fake)
	}
	return invented, missing, err
}

// FourierNovelty returns the modes of x beyond eta times those of other under the given frequencies (features x D, already divided by the kernel's width), top of them
// with their functions [zhang2025]. Rows are taken around the mean of other, which turns pairs of cosine and sine and leaves every eigenvalue.
func FourierNovelty(ctx context.Context, x, other, frequencies *mat.Dense, eta float64, top int) (Novelty, error) {
	_, d := x.Dims()
	if _, w := frequencies.Dims(); w != d {
		return Novelty{}, fault.Of(ErrShape, "frequencies of %d numbers for %d features", w, d)
	}
	f := fourier{frequencies, numeric.Mean(other)}
	size := 2 * rows(frequencies)
	s := mat.NewSymDense(size, nil)
	if err := f.add(ctx, s, x, 1/float64(rows(x))); err != nil {
		return Novelty{}, err
	}
	if err := f.add(ctx, s, other, -eta/float64(rows(other))); err != nil {
		return Novelty{}, err
	}
	n := Novelty{Eta: eta, width: d}
	w, err := n.spectrum(ctx, s, top)
	if err != nil || w == nil {
		return n, err
	}
	n.coef = w
	n.features = func(y *mat.Dense) *mat.Dense { return mat.DenseCopyOf(f.of(y).T()) }
	return n, n.score(x, other)
}

// fourier is a map to random Fourier features.
type fourier struct {
	frequencies *mat.Dense
	centre      []float64
}

// of is the features of rows, rows x 2 frequencies.
func (f fourier) of(x *mat.Dense) *mat.Dense {
	n, d := x.Dims()
	half := rows(f.frequencies)
	c, angle, out := mat.NewDense(n, d, nil), mat.NewDense(n, half, nil), mat.NewDense(n, 2*half, nil)
	for i := range n {
		for j, v := range x.RawRowView(i) {
			c.Set(i, j, v-f.centre[j])
		}
	}
	angle.Mul(c, f.frequencies.T())
	scale := 1 / math.Sqrt(float64(half))
	kernel.Par(n, func(i int) {
		dst := out.RawRowView(i)
		for j, v := range angle.RawRowView(i) {
			s, c := math.Sincos(v)
			dst[j], dst[half+j] = scale*c, scale*s
		}
	})
	return out
}

// add adds weight times the sum over rows of phi phi' to s, block by block.
func (f fourier) add(ctx context.Context, s *mat.SymDense, x *mat.Dense, weight float64) error {
	const block = 2048
	n, d := x.Dims()
	for lo := 0; lo < n; lo += block {
		if err := ctx.Err(); err != nil {
			return err
		}
		phi := f.of(x.Slice(lo, min(lo+block, n), 0, d).(*mat.Dense))
		blas64.Syrk(blas.Trans, weight, phi.RawMatrix(), 1, s.RawSymmetric())
	}
	return nil
}
