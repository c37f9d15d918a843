package nn

import (
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/rng"
)

// LSTM is the cell of a recurrent network with a long short-term memory [hochreiter1997]. It is unrolled by hand, a Step for each place of a sequence; what the inputs
// of all places add to the gates can be computed at once by Gates.
//
//	i, f, o, g = s(.), s(.), s(.), tanh(.) of x w + h u + b;   c' = f c + i g;   h' = o tanh c'
type LSTM struct {
	w, u, b *Node
	units   int
}

// NewLSTM makes a cell that reads rows of in numbers: w [in, 4 units] and u [units, 4 units] uniform as dense layers are, b zero but for the forget gate's, which is 1,
// so that a fresh cell remembers.
func NewLSTM(s *Scope, in, units int) *LSTM {
	l := &LSTM{units: units}
	l.w = s.param("w", GlorotUniform(), in, units, []int{in, 4 * units})
	l.u = s.param("u", GlorotUniform(), units, units, []int{units, 4 * units})
	l.b = s.Param("b", Init{func(_ *rng.Source, x []float32, _ []int, _, _ int) {
		for j := range units {
			x[units+j] = 1
		}
	}}, 4*units)
	return l
}

// Units is the width of the states.
func (l *LSTM) Units() int { return l.units }

// Gates is x w + b for rows x [N, in]: what Step wants of its input, [N, 4 units].
func (l *LSTM) Gates(x *Node) *Node { return Linear(x, l.w, l.b) }

// Step goes one place on: the new states [N, units] from those of the place before and the gates of the input.
func (l *LSTM) Step(gates, h, c *Node) (h2, c2 *Node) {
	if want := shape(gates.Shape()[0], l.units); !c.Shape().Eq(want) {
		misuse("lstm", "state %v, want %v", c.Shape(), want)
	}
	k := cell{kernel.LSTM{N: c.Shape()[0], K: l.units}}
	both := k.step(k.gates(Add(gates, MatMul(h, l.u, false, false))), c)
	return k.part(both, 1), k.part(both, 0)
}

// cell is the elementwise part of a step. Its operators compute what the formula of LSTM says in as few passes as it goes, with the same bits; derivatives beyond the
// first expand into plain operators.
type cell struct{ kernel.LSTM }

// part is state i of [.., N, units], without copying.
func (k cell) part(x *Node, i int) *Node { return Reshape(Slice(x, 0, i, i+1), k.N, k.K) }

// gates is the sigmoid of i, f and o and the hyperbolic tangent of g.
func (k cell) gates(a *Node) *Node {
	return apply(&Op{name: "lstmgates", out: a.Shape(), wrt: yes[:1], inplace: []int{0},
		eval: func(o []float32, in [][]float32) { k.Gates(o, in[0]) },
		diff: func(y, g *Node) []*Node { return []*Node{k.gatesGrad(y, g)} }}, a)
}

func (k cell) gatesGrad(y, g *Node) *Node {
	return apply(&Op{name: "lstmgates'", out: y.Shape(), wrt: yes[:2], inplace: []int{1, 0},
		eval: func(o []float32, in [][]float32) { k.GatesGrad(o, in[0], in[1]) },
		diff: func(_, u *Node) []*Node {
			cut := func(x *Node) (*Node, *Node) { return Slice(x, 1, 0, 3*k.K), Slice(x, 1, 3*k.K, 4*k.K) }
			ys, yt := cut(y)
			gs, gt := cut(g)
			return partials(Concat(1, sigmoidGrad(ys, gs), tanhGrad(yt, gt)), u, y, g)
		}}, y, g)
}

// step returns [3, N, units]: the new state, what the cell says, and tanh of the state, which derivatives need and nobody else sees.
func (k cell) step(gates, c *Node) *Node {
	n := k.N * k.K
	return apply(&Op{name: "lstmcell", out: shape(3, k.N, k.K), wrt: yes[:2],
		eval: func(o []float32, in [][]float32) { k.Cell(o[:n], o[n:2*n], o[2*n:], in[0], in[1]) },
		diff: func(y, g *Node) []*Node {
			d := k.stepGrad(gates, c, y, g)
			return []*Node{Reshape(Slice(d, 0, 0, 4), k.N, 4*k.K), k.part(d, 4)}
		}}, gates, c)
}

// stepGrad returns [5, N, units]: the gradients of the gates, which take four parts, and of the state. y is cut from differentiation.
func (k cell) stepGrad(gates, c, y, g *Node) *Node {
	n := k.N * k.K
	return apply(&Op{name: "lstmcell'", out: shape(5, k.N, k.K), wrt: []bool{true, true, false, true},
		eval: func(o []float32, in [][]float32) {
			k.CellGrad(o[:4*n], o[4*n:], in[0], in[1], in[2][2*n:], in[3][:n], in[3][n:])
		},
		diff: func(_, u *Node) []*Node {
			d := partials(k.expandGrad(gates, c, g), u, gates, c, g)
			return []*Node{d[0], d[1], nil, d[2]}
		}}, gates, c, y, g)
}

// expandGrad is stepGrad in plain operators.
func (k cell) expandGrad(gates, c, g *Node) *Node {
	at := func(i int) *Node { return Slice(gates, 1, i*k.K, (i+1)*k.K) }
	i, f, o, z := at(0), at(1), at(2), at(3)
	t := Tanh(Add(Mul(f, c), Mul(i, z)))
	gh := k.part(g, 1)
	d := Add(k.part(g, 0), tanhGrad(t, Mul(o, gh)))
	flat := Concat(1, Mul(z, d), Mul(c, d), Mul(t, gh), Mul(i, d))
	return Concat(0, Reshape(flat, 4, k.N, k.K), Reshape(Mul(f, d), 1, k.N, k.K))
}
