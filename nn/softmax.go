package nn

import "github.com/assay-gan/assay/internal/kernel"

// Softmax returns exp(x) / sum exp(x) for each row of x [N,C], computed without overflow.
func Softmax(x *Node) *Node {
	s := wantRank("softmax", x, 2)
	return apply(&Op{name: "softmax", out: s, wrt: yes[:1], inplace: []int{0},
		eval: func(o []float32, in [][]float32) { kernel.Softmax(s[0], s[1], o, in[0]) },
		diff: func(y, g *Node) []*Node {
			return []*Node{Mul(y, Sub(g, FillRows(RowDot(g, y), s...)))}
		}}, x)
}

// LogSoftmax returns x - log sum exp(x) for each row of x [N,C], computed without overflow.
func LogSoftmax(x *Node) *Node {
	s := wantRank("logsoftmax", x, 2)
	return apply(&Op{name: "logsoftmax", out: s, wrt: yes[:1], inplace: []int{0},
		eval: func(o []float32, in [][]float32) { kernel.LogSoftmax(s[0], s[1], o, in[0]) },
		diff: func(y, g *Node) []*Node {
			return []*Node{Sub(g, MulRows(Exp(y), RowSum(g)))}
		}}, x)
}
