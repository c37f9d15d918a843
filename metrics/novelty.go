package metrics

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// Novelty is what one set of rows has more of than another, mode by mode [zhang2024]: the positive part of the spectrum of the difference of their covariances
// C_rows - Eta C_other in the space of the kernel k(x, y) = exp(-|x-y|^2 / 2 Sigma^2). An eigenvector is a function f on the feature space of length 1, so that
// |f| <= 1, and its eigenvalue is
//
//	l = mean over rows of f^2 - Eta (mean over the other set of f^2),
//
// the share of the rows that belong to a mode beyond what the other set has there.
type Novelty struct {
	Sigma, Eta float64
	Values     []float64   // all positive eigenvalues, largest first
	Modes      []NovelMode // the first of them with who belongs to them

	against []float64 // minus the negative eigenvalues, largest first: with Eta 1 what the other set has more of

	width    int                           // of the rows that features takes
	features func(x *mat.Dense) *mat.Dense // rows in the space where the functions are linear, features x rows
	coef     *mat.Dense                    // features x modes
}

// NovelMode is one eigenvector. Scores near 1 (or -1, where a function has two signs) are the middle of the mode, near 0 outside it; the square is how much of a row
// belongs to it. Signs are such that the rows' sum is not negative.
type NovelMode struct {
	Share         float64   // the eigenvalue
	Scores, Other []float64 // f at every row of the set, and of the other one
}

// Total is the sum of the positive eigenvalues, from 0 to 1: the share of the rows in modes that the other set lacks. For two samples of one distribution it is not 0
// but what chance adds at these N.
func (n Novelty) Total() float64 { return numeric.Sum(n.Values) }

// Entropy is Shannon's of the normalised positive eigenvalues, in nats: exp of it is how many modes there are. It is 0 where there is none.
func (n Novelty) Entropy() float64 {
	total, h := n.Total(), 0.0
	for _, l := range n.Values {
		if l > 0 {
			h -= l / total * math.Log(l/total)
		}
	}
	return h
}

// At returns the functions' values at other rows, one column a mode: rows that took no part in finding the modes are a fair test of them.
func (n Novelty) At(x *mat.Dense) (*mat.Dense, error) {
	_, d := x.Dims()
	if n.features == nil {
		return nil, fault.Of(ErrTooFew, "novelty: no mode was asked for or found")
	}
	if n.width != d {
		return nil, fault.Of(ErrShape, "novelty: %d features for modes in %d", d, n.width)
	}
	const block = 2048
	out := mat.NewDense(rows(x), len(n.Modes), nil)
	for lo := 0; lo < rows(x); lo += block {
		hi := min(lo+block, rows(x))
		out.Slice(lo, hi, 0, len(n.Modes)).(*mat.Dense).Mul(n.features(x.Slice(lo, hi, 0, d).(*mat.Dense)).T(), n.coef)
	}
	return out, nil
}

// spectrum fills the eigenvalues of s, the matrix of the difference of covariances in some orthonormal basis, and returns the vectors of the first top positive ones.
func (n *Novelty) spectrum(ctx context.Context, s *mat.SymDense, top int) (*mat.Dense, error) {
	for _, v := range numeric.SymValues(s) {
		if v > 0 {
			n.Values = append(n.Values, v)
		} else if v < 0 {
			n.against = append([]float64{-v}, n.against...)
		}
	}
	if top = min(top, len(n.Values)); top == 0 {
		return nil, nil
	}
	values, w, err := numeric.TopEigen(ctx, s, top, rng.Stream(1, "metrics", "novelty"))
	for _, v := range values {
		n.Modes = append(n.Modes, NovelMode{Share: v})
	}
	return w, err
}

// opposite is what the other set has more of, of a novelty with Eta 1.
func (n Novelty) opposite() Novelty {
	return Novelty{Sigma: n.Sigma, Eta: n.Eta, Values: n.against, against: n.Values}
}

// novelty finds the modes of x beyond eta times those of other, top of them with their functions.
func novelty(ctx context.Context, x, other *mat.Dense, sigma, eta float64, top int) (Novelty, error) {
	g, basis, weight := jointGram(x, other, sigma, eta)
	l := numeric.GramFactor(g)
	out := Novelty{Sigma: sigma, Eta: eta}
	w, err := out.spectrum(ctx, numeric.Signed(l, rows(x)), top)
	if err != nil || w == nil {
		return out, err
	}
	var at mat.Dense // the functions at the weighted rows
	at.Mul(l, w)
	_, out.width = x.Dims()
	out.features = func(y *mat.Dense) *mat.Dense {
		k := numeric.SqDists(basis, y)
		numeric.Gaussian(k, sigma)
		return k
	}
	out.coef = mat.NewDense(len(weight), len(out.Modes), nil)
	for j, u := range weight {
		if j >= rows(x) {
			u = -u
		}
		for c, m := range out.Modes {
			out.coef.Set(j, c, u*at.At(j, c)/m.Share)
		}
	}
	return out, out.score(x, other)
}

// score fills the functions' values at the rows of both sets.
func (n *Novelty) score(x, other *mat.Dense) error {
	fx, err := n.At(x)
	if err != nil {
		return err
	}
	fo, err := n.At(other)
	if err != nil {
		return err
	}
	for c := range n.Modes {
		n.Modes[c].Scores = mat.Col(nil, c, fx)
		n.Modes[c].Other = mat.Col(nil, c, fo)
		if numeric.Sum(n.Modes[c].Scores) < 0 {
			n.flip(c)
		}
	}
	return nil
}

// flip changes the sign of a function, which an eigenvector leaves open.
func (n *Novelty) flip(c int) {
	for j := range rows(n.coef) {
		n.coef.Set(j, c, -n.coef.At(j, c))
	}
	for _, f := range [][]float64{n.Modes[c].Scores, n.Modes[c].Other} {
		for i := range f {
			f[i] = -f[i]
		}
	}
}

// jointGram is the kernel matrix of both sets with rows of the first weighed by 1/sqrt(n), those of the second by sqrt(eta/m).
func jointGram(x, other *mat.Dense, sigma, eta float64) (g *mat.SymDense, basis *mat.Dense, weight []float64) {
	n, m := rows(x), rows(other)
	basis = new(mat.Dense)
	basis.Stack(x, other)
	weight = make([]float64, n+m)
	for i := range weight {
		if weight[i] = 1 / math.Sqrt(float64(n)); i >= n {
			weight[i] = math.Sqrt(eta / float64(m))
		}
	}
	k := numeric.SqDists(basis, basis)
	numeric.Gaussian(k, sigma)
	for i, u := range weight {
		row := k.RawRowView(i)
		for j, v := range weight {
			row[j] *= u * v
		}
	}
	return mat.NewSymDense(n+m, k.RawMatrix().Data), basis, weight
}
