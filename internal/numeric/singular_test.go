package numeric

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/assay-gan/assay/internal/kernel"
)

func clone(w blas64.General) blas64.General {
	w.Data = slices.Clone(w.Data)
	return w
}

func gaussian(seed uint64, rows, cols int) blas64.General {
	r := rand.New(rand.NewPCG(seed, 1))
	w := newGeneral(rows, cols)
	for i := range w.Data {
		w.Data[i] = r.NormFloat64()
	}
	return w
}

// LAPACK's one stage, which numpy and scipy use too, is the reference.
func TestTwoStagesGiveLapacksSingularValues(t *testing.T) {
	for _, size := range [][2]int{{384, 384}, {385, 400}, {431, 390}, {480, 384}, {700, 433}, {384, 900}} {
		w := gaussian(1, size[0], size[1])
		want := singularOneStage(clone(w))
		got := SingularValues(clone(w))
		if len(got) != len(want) {
			t.Fatalf("%v: %d values, want %d", size, len(got), len(want))
		}
		for i := range got {
			if d := math.Abs(got[i] - want[i]); !(d <= 1e-13*want[0]) {
				t.Fatalf("%v: value %d is %v, LAPACK's %v", size, i, got[i], want[i])
			}
		}
	}
}

// A matrix of known singular values: P D Q with D diagonal and P, Q products of reflections, so that nothing but closed forms is compared with.
func TestTwoStagesOfKnownValues(t *testing.T) {
	const n = 401
	known := map[string]func(i int) float64{
		"zero":      func(int) float64 { return 0 },
		"equal":     func(int) float64 { return 3 },
		"rank 5":    func(i int) float64 { return max(0, 5-float64(i)) },
		"geometric": func(i int) float64 { return math.Pow(0.9, float64(i)) },
		"huge":      func(i int) float64 { return 1e290 / float64(i+1) },
		"tiny":      func(i int) float64 { return 1e-290 / float64(i+1) },
	}
	for name, value := range known {
		w := newGeneral(n+30, n)
		for i := range n {
			w.Data[i*n+i] = value(i)
		}
		for seed := range uint64(3) {
			mirrorRows(w, gaussian(2*seed+1, 1, w.Rows).Data)
			w = transposed(w)
			mirrorRows(w, gaussian(2*seed+2, 1, w.Rows).Data)
			w = transposed(w)
		}
		for i, got := range SingularValues(w) {
			if d := math.Abs(got - value(i)); !(d <= 1e-13*value(0)) {
				t.Errorf("%s: value %d is %v, want %v", name, i, got, value(i))
				break
			}
		}
	}
}

// mirrorRows is w - 2 v v'w / v'v.
func mirrorRows(w blas64.General, v []float64) {
	vv := 0.0
	for _, x := range v {
		vv += x * x
	}
	for j := range w.Cols {
		dot := 0.0
		for i := range v {
			dot += v[i] * w.Data[i*w.Stride+j]
		}
		for i := range v {
			w.Data[i*w.Stride+j] -= 2 / vv * dot * v[i]
		}
	}
}

// The chase goes sweep by sweep on one thread and in rounds of independent steps on more.
func TestSingularValuesOfAnyThreads(t *testing.T) {
	defer kernel.SetThreads(kernel.Threads())
	w := gaussian(3, 500, 450)
	kernel.SetThreads(1)
	want := SingularValues(clone(w))
	for _, threads := range []int{2, 3, 7} {
		kernel.SetThreads(threads)
		if got := SingularValues(clone(w)); !slices.Equal(got, want) {
			t.Errorf("%d threads give other bits", threads)
		}
	}
}

func BenchmarkSingularValues(b *testing.B) {
	w := gaussian(1, 2048, 2048)
	for b.Loop() {
		SingularValues(clone(w))
	}
}

func BenchmarkSingularOneStage(b *testing.B) {
	w := gaussian(1, 2048, 2048)
	for b.Loop() {
		singularOneStage(clone(w))
	}
}
