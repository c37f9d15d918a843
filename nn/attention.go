package nn

import "github.com/assay-gan/assay/internal/kernel"

// MatMulRows returns op(a_i) op(b_i) for each sample i of a [N,.,.] and b [N,.,.], where ta and tb ask for the transposes.
func MatMulRows(a, b *Node, ta, tb bool) *Node {
	as, bs := wantRank("matmulrows", a, 3), wantRank("matmulrows", b, 3)
	m, k, kb, n := as[1], as[2], bs[1], bs[2]
	if ta {
		m, k = k, m
	}
	if tb {
		kb, n = n, kb
	}
	if as[0] != bs[0] || k != kb {
		misuse("matmulrows", "shapes do not fit: %v (transposed %v) by %v (transposed %v)", as, ta, bs, tb)
	}
	rows, la, lb, lc := as[0], as[1]*as[2], bs[1]*bs[2], m*n
	return apply(&Op{name: named("matmulrows(%v,%v)", ta, tb), out: shape(rows, m, n), wrt: yes[:2],
		eval: func(o []float32, in [][]float32) {
			for i := range rows {
				kernel.Gemm(ta, tb, m, n, k, in[0][i*la:], as[2], in[1][i*lb:], bs[2], o[i*lc:(i+1)*lc], n, epilogue(nil, activation{}))
			}
		},
		diff: func(_, g *Node) []*Node {
			da, db := MatMulRows(g, b, false, !tb), MatMulRows(a, g, !ta, false)
			if ta {
				da = MatMulRows(b, g, tb, true)
			}
			if tb {
				db = MatMulRows(g, a, true, ta)
			}
			return []*Node{da, db}
		}}, a, b)
}

type selfAttention struct {
	query, key, value, out Layer
	gate                   *Node
}

// SelfAttention lets each pixel of an image [N,H,W,c] look at all others [zhang2019]:
//
//	y_p = x_p + gate O sum_q a_pq V x_q,   a_p = softmax_q <Q x_p, K x_q>
//
// Q and K map to c/8 channels, V to c/2 (at least one); the gate starts at 0, so that training begins with the plain network.
func SelfAttention(s *Scope, c int, opts ...Option) Layer {
	opts = append(opts[:len(opts):len(opts)], NoBias)
	narrow, half := max(1, c/8), max(1, c/2)
	one := K(1, 1, 0)
	return &selfAttention{
		query: Conv(s.Sub("query"), c, narrow, one, opts...), key: Conv(s.Sub("key"), c, narrow, one, opts...),
		value: Conv(s.Sub("value"), c, half, one, opts...), out: Conv(s.Sub("out"), half, c, one, opts...),
		gate: s.Param("gate", Zeros(), 1),
	}
}

// Forward implements Layer.
func (l *selfAttention) Forward(x *Node, m Mode) *Node {
	d := wantRank("self-attention", x, 4)
	n, pixels := d[0], d[1]*d[2]
	flat := func(y *Node) *Node { return Reshape(y, n, pixels, y.Shape()[3]) }
	scores := MatMulRows(flat(l.query.Forward(x, m)), flat(l.key.Forward(x, m)), false, true)
	weights := Reshape(Softmax(Reshape(scores, n*pixels, pixels)), n, pixels, pixels)
	seen := MatMulRows(weights, flat(l.value.Forward(x, m)), false, false)
	y := l.out.Forward(Reshape(seen, n, d[1], d[2], seen.Shape()[2]), m)
	return Add(x, ScaleBy(y, Sum(l.gate)))
}
