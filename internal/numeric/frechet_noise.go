package numeric

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
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
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(w.Rows, w.Cols, w.Data), mat.SVDThin) {
		return nil, nil, false
	}
	s := svd.Values(nil)
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	return influence(x, muX, muY, fx, s, &u), influence(y, muY, muX, fy, s, &v), true
}

// influence uses x'Tx = sum_k s_k (u_k' L^-1 x)^2 where L L' is the covariance of x's side.
func influence(x *mat.Dense, mu, other []float64, f factor, s []float64, u *mat.Dense) []float64 {
	n, d := x.Dims()
	a := u.RawMatrix() // becomes L'^-1 U
	blas64.Trsm(blas.Left, blas.NoTrans, 1, blas64.Triangular{Uplo: blas.Upper, Diag: blas.NonUnit, N: d, Stride: f.u.Stride, Data: f.u.Data}, a)
	psi := make([]float64, n)
	const rowsAtOnce = 1024
	for lo := 0; lo < n; lo += rowsAtOnce {
		hi := min(lo+rowsAtOnce, n)
		c := newGeneral(hi-lo, d)
		for i := lo; i < hi; i++ {
			row := c.Data[(i-lo)*d : (i-lo+1)*d]
			for j, v := range x.RawRowView(i) {
				row[j] = v - mu[j]
				psi[i] += row[j] * (row[j] + 2*(mu[j]-other[j]))
			}
		}
		z := newGeneral(hi-lo, d)
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, c, a, 0, z)
		for i := lo; i < hi; i++ {
			for k, v := range z.Data[(i-lo)*d : (i-lo+1)*d] {
				psi[i] -= s[k] * v * v
			}
		}
	}
	return psi
}
