package numeric

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

// Isotropic closed form: (2/N)(d + d(d+1)/4) sigma^2, and the published simulated null distances (20 repetitions) at d = 16.
func TestFrechetBiasOfTheNull(t *testing.T) {
	id := mat.NewSymDense(16, nil)
	for i := range 16 {
		id.SetSym(i, i, 1)
	}
	f, err := FrechetStats(make([]float64, 16), id, append(make([]float64, 15), 1), id, RouteCholesky)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Roots) == 0 {
		t.Fatal("no roots")
	}
	const n = 1 << 20
	near(t, "closed form", FrechetBias(f, n, n), 2./n*(16+16*17./4), 1e-5) // n-1 for n in the covariance part
	for _, c := range []struct {
		n    int
		want float64
		tol  float64
	}{{256, .638, .06}, {512, .320, .04}, {1024, .165, .04}, {4096, .0427, .04}} { // sampling and O(1/n^2)
		near(t, "simulated floor", FrechetBias(f, c.n, c.n), c.want, c.tol)
	}
}

// The influence is the derivative: adding weight h to row i moves the distance by h (psi_i - mean psi).
func TestFrechetInfluenceIsTheDerivative(t *testing.T) {
	x, y := rows(golden.Must("A"), 0, 60), rows(golden.Must("B"), 0, 50)
	muX, covX := MeanCov(x, 0)
	muY, covY := MeanCov(y, 0)
	px, py, ok := FrechetInfluence(x, y, muX, covX, muY, covY)
	if !ok {
		t.Fatal("singular")
	}
	weighted := func(x *mat.Dense, at int, h float64) ([]float64, *mat.SymDense) {
		n, d := x.Dims()
		mu, cov := make([]float64, d), mat.NewSymDense(d, nil)
		w := func(i int) float64 {
			if i == at {
				return (1-h)/float64(n) + h
			}
			return (1 - h) / float64(n)
		}
		for i := range n {
			for j := range d {
				mu[j] += w(i) * x.At(i, j)
			}
		}
		for i := range n {
			for j := range d {
				for k := j; k < d; k++ {
					cov.SetSym(j, k, cov.At(j, k)+w(i)*(x.At(i, j)-mu[j])*(x.At(i, k)-mu[k]))
				}
			}
		}
		return mu, cov
	}
	mean := func(p []float64) float64 {
		s := 0.0
		for _, v := range p {
			s += v / float64(len(p))
		}
		return s
	}
	const h, tolerance = 1e-5, 1e-4 // central difference
	value := func(f Frechet, err error) float64 {
		if err != nil {
			t.Fatal(err)
		}
		return f.Value
	}
	for _, i := range []int{0, 7, 33} {
		mp, cp := weighted(x, i, h)
		mm, cm := weighted(x, i, -h)
		d := (value(FrechetStats(mp, cp, muY, covY, RouteCholesky)) - value(FrechetStats(mm, cm, muY, covY, RouteCholesky))) / (2 * h)
		if math.Abs(d-(px[i]-mean(px))) > tolerance*math.Max(1, math.Abs(d)) {
			t.Errorf("real row %d: derivative %v, influence %v", i, d, px[i]-mean(px))
		}
		mp, cp = weighted(y, i, h)
		mm, cm = weighted(y, i, -h)
		d = (value(FrechetStats(muX, covX, mp, cp, RouteCholesky)) - value(FrechetStats(muX, covX, mm, cm, RouteCholesky))) / (2 * h)
		if math.Abs(d-(py[i]-mean(py))) > tolerance*math.Max(1, math.Abs(d)) {
			t.Errorf("fake row %d: derivative %v, influence %v", i, d, py[i]-mean(py))
		}
	}
}

// Both ways of the quadratic form, one of which the condition number rules out, and the polar factor that the shorter iteration stops at.
func TestInfluenceFormsAgree(t *testing.T) {
	x, y := golden.Matrix(11, 400, 70, 1.3, .2), golden.Matrix(12, 350, 70, .8, -.1)
	muX, covX := MeanCov(x, 1)
	muY, covY := MeanCov(y, 1)
	fx, fy := factorise(covX, false), factorise(covY, false)
	w := crossFactors(fx, fy)
	q, ok := polar(w)
	if !ok {
		t.Fatal("no polar factor")
	}
	qq := newGeneral(70, 70)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, q, q, 0, qq)
	for i := range 70 {
		for j := range 70 {
			want := 0.0
			if i == j {
				want = 1
			}
			if d := math.Abs(qq.Data[i*70+j] - want); d > 1e-12 { // algebra
				t.Fatalf("q q' has %g too much at %d, %d", d, i, j)
			}
		}
	}
	h := newGeneral(70, 70)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, w, q, 0, h)
	short := influence(x, muX, muY, fx, h)
	fx.condition = math.Inf(1)
	long := influence(x, muX, muY, fx, h)
	equal := true
	for i := range long {
		if d := math.Abs(short[i] - long[i]); d > 1e-10*(1+math.Abs(long[i])) {
			t.Fatalf("row %d: %v and %v", i, short[i], long[i])
		}
		equal = equal && short[i] == long[i]
	}
	if equal {
		t.Error("there is one form only")
	}
}
