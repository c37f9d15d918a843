package featurizer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
)

const (
	// fitRows is the most reference rows a PCA is fitted on, taken evenly over the set.
	fitRows = 4096
	// exactSize is the largest side for which the whole eigenvalue problem is solved; above it the leading subspace is iterated.
	exactSize = 800
	// pcaSweeps and pcaExtra set the subspace iteration: error falls by (lambda_(k+extra)/lambda_k)^(2 sweeps).
	pcaSweeps = 24
	pcaExtra  = 16
)

// pca projects the features of another featurizer onto their leading principal components.
type pca struct {
	k     int
	inner Featurizer
	mean  []float64
	axes  *mat.Dense // d x k, orthonormal columns
	hash  string
}

var _ Featurizer = (*pca)(nil)

func pcaMaker() Maker {
	return Maker{
		Name: "pca", Usage: "pca(k,inner)", Title: "the first k principal components of another featurizer, fitted on the reference set", Needs: "Reference", Trial: "pca(3,pixels)",
		Fitted: true,
		Open:   openPCA,
	}
}

func openPCA(ctx context.Context, s Spec, env Env) (Featurizer, error) {
	if err := s.args(2, 2, "pca(k,inner), e.g. pca(64,pixels)"); err != nil {
		return nil, err
	}
	k, err := s.integer(0, "k", 1, 1<<16)
	if err != nil {
		return nil, err
	}
	inner, err := open(ctx, s.Args[1], env)
	if err != nil {
		return nil, err
	}
	if env.Reference == nil {
		return nil, fmt.Errorf("featurizer %s: no reference set to fit the components on: name the real samples", s)
	}
	return FitPCA(ctx, int(k), inner, env.Reference)
}

// FitPCA returns the featurizer y = V'(x - m), where m is the mean of inner's features of the reference set and the k columns of V are the
// eigenvectors of their covariance with the largest eigenvalues, largest first, each with its component of largest magnitude positive. At most
// 4096 rows are used, taken evenly over the set. The components are no longer scaled: variances stay those of the data. The Fingerprint holds
// the hash of m and V. It errors if k exceeds the features' number or the reference's rank bound (rows - 1).
func FitPCA(ctx context.Context, k int, inner Featurizer, reference *datasets.Samples) (Featurizer, error) {
	p := &pca{k: k, inner: inner}
	if n := reference.Len(); n > fitRows {
		index := make([]int, fitRows)
		for i := range index {
			index[i] = i * n / fitRows
		}
		reference = reference.Select(index)
	}
	out, err := inner.Featurize(ctx, reference)
	if err != nil {
		return nil, fmt.Errorf("%s: reference: %w", p.ID(), err)
	}
	x := mat.DenseCopyOf(out.Features)
	n, d := x.Dims()
	if k < 1 || k > min(n-1, d) {
		return nil, fmt.Errorf("%s: the reference has %d rows of %d features, so k may be 1 to %d", p.ID(), n, d, min(n-1, d))
	}
	p.mean = centre(x)
	if p.axes, err = principal(ctx, x, k); err != nil {
		return nil, fmt.Errorf("%s: %w", p.ID(), err)
	}
	p.hash = hashFloats(p.mean, p.axes.RawMatrix().Data)
	return p, nil
}

// centre subtracts the column means in place and returns them.
func centre(x *mat.Dense) []float64 {
	n, d := x.Dims()
	mean := make([]float64, d)
	for i := range n {
		for j, v := range x.RawRowView(i) {
			mean[j] += v
		}
	}
	for j := range mean {
		mean[j] /= float64(n)
	}
	for i := range n {
		row := x.RawRowView(i)
		for j := range row {
			row[j] -= mean[j]
		}
	}
	return mean
}

// principal returns the k leading right singular vectors of centred rows, through whichever of X'X and XX' is smaller, or by subspace
// iteration where both are large.
func principal(ctx context.Context, x *mat.Dense, k int) (*mat.Dense, error) {
	n, d := x.Dims()
	axes := mat.NewDense(d, k, nil)
	switch {
	case d <= min(n, exactSize):
		v, err := leading(x.T(), k)
		if err != nil {
			return nil, err
		}
		axes.Copy(v)
	case n <= exactSize:
		u, err := leading(x, k)
		if err != nil {
			return nil, err
		}
		axes.Mul(x.T(), u)
		orthonormal(axes)
	default:
		q, err := iterate(ctx, x, min(k+pcaExtra, min(n, d)))
		if err != nil {
			return nil, err
		}
		var small mat.Dense // Rayleigh-Ritz: the eigenvectors within the subspace
		small.Mul(x, q)
		v, err := leading(small.T(), k)
		if err != nil {
			return nil, err
		}
		axes.Mul(q, v)
	}
	fixSigns(axes)
	return axes, nil
}

// leading returns the k eigenvectors of a a' with the largest eigenvalues, largest first.
func leading(a mat.Matrix, k int) (*mat.Dense, error) {
	var s mat.SymDense
	s.SymOuterK(1, a)
	var e mat.EigenSym
	if !e.Factorize(&s, true) {
		return nil, fmt.Errorf("the eigenvalue iteration did not converge: look for extreme feature values")
	}
	var v mat.Dense
	e.VectorsTo(&v)
	n := s.SymmetricDim()
	out := mat.NewDense(n, k, nil)
	for j := range k {
		for i := range n {
			out.Set(i, j, v.At(i, n-1-j)) // gonum sorts ascending
		}
	}
	return out, nil
}

// iterate runs the block power method on x'x from fixed starting vectors.
func iterate(ctx context.Context, x *mat.Dense, m int) (*mat.Dense, error) {
	_, d := x.Dims()
	q := mat.NewDense(d, m, nil)
	for i := range d {
		for j := range m {
			q.Set(i, j, math.Cos(float64(i*j)+0.7*float64(i)+0.3*float64(j))) // any vectors without structure serve
		}
	}
	orthonormal(q)
	var y mat.Dense
	for range pcaSweeps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		y.Mul(x, q)
		q.Mul(x.T(), &y)
		orthonormal(q)
	}
	return q, nil
}

// orthonormal applies Gram-Schmidt to the columns, twice, which is as good as Householder for well spread columns.
func orthonormal(a *mat.Dense) {
	t := mat.DenseCopyOf(a.T()) // rows are contiguous
	k, _ := t.Dims()
	for range 2 {
		for i := range k {
			ri := t.RawRowView(i)
			for j := range i {
				rj := t.RawRowView(j)
				dot := 0.0
				for c, v := range rj {
					dot += float64(v * ri[c])
				}
				for c, v := range rj {
					ri[c] -= float64(dot * v)
				}
			}
			norm := mat.Norm(t.RowView(i), 2)
			if norm > 0 {
				for c := range ri {
					ri[c] /= norm
				}
			}
		}
	}
	a.Copy(t.T())
}

// fixSigns makes each column's entry of largest magnitude (the first on ties) positive: eigenvectors are defined up to sign only.
func fixSigns(a *mat.Dense) {
	d, k := a.Dims()
	for j := range k {
		big := 0.0
		for i := range d {
			if v := a.At(i, j); math.Abs(v) > math.Abs(big) {
				big = v
			}
		}
		if big < 0 {
			for i := range d {
				a.Set(i, j, -a.At(i, j))
			}
		}
	}
}

func hashFloats(parts ...[]float64) string {
	h := sha256.New()
	for _, p := range parts {
		b := binary.LittleEndian.AppendUint64(nil, uint64(len(p)))
		for _, v := range p {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

func (p *pca) ID() string          { return fmt.Sprintf("pca(%d,%s)", p.k, p.inner.ID()) }
func (p *pca) Fingerprint() string { return p.ID() + "@" + p.hash + "/" + p.inner.Fingerprint() }
func (p *pca) Dim() int            { return p.k }

// Featurize projects the inner features. Logits and probabilities of a classifier inside are passed on.
func (p *pca) Featurize(ctx context.Context, s *datasets.Samples) (*Output, error) {
	in, err := p.inner.Featurize(ctx, s)
	if err != nil {
		return nil, err
	}
	n, d := in.Features.Dims()
	if d != len(p.mean) {
		return nil, fault.Of(ErrShape, "%s: samples with %d features, the components were fitted on %d", p.ID(), d, len(p.mean))
	}
	y := mat.NewDense(n, p.k, nil)
	kernel.Par(n, func(i int) { p.project(y.RawRowView(i), in.Features.RawRowView(i)) })
	return &Output{Features: y, Logits: in.Logits, Probs: in.Probs}, nil
}

// project adds up one row in a fixed order. A matrix product of the library may sum in another order for another number of rows, and then the
// bits would depend on the batch.
func (p *pca) project(dst, row []float64) {
	for j, v := range row {
		v -= p.mean[j]
		for c, a := range p.axes.RawRowView(j) {
			dst[c] += float64(v * a)
		}
	}
}
