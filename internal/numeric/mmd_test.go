package numeric

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

func sums(t *testing.T, x, y *mat.Dense, k Kernel) PairSums {
	t.Helper()
	s, err := SumPairs(context.Background(), InMemory{x}, InMemory{y}, k)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var cubic = Kernel{Kind: Poly, Coef: 1, Degree: 3}

func TestMMDGolden(t *testing.T) {
	const tolerance = 1e-11 // differences of sums of 160 000 terms
	a, a400, b := golden.Must("A"), golden.Must("A[:400]"), golden.Must("B")
	s := sums(t, a400, b, cubic)
	near(t, "biased", s.Biased(), .41284041016624196, tolerance)
	near(t, "unbiased", s.Unbiased(), .36291338627276293, tolerance)
	near(t, "u-statistic", s.UStatistic(), .36282136662742515, tolerance)
	near(t, "unequal sizes", sums(t, a, b, cubic).Unbiased(), .3562660787283183, tolerance)
	near(t, "rbf", sums(t, a400, b, Kernel{Kind: RBF, Sigma: 10}).Unbiased(), .012748127694901967, 1e-10)
	near(t, "cmmd", 1000*sums(t, a, b, Kernel{Kind: RBF, Sigma: 10}).Biased(), 13.163843615787485, 1e-10)
}

// The blocked sums against two plain loops, across block borders, for every kernel.
func TestSumPairsIsTheDoubleLoop(t *testing.T) {
	x, y := golden.Matrix(5, pairBlock+37, 5, 1, 0), golden.Matrix(6, pairBlock-11, 5, 1.3, 0.2)
	for _, k := range []Kernel{cubic, {Kind: Poly, Gamma: .5, Coef: .1, Degree: 2}, {Kind: RBF, Sigma: 1.5}, {Kind: Energy}} {
		kernel := func(a, b []float64) float64 {
			dot, d2 := 0.0, 0.0
			for i := range a {
				dot += a[i] * b[i]
				d2 += (a[i] - b[i]) * (a[i] - b[i])
			}
			switch k.Kind {
			case RBF:
				return math.Exp(-d2 / (2 * k.Sigma * k.Sigma))
			case Energy:
				return -math.Sqrt(d2)
			case Poly:
			}
			g := k.Gamma
			if g == 0 {
				g = 1. / 5
			}
			return math.Pow(g*dot+k.Coef, float64(k.Degree))
		}
		s := sums(t, x, y, k)
		n, _ := x.Dims()
		m, _ := y.Dims()
		var xx, xy, sqxy, dxy, row3 float64
		for i := range n {
			for j := range n {
				if i != j {
					xx += kernel(x.RawRowView(i), x.RawRowView(j))
				}
			}
			for j := range m {
				v := kernel(x.RawRowView(i), y.RawRowView(j))
				xy += v
				sqxy += v * v
				if i == j {
					dxy += v
				}
				if j == m-2 {
					row3 += v
				}
			}
		}
		const tolerance = 1e-11
		near(t, "xx", Sum(s.RowXX), xx, tolerance)
		near(t, "xy", Sum(s.RowXY), xy, tolerance)
		near(t, "yx", Sum(s.RowYX), xy, tolerance)
		near(t, "squares", s.SqXY, sqxy, tolerance)
		near(t, "diagonal", s.DiagXY, dxy, tolerance)
		near(t, "a column", s.RowYX[m-2], row3, tolerance)
	}
}

// Constant sets: k(a,a) + k(b,b) - 2 k(a,b), no variance. Energy distance of constants: 2|a-b|.
func TestMMDOfConstants(t *testing.T) {
	x, y := mat.NewDense(7, 2, nil), mat.NewDense(9, 2, nil)
	for i := range 7 {
		x.SetRow(i, []float64{1, 2})
	}
	for i := range 9 {
		y.SetRow(i, []float64{-1, 0.5})
	}
	s := sums(t, x, y, cubic) // k(a,a) = 3.5^3, k(b,b) = 1.625^3, k(a,b) = 1^3
	near(t, "kid", s.Unbiased(), 42.875+4.291015625-2, algebra)
	if v := s.Variance(); v > 1e-20 || v < 0 {
		t.Errorf("variance %v", v)
	}
	near(t, "energy", sums(t, x, y, Kernel{Kind: Energy}).Unbiased(), 2*math.Hypot(2, 1.5), algebra)
}

// The variance estimate against the spread over fresh samples, where the populations differ and where they agree.
func TestMMDVarianceIsTheSpread(t *testing.T) {
	const repeats, n, m = 300, 60, 40
	for _, shift := range []float64{0, 0.5} {
		var values []float64
		estimate := 0.0
		for r := range uint64(repeats) {
			s := sums(t, golden.Matrix(1000+2*r, n, 3, 1, 0), golden.Matrix(1001+2*r, m, 3, 1, shift), Kernel{Kind: RBF, Sigma: 2})
			values = append(values, s.Unbiased())
			estimate += s.Variance() / repeats
		}
		mean := Sum(values) / repeats
		v := 0.0
		for _, x := range values {
			v += (x - mean) * (x - mean) / (repeats - 1)
		}
		const tolerance = 0.25 // 300 repetitions of a skewed variance
		near(t, "variance at shift "+itoa(int(10*shift)), estimate, v, tolerance)
	}
}

func TestSlicedGolden(t *testing.T) {
	a, b := golden.Must("A[:400]"), golden.Must("B")
	axes := mat.NewDense(16, 16, nil)
	for i := range 16 {
		axes.Set(i, i, 1)
	}
	w2 := func(x, y, dirs *mat.Dense) float64 {
		p, _ := Project(x, dirs, nil)
		q, _ := Project(y, dirs, nil)
		return Sliced(p, q, 2)
	}
	near(t, "axes", w2(a, b, axes), .1215792343379879, algebra)
	near(t, "axes, 3d", 3*16*w2(a, b, axes), 5.835803248223419, algebra)
	u := golden.Must("U")
	for i := range 64 {
		row := u.RawRowView(i)
		l := 0.0
		for _, v := range row {
			l += v * v
		}
		for j := range row {
			row[j] /= math.Sqrt(l)
		}
	}
	near(t, "64 directions, 3d", 3*16*w2(a, b, u), 5.232382687315753, algebra)
	// Unequal sizes: {0, 1} against {0, 0, 3}: quantiles meet in sixths: 0-0 (2/6), 0-0 (1/6), 1-0 (1/6), 1-3 (2/6).
	near(t, "unequal", Wasserstein1D([]float64{0, 1}, []float64{0, 0, 3}, 2), 1./6+4*2./6, algebra)
	near(t, "unequal, p 1", Wasserstein1D([]float64{0, 1}, []float64{0, 0, 3}, 1), 1./6+2*2./6, algebra)
	// Repeating every row changes nothing.
	near(t, "repeated", Wasserstein1D([]float64{0, 0, 1, 1}, []float64{.5, 2}, 2), Wasserstein1D([]float64{0, 1}, []float64{.5, 2}, 2), algebra)
	// A group left out is the sample without its rows.
	groups := make([]int, 400)
	keep := make([]float64, 0)
	for i := range groups {
		groups[i] = i % 7
	}
	for i := range 400 {
		if groups[i] != 3 {
			keep = append(keep, a.RawRowView(i)...)
		}
	}
	p, g := Project(a, axes, groups)
	rest, _ := Project(mat.NewDense(len(keep)/16, 16, keep), axes, nil)
	for k, v := range Without(p, g, 3) {
		if d := math.Abs(Wasserstein1D(v, rest[k], 1)); d > algebra {
			t.Errorf("direction %d differs by %v", k, d)
		}
	}
}

// Transport against all permutations, and against the one-dimensional optimum for unequal sizes.
func TestTransportIsOptimal(t *testing.T) {
	for seed := range uint64(40) {
		g := golden.New(seed)
		n := 1 + int(seed%7)
		cost := make([]float64, n*n)
		for i := range cost {
			cost[i] = math.Floor(10 * g.Uniform()) // ties
		}
		best := math.Inf(1)
		perm := make([]int, 0, n)
		used := make([]bool, n)
		var search func(c float64)
		search = func(c float64) {
			if len(perm) == n {
				best = math.Min(best, c)
				return
			}
			for j := range n {
				if !used[j] {
					used[j], perm = true, append(perm, j)
					search(c + cost[(len(perm)-1)*n+j])
					used[j], perm = false, perm[:len(perm)-1]
				}
			}
		}
		search(0)
		got, err := Transport(context.Background(), cost, n, n)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got*float64(n)-best) > 1e-9 {
			t.Errorf("seed %d: %v, want %v", seed, got*float64(n), best)
		}
	}
	for _, size := range [][2]int{{30, 20}, {7, 13}, {12, 36}, {1, 5}, {60, 60}} {
		a, b := golden.Matrix(1, size[0], 1, 1, 0), golden.Matrix(2, size[1], 1, 2, 1)
		cost := make([]float64, 0, size[0]*size[1])
		for i := range size[0] {
			for j := range size[1] {
				d := a.At(i, 0) - b.At(j, 0)
				cost = append(cost, d*d)
			}
		}
		got, err := Transport(context.Background(), cost, size[0], size[1])
		if err != nil {
			t.Fatal(err)
		}
		one := mat.NewDense(1, 1, []float64{1})
		p, _ := Project(a, one, nil)
		q, _ := Project(b, one, nil)
		near(t, "one dimension", got, Wasserstein1D(p[0], q[0], 2), algebra)
	}
}

func BenchmarkSumPairs2048(b *testing.B) {
	x, y := golden.Matrix(1, 1000, 2048, 1, 0), golden.Matrix(2, 1000, 2048, 1.1, 0.1)
	for b.Loop() {
		if _, err := SumPairs(context.Background(), InMemory{x}, InMemory{y}, cubic); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTransport1000(b *testing.B) {
	x, y := golden.Matrix(1, 1000, 8, 1, 0), golden.Matrix(2, 1000, 8, 1.1, 0.1)
	cost := make([]float64, 0, 1000000)
	for i := range 1000 {
		for j := range 1000 {
			cost = append(cost, SqDist(x.RawRowView(i), y.RawRowView(j)))
		}
	}
	for b.Loop() {
		if _, err := Transport(context.Background(), cost, 1000, 1000); err != nil {
			b.Fatal(err)
		}
	}
}
