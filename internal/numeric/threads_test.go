package numeric

import (
	"context"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/numeric/golden"
)

// Every number must be the same bits for any thread count.
func TestThreadsChangeNothing(t *testing.T) {
	x, y := golden.Matrix(1, 900, 150, 1, 0), golden.Matrix(2, 700, 150, 1.1, .1)
	type all struct {
		Stats, Gram Frechet
		Psi         []float64
		Pairs       []PairSums
	}
	compute := func(threads int) (a all) {
		defer kernel.SetThreads(kernel.Threads())
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		kernel.SetThreads(threads)
		var err error
		if a.Stats, err = FrechetFeatures(x, y, 1, RouteCholesky); err != nil {
			t.Fatal(err)
		}
		if a.Gram, err = FrechetFeatures(x, y, 1, RouteGram); err != nil {
			t.Fatal(err)
		}
		muX, covX := MeanCov(x, 1)
		muY, covY := MeanCov(y, 1)
		a.Psi, _, _ = FrechetInfluence(x, y, muX, covX, muY, covY)
		for _, k := range []Kernel{cubic, {Kind: RBF, Sigma: 10}, {Kind: Energy}} {
			s, err := SumPairs(context.Background(), InMemory{x}, InMemory{y}, k)
			if err != nil {
				t.Fatal(err)
			}
			a.Pairs = append(a.Pairs, s)
		}
		return a
	}
	one := compute(1)
	for _, threads := range []int{2, 3, 7} {
		if d := cmp.Diff(one, compute(threads)); d != "" {
			t.Errorf("%d threads: %s", threads, d)
		}
	}
}
