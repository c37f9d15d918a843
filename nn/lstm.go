package nn

import "github.com/assay-gan/assay/rng"

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
	k := l.units
	a := Add(gates, MatMul(h, l.u, false, false))
	s := Sigmoid(Slice(a, 1, 0, 3*k))
	i, f, o := Slice(s, 1, 0, k), Slice(s, 1, k, 2*k), Slice(s, 1, 2*k, 3*k)
	c2 = Add(Mul(f, c), Mul(i, Tanh(Slice(a, 1, 3*k, 4*k))))
	return Mul(o, Tanh(c2)), c2
}
