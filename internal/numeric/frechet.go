package numeric

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// Frechet is the squared Wasserstein-2 distance of two Gaussians [dowson1982] with its parts and what is known of their trustworthiness:
//
//	Value = |muA - muB|^2 + tr A + tr B - 2 tr (A^1/2 B A^1/2)^1/2
type Frechet struct {
	Value     float64
	MeanTerm  float64 // |muA - muB|^2
	TraceA    float64
	TraceB    float64
	TraceRoot float64
	RankA     int       // numerical ranks of the covariances
	RankB     int       //
	Condition float64   // of the worse covariance, from its Cholesky pivots; +Inf if singular
	Route     string    // identical, gram, cholesky, pivoted
	Roots     []float64 // the singular values that add up to TraceRoot, largest first
}

// The routes to tr (AB)^1/2. Each is the nuclear norm |FA' FB|* of factors A = FA FA', B = FB FB': a sum of singular values, which cannot become
// complex and keeps the small roots that eigenvalues of a product lose. They differ in the factors.
const (
	RouteAuto      = "auto"
	RouteIdentical = "identical" // both sides are bit for bit the same: exactly 0
	RouteGram      = "gram"      // centred features themselves: exact whatever the rank, cheap for N <= d
	RouteCholesky  = "cholesky"  // Cholesky factors: both covariances regular
	RoutePivoted   = "pivoted"   // pivoted Cholesky with a relative cut-off: singular covariances without features
)

// Routes lists the routes that can be asked for.
func Routes() []string { return []string{RouteAuto, RouteGram, RouteCholesky, RoutePivoted} }

// eps is the distance from 1 to the next float64.
const eps = 0x1p-52

// FrechetStats computes the distance from means and covariances. Route auto takes cholesky where both covariances are regular, else
// pivoted. gram needs features and is an error here, as is a route that a singular covariance rules out.
func FrechetStats(muA []float64, a *mat.SymDense, muB []float64, b *mat.SymDense, route string) (Frechet, error) {
	f := Frechet{MeanTerm: squaredDistance(muA, muB), TraceA: mat.Trace(a), TraceB: mat.Trace(b)}
	if f.MeanTerm == 0 && mat.Equal(a, b) && route != RouteGram {
		fa := factorise(a, true)
		f.TraceRoot, f.RankA, f.RankB, f.Condition, f.Route = f.TraceA, fa.rank, fa.rank, fa.condition, RouteIdentical
		return f, nil
	}
	switch route {
	case RouteAuto, RouteCholesky, RoutePivoted:
	default:
		return f, fmt.Errorf("route %q does not work from statistics", route)
	}
	fa, fb := factorise(a, route == RoutePivoted), factorise(b, route == RoutePivoted)
	if (fa.pivoted || fb.pivoted) && route == RouteCholesky {
		return f, fmt.Errorf("route cholesky: a covariance is singular (ranks %d and %d of %d): use auto or pivoted", fa.rank, fb.rank, len(muA))
	}
	f.RankA, f.RankB, f.Condition = fa.rank, fb.rank, math.Max(fa.condition, fb.condition)
	if f.Route = RouteCholesky; fa.perm != nil || fb.perm != nil {
		f.Route = RoutePivoted
	}
	f.Roots = SingularValues(crossFactors(fa, fb))
	f.finish(1)
	return f, nil
}

// FrechetFeatures computes the distance from features, rows = samples, with the given ddof. Route auto takes gram where a side has too few rows for a
// regular covariance or the covariance is singular, else FrechetStats' choice. Equal matrices give exactly 0.
func FrechetFeatures(x, y *mat.Dense, ddof int, route string) (Frechet, error) {
	nx, d := x.Dims()
	ny, _ := y.Dims()
	if route == RouteGram || (route == RouteAuto && min(nx, ny) <= d) {
		return frechetGram(x, y, ddof)
	}
	muX, a := MeanCov(x, ddof)
	muY, b := MeanCov(y, ddof)
	f, err := FrechetStats(muX, a, muY, b, route)
	if err == nil && route == RouteAuto && f.Route == RoutePivoted {
		return frechetGram(x, y, ddof) // the features know the singular directions exactly
	}
	return f, err
}

// finish sums the roots (smallest first, they add up better so) and the value.
func (f *Frechet) finish(scale float64) {
	f.TraceRoot = 0
	for i := range f.Roots {
		f.Roots[i] *= scale
	}
	for _, s := range slices.Backward(f.Roots) {
		f.TraceRoot += s
	}
	f.Value = f.MeanTerm + ((f.TraceA - f.TraceRoot) + (f.TraceB - f.TraceRoot))
}

// frechetGram uses centred features as the factors: tr (AB)^1/2 = |Xc Yc'|* / sqrt((n - ddof)(m - ddof)). A side with more rows than columns is
// first compressed to the triangle of its QR factorisation, which changes no singular value.
func frechetGram(x, y *mat.Dense, ddof int) (Frechet, error) {
	muX, cx := centre(x)
	muY, cy := centre(y)
	kx, ky := float64(cx.Rows-ddof), float64(cy.Rows-ddof)
	f := Frechet{MeanTerm: squaredDistance(muX, muY), TraceA: sumSquares(cx) / kx, TraceB: sumSquares(cy) / ky, Route: RouteGram}
	fx, fy := compress(cx), compress(cy)
	var condX, condY float64
	f.RankA, condX = rankOfRows(fx)
	f.RankB, condY = rankOfRows(fy)
	if f.Condition = math.Max(condX, condY); f.RankA < cx.Cols || f.RankB < cx.Cols {
		f.Condition = math.Inf(1)
	}
	if mat.Equal(x, y) {
		f.TraceRoot, f.Value, f.Route = f.TraceA, 0, RouteIdentical
		return f, nil
	}
	w := newGeneral(fx.Rows, fy.Rows)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, fx, fy, 0, w)
	f.Roots = SingularValues(w)
	f.finish(1 / math.Sqrt(kx*ky))
	return f, nil
}

// centre copies x without its column means. The mean is that of Moments, to the bit.
func centre(x *mat.Dense) ([]float64, blas64.General) {
	n, d := x.Dims()
	mean := Mean(x)
	c := newGeneral(n, d)
	for i := range n {
		row := c.Data[i*d : (i+1)*d]
		for j, v := range x.RawRowView(i) {
			row[j] = v - mean[j]
		}
	}
	return mean, c
}

// compress returns x, or the d x d triangle R of x = QR if x has more rows than columns.
func compress(x blas64.General) blas64.General {
	if x.Rows <= x.Cols {
		return x
	}
	q := blas64.General{Rows: x.Rows, Cols: x.Cols, Stride: x.Stride, Data: slices.Clone(x.Data)}
	tau := make([]float64, x.Cols)
	work := make([]float64, 1)
	lapack64.Geqrf(q, tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack64.Geqrf(q, tau, work, len(work))
	r := newGeneral(x.Cols, x.Cols)
	for i := range x.Cols {
		copy(r.Data[i*r.Stride+i:(i+1)*r.Stride], q.Data[i*q.Stride+i:i*q.Stride+x.Cols])
	}
	return r
}

// rankOfRows is the numerical rank of x with at most as many rows as columns, and the condition of x x' on that rank.
func rankOfRows(x blas64.General) (int, float64) {
	g := mat.NewSymDense(x.Rows, nil)
	raw := g.RawSymmetric()
	full := blas64.General{Rows: x.Rows, Cols: x.Rows, Stride: raw.Stride, Data: raw.Data}
	for lo := 0; lo < x.Rows; lo += gramPanel {
		hi := min(lo+gramPanel, x.Rows)
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, block(x, lo, hi, 0, x.Cols), block(x, lo, x.Rows, 0, x.Cols), 0, block(full, lo, hi, lo, x.Rows))
	}
	f := factorise(g, true)
	return f.rank, f.condition
}

func newGeneral(r, c int) blas64.General {
	return blas64.General{Rows: r, Cols: c, Stride: max(c, 1), Data: make([]float64, r*c)}
}

// block is x[i0:i1, j0:j1], sharing storage.
func block(x blas64.General, i0, i1, j0, j1 int) blas64.General {
	return blas64.General{Rows: i1 - i0, Cols: j1 - j0, Stride: x.Stride, Data: x.Data[i0*x.Stride+j0:]}
}

func squaredDistance(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += (v - b[i]) * (v - b[i])
	}
	return s
}

func sumSquares(x blas64.General) float64 {
	total := 0.0
	for i := range x.Rows {
		s := 0.0
		for _, v := range x.Data[i*x.Stride : i*x.Stride+x.Cols] {
			s += v * v
		}
		total += s
	}
	return total
}
