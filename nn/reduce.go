package nn

import "github.com/assay-gan/assay/internal/kernel"

// Sum returns the sum of all elements, a scalar, accumulated in float64.
func Sum(x *Node) *Node {
	s := x.Shape()
	return apply(&Op{name: "sum", out: shape(), wrt: yes[:1],
		eval: func(o []float32, in [][]float32) { o[0] = float32(kernel.Sum(in[0])) },
		diff: func(_, g *Node) []*Node { return []*Node{Fill(g, s...)} }}, x)
}

// Mean returns the mean of all elements, a scalar.
func Mean(x *Node) *Node { return Scale(Sum(x), 1/float32(sizeOf(x))) }

// Fill repeats a scalar over a shape.
func Fill(v *Node, dims ...int) *Node {
	wantRank("fill", v, 0)
	return apply(&Op{name: "fill", out: shape(dims...), wrt: yes[:1],
		eval: func(o []float32, in [][]float32) {
			v := in[0][0]
			for i := range o {
				o[i] = v
			}
		},
		diff: func(_, g *Node) []*Node { return []*Node{Sum(g)} }}, v)
}

// Dot returns the inner product of all elements, a scalar.
func Dot(a, b *Node) *Node {
	sameShape("dot", a, b)
	return apply(&Op{name: "dot", out: shape(), wrt: yes[:2],
		eval: func(o []float32, in [][]float32) { o[0] = kernel.Dot(in[0], in[1]) },
		diff: func(_, g *Node) []*Node { return []*Node{ScaleBy(b, g), ScaleBy(a, g)} }}, a, b)
}

// ScaleBy returns x times the scalar node s.
func ScaleBy(x, s *Node) *Node {
	wantRank("scaleby", s, 0)
	return apply(&Op{name: "scaleby", out: x.Shape(), wrt: yes[:2], inplace: []int{0},
		eval: func(o []float32, in [][]float32) { kernel.Axpb(o, in[0], in[1][0], 0) },
		diff: func(_, g *Node) []*Node { return []*Node{ScaleBy(g, s), Dot(x, g)} }}, x, s)
}

// ---- one value for each sample ----

// RowSum sums each sample: [N, ...] to [N].
func RowSum(x *Node) *Node {
	n, l := rowsOf("rowsum", x)
	s := x.Shape()
	return apply(&Op{name: "rowsum", out: shape(n), wrt: yes[:1],
		eval: func(o []float32, in [][]float32) { kernel.RowSum(n, l, o, in[0]) },
		diff: func(_, g *Node) []*Node { return []*Node{FillRows(g, s...)} }}, x)
}

// RowMean averages each sample: [N, ...] to [N].
func RowMean(x *Node) *Node {
	_, l := rowsOf("rowmean", x)
	return Scale(RowSum(x), 1/float32(l))
}

// FillRows repeats v [N] over each sample of a shape [N, ...].
func FillRows(v *Node, dims ...int) *Node {
	n := dims[0]
	wantVector("fillrows", v, n)
	l := size(dims[1:])
	return apply(&Op{name: "fillrows", out: shape(dims...), wrt: yes[:1],
		eval: func(o []float32, in [][]float32) {
			for i, v := range in[0][:n] {
				row := o[i*l : (i+1)*l]
				for j := range row {
					row[j] = v
				}
			}
		},
		diff: func(_, g *Node) []*Node { return []*Node{RowSum(g)} }}, v)
}

// RowDot returns the inner product of each sample of a with the same of b: [N].
func RowDot(a, b *Node) *Node {
	sameShape("rowdot", a, b)
	n, l := rowsOf("rowdot", a)
	return apply(&Op{name: "rowdot", out: shape(n), wrt: yes[:2],
		eval: func(o []float32, in [][]float32) { kernel.RowDot(n, l, o, in[0], in[1]) },
		diff: func(_, g *Node) []*Node { return []*Node{MulRows(b, g), MulRows(a, g)} }}, a, b)
}

// MulRows multiplies each sample of x by its value in v [N].
func MulRows(x, v *Node) *Node {
	n, l := rowsOf("mulrows", x)
	wantVector("mulrows", v, n)
	return apply(&Op{name: "mulrows", out: x.Shape(), wrt: yes[:2], inplace: []int{0},
		eval: func(o []float32, in [][]float32) { kernel.MulRows(n, l, o, in[0], in[1]) },
		diff: func(_, g *Node) []*Node { return []*Node{MulRows(g, v), RowDot(x, g)} }}, x, v)
}

// ---- one value for each channel ----

// ColSum sums over everything but the last axis: [..., C] to [C].
func ColSum(x *Node) *Node {
	r, c := colsOf("colsum", x)
	s := x.Shape()
	return apply(&Op{name: "colsum", out: shape(c), wrt: yes[:1],
		bind: func() evalFunc {
			sum := make([]float64, c)
			return func(o []float32, in [][]float32) {
				kernel.ColSums(r, c, sum, nil, in[0], nil)
				narrow(o, sum)
			}
		},
		diff: func(_, g *Node) []*Node { return []*Node{BroadcastRows(g, s...)} }}, x)
}

func narrow(o []float32, x []float64) {
	for i, v := range x {
		o[i] = float32(v)
	}
}

// BroadcastRows repeats v [C] along the last axis of a shape [..., C].
func BroadcastRows(v *Node, dims ...int) *Node {
	c := dims[len(dims)-1]
	wantVector("broadcastrows", v, c)
	return apply(&Op{name: "broadcastrows", out: shape(dims...), wrt: yes[:1],
		eval: func(o []float32, in [][]float32) {
			for i := 0; i < len(o); i += c {
				copy(o[i:i+c], in[0])
			}
		},
		diff: func(_, g *Node) []*Node { return []*Node{ColSum(g)} }}, v)
}

// ColDot returns the inner product of each channel of a with the same of b: [C].
func ColDot(a, b *Node) *Node {
	sameShape("coldot", a, b)
	r, c := colsOf("coldot", a)
	return apply(&Op{name: "coldot", out: shape(c), wrt: yes[:2],
		bind: func() evalFunc {
			sum, dot := make([]float64, c), make([]float64, c)
			return func(o []float32, in [][]float32) {
				kernel.ColSums(r, c, sum, dot, in[0], in[1])
				narrow(o, dot)
			}
		},
		diff: func(_, g *Node) []*Node { return []*Node{MulCols(b, g), MulCols(a, g)} }}, a, b)
}

// MulCols multiplies each channel of x by its value in v [C].
func MulCols(x, v *Node) *Node {
	r, c := colsOf("mulcols", x)
	wantVector("mulcols", v, c)
	run := func(a activation) func() evalFunc {
		return func() evalFunc {
			zero := make([]float32, c)
			return func(o []float32, in [][]float32) { kernel.RowsAffine(r, c, o, in[0], in[1], zero, a.alpha, a.kind) }
		}
	}
	return apply(&Op{name: "mulcols", out: x.Shape(), wrt: yes[:2], inplace: []int{0}, bind: run(activation{}),
		fuse: func(a activation) evalFunc { return run(a)() },
		diff: func(_, g *Node) []*Node { return []*Node{MulCols(g, v), ColDot(x, g)} }}, x, v)
}

// AddCols adds v [C] to each position of x [..., C].
func AddCols(x, v *Node) *Node {
	r, c := colsOf("addcols", x)
	wantVector("addcols", v, c)
	return apply(&Op{name: "addcols", out: x.Shape(), wrt: yes[:2], inplace: []int{0},
		eval: func(o []float32, in [][]float32) { kernel.AddRow(r, c, o, in[0], in[1]) },
		diff: func(_, g *Node) []*Node { return []*Node{g, ColSum(g)} }}, x, v)
}

// AffineCols returns scale x + shift with one scale and one shift for each channel, in one pass.
func AffineCols(x, scale, shift *Node) *Node {
	r, c := colsOf("affinecols", x)
	wantVector("affinecols scale", scale, c)
	wantVector("affinecols shift", shift, c)
	run := func(a activation) evalFunc {
		return func(o []float32, in [][]float32) { kernel.RowsAffine(r, c, o, in[0], in[1], in[2], a.alpha, a.kind) }
	}
	return apply(&Op{name: "affinecols", out: x.Shape(), wrt: yes[:3], inplace: []int{0}, eval: run(activation{}), fuse: run,
		diff: func(_, g *Node) []*Node { return []*Node{MulCols(g, scale), ColDot(x, g), ColSum(g)} }}, x, scale, shift)
}
