package numeric

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/numeric/golden"
)

// naiveSubset is the definition, pair by pair.
func naiveSubset(x, y *mat.Dense, xs, ys []int, k Kernel) SubsetSums {
	s := SubsetSums{N: len(xs)}
	f := func(a *mat.Dense, i int, b *mat.Dense, j int) float64 {
		return math.Pow(mat.Dot(a.RowView(i), b.RowView(j))*k.Gamma+k.Coef, float64(k.Degree))
	}
	for i := range xs {
		for j := range xs {
			s.XY += f(x, xs[i], y, ys[j])
			if i == j {
				s.DiagX += f(x, xs[i], x, xs[i])
				s.DiagY += f(y, ys[i], y, ys[i])
				continue
			}
			s.XX += f(x, xs[i], x, xs[j])
			s.YY += f(y, ys[i], y, ys[j])
		}
	}
	return s
}

func randomSubsets(count, size, n, m int) (s Subsets) {
	r := rand.New(rand.NewPCG(uint64(n), uint64(size)))
	for range count {
		s.X = append(s.X, r.Perm(n)[:size])
		s.Y = append(s.Y, r.Perm(m)[:size])
	}
	return s
}

func close12(a, b SubsetSums, tolerance float64) bool {
	for _, v := range [][2]float64{{a.XX, b.XX}, {a.YY, b.YY}, {a.XY, b.XY}, {a.DiagX, b.DiagX}, {a.DiagY, b.DiagY}} {
		if !(math.Abs(v[0]-v[1]) <= tolerance*(math.Abs(v[1])+1)) {
			return false
		}
	}
	return a.N == b.N
}

// Both ways, subset by subset and through all pairs, and both precisions, against the definition. More rows than a panel holds, no multiples of anything.
func TestSubsetSumsAreTheDefinition(t *testing.T) {
	x, y := golden.Matrix(1, panelRows+45, 9, 1, .3), golden.Matrix(2, panelRows+101, 9, 1.1, .1)
	for _, k := range []Kernel{{Degree: 3, Coef: 1, Gamma: 1. / 9}, {Degree: 2, Coef: .5, Gamma: .2}} {
		sub := randomSubsets(3, 57, panelRows+45, panelRows+101)
		centre := Mean(x)
		for _, whole := range []bool{false, true} {
			wide, err := sumSubsets(context.Background(), asIs(x), asIs(y), sub, k, whole)
			if err != nil {
				t.Fatal(err)
			}
			half, err := sumSubsets(context.Background(), centred(x, centre), centred(y, centre), sub, k, whole)
			if err != nil {
				t.Fatal(err)
			}
			for i := range wide {
				want := naiveSubset(x, y, sub.X[i], sub.Y[i], k)
				if !close12(wide[i], want, 1e-12) { // algebra
					t.Errorf("whole %v, degree %d: %+v, want %+v", whole, k.Degree, wide[i], want)
				}
				if !close12(half[i], want, 1e-6) { // float32
					t.Errorf("whole %v, degree %d, float32: %+v, want %+v", whole, k.Degree, half[i], want)
				}
			}
		}
	}
}

// The error that is reported for float32 must be larger than the one there is, and data on which it matters must not be done in float32.
func TestFloat32IsUsedWhereItDoesNotMatter(t *testing.T) {
	const n, d = 600, 200
	k := Kernel{Degree: 3, Coef: 1, Gamma: 1. / d}
	x, y := golden.Matrix(1, n, d, 1, 3), golden.Matrix(2, n, d, 1.02, 3.01)
	sub := randomSubsets(5, 500, n, n)
	centre := Mean(x)
	cx, cy := centred(x, centre), centred(y, centre)
	bound, ok := halfPrecise(x, y, cx, cy, k, 500)
	if !ok {
		t.Fatalf("normal features are refused at %g", bound)
	}
	wide, _ := sumSubsets(context.Background(), asIs(x), asIs(y), sub, k, false)
	half, _ := sumSubsets(context.Background(), cx, cy, sub, k, false)
	for i := range wide {
		if e := math.Abs(half[i].Unbiased() - wide[i].Unbiased()); e > bound || e == 0 {
			t.Errorf("subset %d is off by %g, the bound is %g", i, e, bound)
		}
	}
	// An estimate from so many rows has less noise than float32 puts into a sample's products.
	if bound, ok := halfPrecise(x, y, cx, cy, k, 1e6); ok {
		t.Errorf("float32 is accepted with an error of %g", bound)
	}
}

func TestSubsetThreadsChangeNothing(t *testing.T) {
	x, y := golden.Matrix(1, 300, 50, 1, .3), golden.Matrix(2, 290, 50, 1.1, .1)
	k := Kernel{Degree: 3, Coef: 1, Gamma: 1. / 50}
	sub := randomSubsets(4, 100, 300, 290)
	centre := Mean(x)
	compute := func(threads int) (out [][]SubsetSums) {
		defer kernel.SetThreads(kernel.Threads())
		kernel.SetThreads(threads)
		for _, whole := range []bool{false, true} {
			a, _ := sumSubsets(context.Background(), asIs(x), asIs(y), sub, k, whole)
			b, _ := sumSubsets(context.Background(), centred(x, centre), centred(y, centre), sub, k, whole)
			out = append(out, a, b)
		}
		return out
	}
	one := compute(1)
	for _, threads := range []int{2, 7} {
		if d := cmp.Diff(one, compute(threads)); d != "" {
			t.Errorf("%d threads: %s", threads, d)
		}
	}
}

func TestSubsetsStop(t *testing.T) {
	x := golden.Must("A")
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, _, err := SumSubsets(ctx, x, x, randomSubsets(2, 20, 100, 100), Kernel{Degree: 3, Coef: 1}); err == nil {
		t.Error("a cancelled context is ignored")
	}
}

func BenchmarkSubsets(b *testing.B) {
	x, y := golden.Matrix(1, 3000, 2048, 1, .3), golden.Matrix(2, 3000, 2048, 1.1, .1)
	sub := randomSubsets(2, 1000, 3000, 3000)
	k := Kernel{Degree: 3, Coef: 1, Gamma: 1. / 2048}
	centre := Mean(x)
	cx, cy := centred(x, centre), centred(y, centre)
	kernel.SetThreads(2)
	b.Run("float64", func(b *testing.B) {
		for b.Loop() {
			_, _ = sumSubsets(context.Background(), asIs(x), asIs(y), sub, k, false)
		}
	})
	b.Run("float32", func(b *testing.B) {
		for b.Loop() {
			_, _ = sumSubsets(context.Background(), cx, cy, sub, k, false)
		}
	})
}
