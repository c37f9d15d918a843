package nn

import (
	"math"

	"github.com/assay-gan/assay/internal/kernel"
)

// Constants of batch normalisation, as in the common frameworks.
const (
	bnEps      = 1e-5
	bnMomentum = 0.1 // weight of the new batch in the running statistics
)

// batchStats returns [3,C] over all but the last axis: mean, 1/sqrt(var + eps), and the unbiased variance for the running statistics. It is
// cut from differentiation: the derivative of batchNorm accounts for the statistics.
func batchStats(x *Node) *Node {
	r, c := colsOf("batchnorm", x)
	return apply(&Op{name: "batchstats", out: shape(3, c),
		bind: func() evalFunc {
			s, q := make([]float64, c), make([]float64, c)
			n := float64(r)
			return func(o []float32, in [][]float32) {
				kernel.ColSums(r, c, s, q, in[0], in[0])
				for i := range c {
					m := s[i] / n
					v := max(q[i]/n-m*m, 0)
					o[i], o[c+i], o[2*c+i] = float32(m), float32(1/math.Sqrt(v+bnEps)), float32(v*n/max(n-1, 1))
				}
			}
		}}, x)
}

// batchNorm is gamma (x - mean) inv + beta with the batch statistics st of x [ioffe2015]. First derivatives have kernels of their own; higher
// ones expand into plain operators, which is slower and exact.
func batchNorm(x, st, gamma, beta *Node) *Node {
	r, c := colsOf("batchnorm", x)
	run := func(a activation) func() evalFunc {
		return func() evalFunc {
			s, t := make([]float32, c), make([]float32, c)
			return func(o []float32, in [][]float32) {
				for i := range c {
					s[i] = in[2][i] * in[1][c+i]
					t[i] = in[3][i] - in[1][i]*s[i]
				}
				kernel.RowsAffine(r, c, o, in[0], s, t, a.alpha, a.kind)
			}
		}
	}
	return apply(&Op{name: "batchnorm", out: x.Shape(), wrt: []bool{true, false, true, true}, inplace: []int{0},
		bind: run(activation{}), fuse: func(a activation) evalFunc { return run(a)() },
		diff: func(_, g *Node) []*Node {
			p := batchNormGradP(x, st, g)
			row := func(i int) *Node { return Reshape(Slice(p, 0, i, i+1), c) }
			return []*Node{batchNormGradX(x, st, gamma, p, g), nil, row(1), row(0)}
		}}, x, st, gamma, beta)
}

// batchNormGradP returns [2,C]: the gradients of beta and gamma.
func batchNormGradP(x, st, g *Node) *Node {
	r, c := colsOf("batchnorm", x)
	return apply(&Op{name: "batchnorm'p", out: shape(2, c), wrt: []bool{true, false, true},
		bind: func() evalFunc {
			s, q := make([]float64, c), make([]float64, c)
			return func(o []float32, in [][]float32) {
				kernel.ColSums(r, c, s, q, in[2], in[0])
				for i := range c {
					o[i] = float32(s[i])
					o[c+i] = float32((q[i] - s[i]*float64(in[1][i])) * float64(in[1][c+i]))
				}
			}
		},
		diff: func(_, u *Node) []*Node {
			xhat, _ := normalised(x)
			e := Concat(0, Reshape(ColSum(g), 1, c), Reshape(ColDot(g, xhat), 1, c))
			d := partials(e, u, x, g)
			return []*Node{d[0], nil, d[1]}
		}}, x, st, g)
}

// batchNormGradX returns the gradient of x; p holds the sums it shares with batchNormGradP and is cut from differentiation.
func batchNormGradX(x, st, gamma, p, g *Node) *Node {
	r, c := colsOf("batchnorm", x)
	return apply(&Op{name: "batchnorm'x", out: x.Shape(), wrt: []bool{true, false, true, false, true}, inplace: []int{4, 0},
		bind: func() evalFunc {
			a, b, d := make([]float32, c), make([]float32, c), make([]float32, c)
			n := float32(r)
			return func(o []float32, in [][]float32) {
				for i := range c {
					m, inv, db, dg := in[1][i], in[1][c+i], in[3][i], in[3][c+i]
					a[i] = in[2][i] * inv
					b[i] = -a[i] * inv * dg / n
					d[i] = -a[i]*db/n - b[i]*m
				}
				kernel.BNBackward(r, c, o, in[4], in[0], a, b, d)
			}
		},
		diff: func(_, u *Node) []*Node {
			d := partials(expandGradX(x, gamma, g), u, x, gamma, g)
			return []*Node{d[0], nil, d[1], nil, d[2]}
		}}, x, st, gamma, p, g)
}

// normalised returns (x - mean) inv and inv [C] in plain operators.
func normalised(x *Node) (xhat, inv *Node) {
	r, _ := colsOf("batchnorm", x)
	n := 1 / float32(r)
	xc := AddCols(x, Scale(ColSum(x), -n))
	inv = Pow(Affine(ColDot(xc, xc), n, bnEps), -.5)
	return MulCols(xc, inv), inv
}

// expandGradX is batchNormGradX in plain operators:
//
//	dx = gamma inv (g - mean(g) - xhat mean(g xhat))
func expandGradX(x, gamma, g *Node) *Node {
	r, _ := colsOf("batchnorm", x)
	n := 1 / float32(r)
	xhat, inv := normalised(x)
	e := AddCols(g, Scale(ColSum(g), -n))
	e = Sub(e, MulCols(xhat, Scale(ColDot(g, xhat), n)))
	return MulCols(e, Mul(gamma, inv))
}

// lerp moves a state towards a value by the batch-norm momentum; from is where the value starts in the node.
func lerp(from int) func(state, value []float32) {
	return func(state, value []float32) {
		for i, v := range value[from : from+len(state)] {
			state[i] += bnMomentum * (v - state[i])
		}
	}
}

type batchNormLayer struct{ gamma, beta, mean, variance *Node }

// BatchNorm normalises each of c channels over the batch, then scales and shifts it [ioffe2015]. In Train mode it uses the statistics of the
// batch, and a Step that trains it moves its running mean and (unbiased) variance by 0.1 towards them, once for each batch the loss sees; in
// Eval mode it uses the running ones, as one affine pass.
func BatchNorm(s *Scope, c int) Layer {
	return &batchNormLayer{
		gamma: s.Param("gamma", Ones(), c), beta: s.Param("beta", Zeros(), c),
		mean: s.State("mean", Zeros(), c), variance: s.State("var", Ones(), c),
	}
}

// Forward implements Layer.
func (l *batchNormLayer) Forward(x *Node, m Mode) *Node {
	c := sizeOf(l.gamma)
	if _, got := colsOf("batchnorm", x); got != c {
		misuse("batchnorm "+l.gamma.Name(), "made for %d channels, got shape %v", c, x.Shape())
	}
	if m == Eval {
		scale := Mul(l.gamma, Pow(AddConst(l.variance, bnEps), -.5))
		return AffineCols(x, scale, Sub(l.beta, Mul(l.mean, scale)))
	}
	owner := []*Node{l.gamma, l.beta}
	st := tracked(batchStats(x), update{l.mean, owner, lerp(0)}, update{l.variance, owner, lerp(2 * c)})
	return batchNorm(x, st, l.gamma, l.beta)
}
