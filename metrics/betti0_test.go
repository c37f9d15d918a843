package metrics

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/internal/numeric/golden"
)

// The tree of points on a line is the gaps between neighbours; in general it is what Kruskal's algorithm finds.
func TestTreeEdges(t *testing.T) {
	line := mat.NewDense(5, 1, []float64{7, 0, 1, 12, 3})
	if got := numeric.TreeEdges(line); !slices.Equal(got, []float64{1, 2, 4, 5}) {
		t.Errorf("line: %v", got)
	}
	x := golden.Matrix(301, 60, 3, 1, 0)
	type edge struct {
		d    float64
		a, b int
	}
	var all []edge
	parent := identity(60)
	for i := range 60 {
		for j := range i {
			all = append(all, edge{math.Sqrt(numeric.SqDist(x.RawRowView(i), x.RawRowView(j))), i, j})
		}
	}
	slices.SortFunc(all, func(a, b edge) int {
		if a.d < b.d {
			return -1
		}
		return 1
	})
	root := func(i int) int {
		for parent[i] != i {
			i = parent[i]
		}
		return i
	}
	var want []float64
	for _, e := range all {
		if a, b := root(e.a), root(e.b); a != b {
			parent[a] = b
			want = append(want, e.d)
		}
	}
	if got := numeric.TreeEdges(x); !slices.Equal(got, want) {
		t.Errorf("tree %v, want %v", got, want)
	}
}

func TestBetti0(t *testing.T) {
	real := blobs(311, 1200, 8)
	same := compute(t, metric(t, "betti0"), Pair{Real: real, Fake: blobs(312, 1200, 8)})
	drop := compute(t, metric(t, "betti0"), Pair{Real: real, Fake: blobs(313, 1200, 2)})
	slim := mat.DenseCopyOf(blobs(314, 1200, 8))
	slim.Scale(.5, slim)
	half := compute(t, metric(t, "betti0"), Pair{Real: real, Fake: slim})
	if same["betti0"] > 2*same["betti0_real"]+.05 || drop["betti0"] < 3*same["betti0"] || math.Abs(half["betti0_length"]-.5) > .05 {
		t.Errorf("same %v, dropped %v, half the size %v", same, drop, half)
	}
	id := compute(t, set(t, metric(t, "betti0"), "rows", "1200"), Pair{Real: real, Fake: real})
	near(t, "all rows of one set", id["betti0"], 0, 1e-12)
	near(t, "length", id["betti0_length"], 1, 1e-12)
}
