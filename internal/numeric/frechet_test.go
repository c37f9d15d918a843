package numeric

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

const (
	algebra  = 1e-12 // relative, where a result is a closed form or agrees with 60-digit arithmetic
	singular = 1e-8  // relative, statistics of singular covariances: half the digits are gone before we start
)

func near(t *testing.T, what string, got, want, relative float64) {
	t.Helper()
	if d := math.Abs(got - want); !(d <= relative*math.Max(1e-300, math.Abs(want))) {
		t.Errorf("%s: got %.17g, want %.17g (relative error %.2g)", what, got, want, d/math.Abs(want))
	}
}

// Expected values: closed forms, and 60-digit arithmetic for the rank-deficient pair.
func TestFrechetGolden(t *testing.T) {
	a, b, c, e := golden.Must("A"), golden.Must("B"), golden.Must("C"), golden.Must("E")
	for _, route := range Routes() {
		f, err := FrechetFeatures(a, b, 1, route)
		if err != nil {
			t.Fatal(err)
		}
		near(t, route+" FD(A,B)", f.Value, 1.996794139006930, algebra)
		near(t, route+" mean term", f.MeanTerm, 1.5842049450189668, algebra)
		near(t, route+" trace A", f.TraceA, 16.217740868082146, algebra)
		near(t, route+" trace B", f.TraceB, 19.51503301231031, algebra)
		near(t, route+" root", f.TraceRoot, 17.660092343202244, algebra)
		if f.RankA != 16 || f.RankB != 16 || !(f.Condition > 1 && f.Condition < 100) {
			t.Errorf("%s: ranks %d, %d, condition %v", route, f.RankA, f.RankB, f.Condition)
		}
		f, err = FrechetFeatures(a, b, 0, route)
		if err != nil {
			t.Fatal(err)
		}
		near(t, route+" ddof 0", f.Value, 1.995042596529216, algebra)
	}
	f, err := FrechetFeatures(c, e, 1, RouteAuto)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "FD(C,E)", f.Value, 61.562688971168702, algebra)
	if f.Route != RouteGram || f.RankA != 49 || f.RankB != 39 || !math.IsInf(f.Condition, 1) {
		t.Errorf("FD(C,E): %+v", f)
	}
	muC, covC := MeanCov(c, 1)
	muE, covE := MeanCov(e, 1)
	f, err = FrechetStats(muC, covC, muE, covE, RouteAuto)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "FD(C,E) from statistics", f.Value, 61.562688971168702, singular)
	if f.Route != RoutePivoted || f.RankA != 49 || f.RankB != 39 {
		t.Errorf("FD(C,E) from statistics: route %s, ranks %d, %d", f.Route, f.RankA, f.RankB)
	}
	if _, err := FrechetStats(muC, covC, muE, covE, RouteCholesky); err == nil {
		t.Error("cholesky takes a singular covariance")
	}
}

func TestFrechetClosedForms(t *testing.T) {
	sym := func(d int, v ...float64) *mat.SymDense { return mat.NewSymDense(d, v) }
	for _, route := range []string{RouteAuto, RouteCholesky, RoutePivoted} {
		// tr root = sqrt(4.7 + 2 sqrt 5.0925).
		f, err := FrechetStats([]float64{0, 0}, sym(2, 2, .5, .5, 1), []float64{1, 2}, sym(2, 1, -.3, -.3, 3), route)
		if err != nil {
			t.Fatal(err)
		}
		near(t, route+" 2x2", f.Value, 5.929311854967773, algebra)
		near(t, route+" 2x2 root", f.TraceRoot, 3.035344072516113, algebra)
		// Diagonal: 4 + (1-2)^2 + (3-.5)^2.
		f, err = FrechetStats([]float64{0, 2}, sym(2, 1, 0, 0, 9), []float64{0, 0}, sym(2, 4, 0, 0, .25), route)
		if err != nil {
			t.Fatal(err)
		}
		near(t, route+" diagonal", f.Value, 4+1+6.25, algebra)
	}
	// compare_gan's case, both covariances singular: real rows (2,1) x50, (1,1) x50 against (9,9) x50, (2,9) x50.
	real, fake := mat.NewDense(100, 2, nil), mat.NewDense(100, 2, nil)
	for i := range 100 {
		real.SetRow(i, []float64{2 - float64(i/50), 1})
		fake.SetRow(i, []float64{9 - 7*float64(i/50), 9})
	}
	va, vb := 25./99, 49*25./99
	want := 80 + va + vb - 2*math.Sqrt(va*vb)
	for _, route := range []string{RouteAuto, RouteGram, RoutePivoted} {
		f, err := FrechetFeatures(real, fake, 1, route)
		if err != nil {
			t.Fatal(err)
		}
		near(t, route+" singular 2-D", f.Value, want, algebra)
	}
	// Means 0 and 1, identity covariances, d = 64: 64.
	id := mat.NewSymDense(64, nil)
	one := make([]float64, 64)
	for i := range one {
		id.SetSym(i, i, 1)
		one[i] = 1
	}
	f, err := FrechetStats(make([]float64, 64), id, one, id, RouteAuto)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "unit shift", f.Value, 64, algebra)
}

func TestFrechetOfItselfIsExactlyZero(t *testing.T) {
	for _, name := range []string{"A", "C"} {
		x := golden.Must(name)
		f, err := FrechetFeatures(x, mat.DenseCopyOf(x), 1, RouteAuto)
		if err != nil || f.Value != 0 || f.Route != RouteIdentical {
			t.Errorf("%s: %v by %s, %v", name, f.Value, f.Route, err)
		}
		mu, cov := MeanCov(x, 1)
		f, err = FrechetStats(mu, cov, mu, cov, RouteAuto)
		if err != nil || f.Value != 0 || f.Route != RouteIdentical {
			t.Errorf("%s from statistics: %v by %s, %v", name, f.Value, f.Route, err)
		}
	}
	zero := mat.NewDense(5, 3, nil)
	two := mat.NewDense(5, 3, []float64{2, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0, 0})
	for _, route := range []string{RouteAuto, RouteGram, RoutePivoted} {
		if f, err := FrechetFeatures(zero, two, 1, route); err != nil || f.Value != 4 || f.RankA != 0 {
			t.Errorf("constants by %s: %+v, %v", route, f, err)
		}
	}
}

// Rotation and translation leave the distance, scaling by s multiplies it by s^2, the two sides may be exchanged, and all routes agree.
func TestFrechetLaws(t *testing.T) {
	const tolerance = 1e-9 // the roots of small matrices with condition up to 1e6
	rapid.Check(t, func(rt *rapid.T) {
		d := rapid.IntRange(1, 6).Draw(rt, "d")
		n, m := rapid.IntRange(2, 20).Draw(rt, "n"), rapid.IntRange(2, 20).Draw(rt, "m")
		seed := rapid.Uint64().Draw(rt, "seed")
		x, y := golden.Matrix(seed, n, d, 1, 0), golden.Matrix(seed+1, m, d, 1.5, 0.5)
		base, err := FrechetFeatures(x, y, 1, RouteGram)
		if err != nil {
			rt.Fatal(err)
		}
		scale := base.TraceA + base.TraceB + base.MeanTerm
		same := func(what string, f Frechet, err error, want float64) {
			if err != nil || math.Abs(f.Value-want) > tolerance*math.Max(scale, want) {
				rt.Errorf("%s (%s): %v, want %v, %v", what, f.Route, f.Value, want, err)
			}
		}
		f, err := FrechetFeatures(y, x, 1, RouteAuto)
		same("exchanged", f, err, base.Value)
		if min(n, m) > d+3 {
			f, err = FrechetFeatures(x, y, 1, RouteCholesky)
			same("cholesky", f, err, base.Value)
		}
		var qr mat.QR
		qr.Factorize(golden.Matrix(seed+2, d, d, 1, 0))
		var q, xr, yr mat.Dense
		qr.QTo(&q)
		q.Scale(3, &q)
		xr.Mul(x, &q)
		yr.Mul(y, &q)
		for i := range n {
			xr.Set(i, 0, xr.At(i, 0)+5)
		}
		for i := range m {
			yr.Set(i, 0, yr.At(i, 0)+5)
		}
		f, err = FrechetFeatures(&xr, &yr, 1, RouteAuto)
		same("rotated, scaled by 3, shifted", f, err, 9*base.Value)
	})
}

func BenchmarkFrechetStats(b *testing.B) {
	for _, d := range []int{64, 512, 2048} {
		if d > 512 && testing.Short() {
			continue
		}
		muA, covA := MeanCov(golden.Matrix(1, 2*d, d, 1, 0), 1)
		muB, covB := MeanCov(golden.Matrix(2, 2*d, d, 1.1, 0.1), 1)
		for _, route := range []string{RouteCholesky} {
			b.Run(route+"/"+itoa(d), func(b *testing.B) {
				for b.Loop() {
					if _, err := FrechetStats(muA, covA, muB, covB, route); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

func BenchmarkFrechetGram1000x2048(b *testing.B) {
	x, y := golden.Matrix(1, 1000, 2048, 1, 0), golden.Matrix(2, 1000, 2048, 1.1, 0.1)
	for b.Loop() {
		if _, err := FrechetFeatures(x, y, 1, RouteGram); err != nil {
			b.Fatal(err)
		}
	}
}
