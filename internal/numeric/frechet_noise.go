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

// influence uses x'Tx = z'Hz with z = L^-1 xc, where L L' is the covariance of x's side and H the root of the other's seen through L.
func influence(x *mat.Dense, mu, other []float64, f factor, h blas64.General) []float64 {
	n, d := x.Dims()
	psi := make([]float64, n)
	tri := blas64.Triangular{Uplo: blas.Upper, Diag: blas.NonUnit, N: d, Stride: f.u.Stride, Data: f.u.Data}
	const rowsAtOnce = 1024
	for lo := 0; lo < n; lo += rowsAtOnce {
		hi := min(lo+rowsAtOnce, n)
		z := newGeneral(hi-lo, d)
		for i := lo; i < hi; i++ {
			row := z.Data[(i-lo)*d : (i-lo+1)*d]
			for j, v := range x.RawRowView(i) {
				row[j] = v - mu[j]
				psi[i] += row[j] * (row[j] + 2*(mu[j]-other[j]))
			}
		}
		blas64.Trsm(blas.Right, blas.NoTrans, 1, tri, z)
		zh := newGeneral(hi-lo, d)
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, z, h, 0, zh)
		for i := lo; i < hi; i++ {
			row := z.Data[(i-lo)*d : (i-lo+1)*d]
			for k, v := range zh.Data[(i-lo)*d : (i-lo+1)*d] {
				psi[i] -= v * row[k]
			}
		}
	}
	return psi
}

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
	const most, settled = 40, 1e-10
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
		change := 0.0
		for i := range d {
			for j := range d {
				was := x.Data[i*d+j]
				x.Data[i*d+j] = (g*was + inv.Data[j*d+i]/g) / 2
				change += (x.Data[i*d+j] - was) * (x.Data[i*d+j] - was)
			}
		}
		if change <= settled*settled*float64(d) {
			return x, true
		}
	}
	return x, false
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
