package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Vendi returns the Vendi score of the fakes, their effective number of different samples [friedman2023]:
//
//	exp(H_q(eigenvalues of K/n)),  K_ij = k(x_i, x_j), k(x, x) = 1
//
// with Renyi's entropy of order q (q = 1 Shannon, inf the largest eigenvalue alone). The kernel is the cosine c, or the cubic polynomial
// (c/d + 1)^3 scaled to a unit diagonal; Unscaled (normalize=false) leaves out that scaling, as [stein2023]'s code does, and is then no effective number, since
// the eigenvalues do not sum to 1. It is between 1 and n, reads no real sample and rewards noise: vendi_ratio divides by the score of as
// many real rows, 1 is as diverse as the data. More than Rows rows are cut to a random choice of Rows, since the score grows with n. Intervals are for the mean at this n,
// from the rows' first-order influence.
type Vendi struct {
	Order  float64 // q; math.Inf(1) is allowed
	Kernel string  // cosine or poly
	Rows   int

	Unscaled bool // the polynomial kernel keeps its diagonal
}

func (m *Vendi) settings() settings {
	return settings{
		floatSetting("order", &m.Order, 1, math.SmallestNonzeroFloat64, math.Inf(1), "order q of the entropy"),
		enumSetting("kernel", &m.Kernel, []string{"cosine", "poly"}, "similarity"),
		intSetting("rows", &m.Rows, 2000, 2, "rows used at most"),
		unlessSetting("normalize", &m.Unscaled, "scale the polynomial kernel to a unit diagonal"),
	}
}

var _ Metric = Vendi{}

// With returns a copy with one option changed.
func (m Vendi) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m Vendi) Info() Info {
	return Info{ID: "vendi", Domain: directions(0), Title: "Vendi score", Values: []string{"vendi", "vendi_ratio"}, Better: Higher, Ideal: math.Inf(1), Lo: 1, Hi: math.Inf(1),
		Needs: []Need{NeedFeatures}, Paper: "friedman2023", Options: m.settings().options(), Table: m.table}
}

// table is the kernel matrix, a symmetric copy, and the one that is factorised.
func (m Vendi) table(e Extent) Table {
	n := min(e.Fake, m.Rows)
	if m.Kernel == "cosine" && e.Dim > 0 {
		n = min(n, e.Dim)
	}
	return Table{fmt.Sprintf("a kernel matrix of %d x %d", n, n), squared(n, 3), "lower vendi.rows or give fewer samples"}
}

// Compute implements Metric.
func (m Vendi) Compute(_ context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	p = inOrder(p) // what is drawn must not depend on the order of files
	r := newResult(m.settings())
	n := min(rows(p.Real), rows(p.Fake))
	all := choose(p.Fake, m.Rows, p.Seed, "fake")
	score, se, err := m.score(all)
	if err != nil {
		return r, err
	}
	real, seReal, err := m.score(choose(p.Real, min(n, m.Rows), p.Seed, "real"))
	if err != nil {
		return r, err
	}
	same, seSame := score, se
	if rows(all) != min(n, m.Rows) {
		if same, seSame, err = m.score(choose(p.Fake, min(n, m.Rows), p.Seed, "fake")); err != nil {
			return r, err
		}
	}
	const method, why = "normal, influence of rows" + AtTheseN, "more than %d features and rows: the rows' influence needs the eigenvectors, which take minutes"
	seRatio := same / real * math.Hypot(seSame/same, seReal/real)
	r.Values = append(r.Values, value("vendi", score, Higher).in("samples").withinOr(around(score, se, 1, math.Inf(1), method), why, vendiVectors),
		value("vendi_ratio", same/real, Near).withinOr(around(same/real, seRatio, 0, math.Inf(1), method), why, vendiVectors))
	r.convention("n", "%d", rows(all))
	if rows(p.Fake) > m.Rows {
		r.note("%d of %d fake rows used: the score grows with their number; set vendi.rows to change it", m.Rows, rows(p.Fake))
	}
	if z := zeroRows(p.Fake); z > 0 && m.Kernel == "cosine" {
		r.warn("%d fake rows are 0, where the cosine is not defined; each counts as unlike all others: use vendi.kernel=poly", z)
	}
	return r, nil
}

// vendiVectors is the size up to which the eigenvectors behind the interval are affordable.
const vendiVectors = 512

// score is the Vendi score of the rows of x with its standard error, NaN where it is not computed. The cosine kernel's matrix has the eigenvalues of
// the smaller of x x^T and x^T x.
func (m Vendi) score(x *mat.Dense) (score, se float64, err error) {
	n, d := x.Dims()
	u, lone := unitRows(x)
	var k mat.Dense
	if m.Kernel == "cosine" && n > d {
		k.Mul(u.T(), u)
	} else {
		k.Mul(u, u.T())
	}
	if m.Kernel != "cosine" {
		diag := make([]float64, n)
		for i := range n {
			diag[i] = 1
			if !m.Unscaled {
				diag[i] = cube(k.At(i, i)/float64(d) + 1)
			}
		}
		k.Apply(func(i, j int, v float64) float64 { return cube(v/float64(d)+1) / math.Sqrt(diag[i]*diag[j]) }, &k)
		u, lone = nil, 0
	} else if n <= d {
		u = nil
	}
	l, vectors, err := eigen(&k, float64(n))
	if err != nil {
		return 0, 0, err
	}
	for range lone {
		l = append(l, 1/float64(n))
	}
	score, se = VendiOf(l, m.Order), math.NaN()
	if vectors != nil {
		se = m.influence(l, vectors, u, n)
	}
	return score, se, nil
}

// influence is the standard error of the score from the first-order influence of its rows. With weight w_i of row i, eigenvalue l moves by
// (v . u_i)^2 dw_i, v its unit vector in feature space, or l n v_i^2 dw_i with v among the rows; the entropy moves by its derivative in l times that.
func (m Vendi) influence(l []float64, vectors, u *mat.Dense, n int) float64 {
	q, size := m.Order, vectors.RawMatrix().Cols
	sum, top := 0.0, 0
	slope := make([]float64, size)
	for k := range size {
		v := max(l[k], 1e-300)
		if l[k] > l[top] {
			top = k
		}
		sum += math.Pow(v, q)
		slope[k] = -math.Log(v)
	}
	for k := range slope {
		switch {
		case math.IsInf(q, 1):
			slope[k] = 0
		case q != 1:
			slope[k] = q * math.Pow(max(l[k], 1e-300), q-1) / sum / (1 - q)
		}
	}
	if math.IsInf(q, 1) {
		slope[top] = -1 / l[top]
	}
	psi := make([]float64, n)
	if u != nil {
		var along mat.Dense
		along.Mul(u, vectors)
		for i := range psi {
			for k, v := range along.RawRowView(i) {
				psi[i] += slope[k] * v * v
			}
		}
	} else {
		for i := range psi {
			for k, v := range vectors.RawRowView(i) {
				psi[i] += slope[k] * max(0, l[k]) * float64(n) * v * v
			}
		}
	}
	_, se := meanSE(psi)
	return VendiOf(l, q) * se
}

func cube(x float64) float64 { return x * x * x }

// eigen is the eigenvalues of k/n, and the vectors where they are affordable.
func eigen(k *mat.Dense, n float64) ([]float64, *mat.Dense, error) {
	size, _ := k.Dims()
	sym := mat.NewSymDense(size, nil)
	for i := range size {
		for j := i; j < size; j++ {
			sym.SetSym(i, j, k.At(i, j)/n)
		}
	}
	var e mat.EigenSym
	if !e.Factorize(sym, size <= vendiVectors) {
		return nil, nil, fmt.Errorf("vendi: the eigenvalues of the %d x %d similarity matrix did not converge", size, size)
	}
	if size > vendiVectors {
		return e.Values(nil), nil, nil
	}
	var v mat.Dense
	e.VectorsTo(&v)
	return e.Values(nil), &v, nil
}

// VendiOf returns the exponential of the Renyi entropy of order q of eigenvalues that sum to 1 [friedman2023]; q = 1 is Shannon's.
// Eigenvalues below 0 by rounding count as 0.
func VendiOf(eigenvalues []float64, q float64) float64 {
	sum, top := 0.0, 0.0
	for _, l := range eigenvalues {
		if l <= 0 {
			continue
		}
		top = max(top, l)
		if q == 1 {
			sum -= l * math.Log(l)
		} else {
			sum += math.Pow(l, q)
		}
	}
	switch {
	case math.IsInf(q, 1):
		return 1 / top
	case q == 1:
		return math.Exp(sum)
	}
	return math.Pow(sum, 1/(1-q))
}
