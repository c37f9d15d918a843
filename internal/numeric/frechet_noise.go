package numeric

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// FrechetBias is by how much the distance of two samples of nA and nB rows exceeds that of their populations on average, to second order and for
// normal features with the roots s_i of f:
//
//	tr A/nA + tr B/nB + (1/(nA-1) + 1/(nB-1))/2 * sum_ij (1 + [i=j]) s_i s_j / (s_i + s_j)
//
// For A = B the roots are the eigenvalues of the covariance and this is the null floor: what two samples of one distribution score. It is exact to
// O(1/n^2) and holds for n well above the width; below that it says too little.
func FrechetBias(f Frechet, nA, nB int) float64 {
	total := 0.0
	for i, si := range f.Roots {
		row := 0.0
		for _, sj := range f.Roots[i+1:] {
			row += harmonic(si, sj)
		}
		total += 2*row + 2*harmonic(si, si)
	}
	return f.TraceA/float64(nA) + f.TraceB/float64(nB) + total*(1/float64(nA-1)+1/float64(nB-1))/2
}

// FrechetNullVariance is the sampling variance of the distance that remains where the two populations agree and the first-order influence
// vanishes: with c = 1/nA + 1/nB, for normal features,
//
//	c^2 * sum_ij (1 + [i=j]) (s_i s_j / (s_i + s_j))^2 + 2 c^2 sum_i s_i^2
func FrechetNullVariance(f Frechet, nA, nB int) float64 {
	c := 1/float64(nA) + 1/float64(nB)
	total := 0.0
	for i, si := range f.Roots {
		row := 0.0
		for _, sj := range f.Roots[i+1:] {
			h := harmonic(si, sj)
			row += h * h
		}
		h := harmonic(si, si)
		total += 2*row + 2*h*h + 2*si*si
	}
	return c * c * total
}

func harmonic(a, b float64) float64 {
	if a+b == 0 {
		return 0
	}
	return a * b / (a + b)
}

// FrechetInfluence is the first-order influence of every row on the distance, up to a constant a side: with xc = x - muX, and T the linear map that
// carries the Gaussian of X to that of Y,
//
//	psi(x) = xc'xc - xc' T xc + 2 (muX - muY)'xc
//
// so that Var psi(x)/n + Var psi(y)/m is the delta-method variance. Both covariances (any one ddof) must be regular: false if not.
func FrechetInfluence(x, y *mat.Dense, muX []float64, covX *mat.SymDense, muY []float64, covY *mat.SymDense) (psiX, psiY []float64, ok bool) {
	fx, fy := factorise(covX, false), factorise(covY, false)
	if fx.perm != nil || fy.perm != nil {
		return nil, nil, false
	}
	w := crossFactors(fx, fy)
	q, ok := polar(w)
	if !ok {
		return nil, nil, false
	}
	hx, hy := newGeneral(w.Rows, w.Rows), newGeneral(w.Rows, w.Rows)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, w, q, 0, hx) // (w w')^1/2
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, w, q, 0, hy) // (w' w)^1/2
	return influence(x, muX, muY, fx, hx), influence(y, muY, muX, fy, hy), true
}

// influence uses x'Tx = z'Hz with z = L^-1 xc, where L L' is the covariance of x's side and H the root of the other's seen through L. For many rows it makes
// T itself, half of which, doubled, is enough of a quadratic form: a third of the work. That costs digits where the covariance is nearly singular.
func influence(x *mat.Dense, mu, other []float64, f factor, h blas64.General) []float64 {
	n, d := x.Dims()
	psi := make([]float64, n)
	tri := blas64.Triangular{Uplo: blas.Upper, Diag: blas.NonUnit, N: d, Stride: f.u.Stride, Data: f.u.Data}
	const worst = 1e8
	half := n > 2*d && f.condition < worst
	form := tri
	if half {
		form = halfForm(tri, h)
	}
	const rowsAtOnce = 1024
	for lo := 0; lo < n; lo += rowsAtOnce {
		hi := min(lo+rowsAtOnce, n)
		z := newGeneral(hi-lo, d)
		each(hi-lo, (hi-lo)*d, func(i int) {
			row := z.Data[i*d : (i+1)*d]
			for j, v := range x.RawRowView(lo + i) {
				row[j] = v - mu[j]
				psi[lo+i] += row[j] * (row[j] + 2*(mu[j]-other[j]))
			}
		})
		var zh blas64.General
		if half {
			zh = blas64.General{Rows: z.Rows, Cols: d, Stride: d, Data: slices.Clone(z.Data)}
			blas64.Trmm(blas.Right, blas.NoTrans, 1, form, zh)
		} else {
			blas64.Trsm(blas.Right, blas.NoTrans, 1, tri, z)
			zh = newGeneral(hi-lo, d)
			blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, z, h, 0, zh)
		}
		each(hi-lo, (hi-lo)*d, func(i int) {
			row := z.Data[i*d : (i+1)*d]
			for k, v := range zh.Data[i*d : (i+1)*d] {
				psi[lo+i] -= v * row[k]
			}
		})
	}
	return psi
}

// halfForm is the upper triangle that has the quadratic form of U^-1 h U'^-1.
func halfForm(u blas64.Triangular, h blas64.General) blas64.Triangular {
	d := u.N
	t := blas64.General{Rows: d, Cols: d, Stride: d, Data: slices.Clone(h.Data)}
	blas64.Trsm(blas.Left, blas.NoTrans, 1, u, t)
	blas64.Trsm(blas.Right, blas.Trans, 1, u, t)
	squares := (d + side - 1) / side
	each(squares, d*d, func(b int) {
		lo, hi := b*side, min(d, (b+1)*side)
		for j0 := lo; j0 < d; j0 += side {
			for i := lo; i < hi; i++ {
				for j := max(i+1, j0); j < min(d, j0+side); j++ {
					t.Data[i*d+j] += t.Data[j*d+i]
				}
			}
		}
	})
	return blas64.Triangular{Uplo: blas.Upper, Diag: blas.NonUnit, N: d, Stride: d, Data: t.Data}
}

// side is that of squares in which a matrix is met with its transpose: both stay in the cache.
const side = 32

// polar is the orthogonal factor of a regular square matrix by Newton's iteration X <- (g X + X'^-1/g)/2 with Higham's norm scaling, a dozen
// inversions whatever the condition: products, where singular vectors would be rotations. False if it does not settle.
func polar(w blas64.General) (blas64.General, bool) {
	d := w.Rows
	x := blas64.General{Rows: d, Cols: d, Stride: d, Data: slices.Clone(w.Data)}
	inv := newGeneral(d, d)
	pivots := make([]int, d)
	work := make([]float64, 1)
	lapack64.Getri(inv, pivots, work, -1)
	work = make([]float64, int(work[0]))
	const most, settled = 40, 1e-6 // the error after a step is of the order of the square of its change
	for range most {
		copy(inv.Data, x.Data)
		if !lapack64.Getrf(inv, pivots) || !lapack64.Getri(inv, pivots, work, len(work)) {
			return x, false
		}
		one, infinity := norms(x)
		oneI, infinityI := norms(inv)
		g := math.Sqrt(math.Sqrt(oneI / one * infinityI / infinity))
		if math.IsNaN(g) || math.IsInf(g, 0) || g == 0 {
			return x, false
		}
		change := newtonStep(x, inv, g)
		if change <= settled*settled*float64(d) {
			return x, true
		}
	}
	return x, false
}

// newtonStep is x = (g x + inv'/g)/2; it returns the sum of the squared changes.
func newtonStep(x, inv blas64.General, g float64) float64 {
	d := x.Rows
	parts := make([]float64, (d+side-1)/side)
	each(len(parts), d*d, func(b int) {
		for j0 := 0; j0 < d; j0 += side {
			for i := b * side; i < min(d, (b+1)*side); i++ {
				row := x.Data[i*d : (i+1)*d]
				for j := j0; j < min(d, j0+side); j++ {
					was := row[j]
					row[j] = (g*was + inv.Data[j*d+i]/g) / 2
					parts[b] += (row[j] - was) * (row[j] - was)
				}
			}
		}
	})
	return Sum(parts)
}

// norms are the largest column sum and the largest row sum of magnitudes.
func norms(x blas64.General) (one, infinity float64) {
	cols := make([]float64, x.Cols)
	for i := range x.Rows {
		s := 0.0
		for j, v := range x.Data[i*x.Stride : i*x.Stride+x.Cols] {
			s += math.Abs(v)
			cols[j] += math.Abs(v)
		}
		infinity = math.Max(infinity, s)
	}
	return slices.Max(cols), infinity
}

// MeanNoise is what is known of the covariance C = cov(x)/n + cov(y)/m of the difference d of the means of two samples: tr C, |C|^2 and d'Cd, from the rows, whatever their number.
// With the centred rows in units of their share as Z, C is Z'Z, whose square norm ZZ' has too: the smaller of the two is made.
func MeanNoise(x, y *mat.Dense) (trace, square, across float64) {
	muX, cx := centre(x)
	muY, cy := centre(y)
	z := newGeneral(cx.Rows+cy.Rows, cx.Cols)
	part := z.Data
	for _, side := range []blas64.General{cx, cy} {
		n := float64(side.Rows)
		unit := 1 / math.Sqrt(n*(n-1))
		for i, v := range side.Data {
			part[i] = v * unit
		}
		part = part[len(side.Data):]
	}
	for i := range z.Rows {
		dot := 0.0
		for j, v := range z.Data[i*z.Stride : i*z.Stride+z.Cols] {
			dot += v * (muX[j] - muY[j])
		}
		across += dot * dot
	}
	g := blas64.Symmetric{N: min(z.Rows, z.Cols), Stride: min(z.Rows, z.Cols), Uplo: blas.Upper}
	g.Data = make([]float64, g.N*g.N)
	how := blas.NoTrans
	if z.Cols < z.Rows {
		how = blas.Trans
	}
	blas64.Syrk(how, 1, z, 0, g)
	for i := range g.N {
		trace += g.Data[i*g.Stride+i]
		square += g.Data[i*g.Stride+i] * g.Data[i*g.Stride+i]
		for _, v := range g.Data[i*g.Stride+i+1 : i*g.Stride+g.N] {
			square += 2 * v * v
		}
	}
	return trace, square, across
}
