package numeric

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// TreeEdges returns the n-1 edge lengths of the minimum spanning tree of the rows of x, shortest first: the scales at which the connected components of
// growing balls around the rows merge, the persistence of homology in dimension 0. Prim's algorithm, O(n^2 d) time and O(n) memory.
func TreeEdges(x *mat.Dense) []float64 {
	n, _ := x.Dims()
	near := make([]float64, n) // squared distance of every row outside the tree to the tree
	for i := range near {
		near[i] = math.Inf(1)
	}
	edges := make([]float64, 0, n-1)
	at := 0
	for range n - 1 {
		near[at] = -1 // in the tree
		next := -1
		for i, v := range near {
			if v < 0 {
				continue
			}
			near[i] = min(v, SqDist(x.RawRowView(at), x.RawRowView(i)))
			if next < 0 || near[i] < near[next] {
				next = i
			}
		}
		edges = append(edges, math.Sqrt(near[next]))
		at = next
	}
	slices.Sort(edges)
	return edges
}
