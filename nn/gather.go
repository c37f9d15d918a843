package nn

import (
	"fmt"

	"github.com/assay-gan/assay/internal/kernel"
)

// Gather returns the rows of table [K,D] that index [N] names: the embedding lookup. Indices are whole numbers carried as float32, as labels
// arrive in an input node; an index that is not one of 0..K-1 makes the run fail with an error.
func Gather(table, index *Node) *Node {
	t := wantRank("gather", table, 2)
	n := wantRank("gather index", index, 1)[0]
	k, d := t[0], t[1]
	return apply(&Op{name: "gather", out: shape(n, d), wrt: []bool{true, false},
		bind: func() evalFunc {
			at := make([]int32, n)
			return func(o []float32, in [][]float32) {
				indices(at, in[1], k)
				kernel.GatherRows(o, in[0], at, d)
			}
		},
		diff: func(_, g *Node) []*Node { return []*Node{ScatterAdd(g, index, k), nil} }}, table, index)
}

// ScatterAdd adds row i of x [N,D] to row index[i] of a matrix [K,D] of zeros: the derivative of Gather.
func ScatterAdd(x, index *Node, k int) *Node {
	s := wantRank("scatteradd", x, 2)
	n, d := s[0], s[1]
	wantVector("scatteradd index", index, n)
	return apply(&Op{name: "scatteradd", out: shape(k, d), wrt: []bool{true, false},
		bind: func() evalFunc {
			at := make([]int32, n)
			return func(o []float32, in [][]float32) {
				indices(at, in[1], k)
				clear(o)
				kernel.ScatterAddRows(o, in[0], at, d)
			}
		},
		diff: func(_, g *Node) []*Node { return []*Node{Gather(g, index), nil} }}, x, index)
}

func indices(at []int32, x []float32, k int) {
	for i, v := range x {
		if !(v >= 0 && v < float32(k)) || v != float32(int32(v)) {
			panic(fmt.Sprintf("index %v of row %d is not one of 0..%d", v, i, k-1))
		}
		at[i] = int32(v)
	}
}

// OneHot returns the unit vectors of classes [N]: [N,K]. It has no derivative. Classes are carried as in Gather.
func OneHot(class *Node, k int) *Node {
	n := wantRank("onehot", class, 1)[0]
	return apply(&Op{name: named("onehot(%d)", k), out: shape(n, k),
		bind: func() evalFunc {
			at := make([]int32, n)
			return func(o []float32, in [][]float32) {
				indices(at, in[0], k)
				clear(o)
				for i, c := range at {
					o[i*k+int(c)] = 1
				}
			}
		}}, class)
}
