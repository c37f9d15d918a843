package nn

const lnEps = 1e-5

type layerNorm struct{ gamma, beta *Node }

// LayerNorm normalises each sample over all its elements, then scales and shifts each of c channels [ba2016].
func LayerNorm(s *Scope, c int) Layer {
	return &layerNorm{s.Param("gamma", Ones(), c), s.Param("beta", Zeros(), c)}
}

// Forward implements Layer.
func (l *layerNorm) Forward(x *Node, _ Mode) *Node {
	_, n := rowsOf("layernorm", x)
	xc := Sub(x, FillRows(RowMean(x), x.Shape()...))
	v := Affine(RowDot(xc, xc), 1/float32(n), lnEps)
	return AffineCols(MulRows(xc, Pow(v, -.5)), l.gamma, l.beta)
}

type instanceNorm struct{ gamma, beta *Node }

// InstanceNorm normalises each channel of each image over its pixels, then scales and shifts it [ulyanov2016].
func InstanceNorm(s *Scope, c int) Layer {
	return &instanceNorm{s.Param("gamma", Ones(), c), s.Param("beta", Zeros(), c)}
}

// Forward implements Layer.
func (l *instanceNorm) Forward(x *Node, _ Mode) *Node {
	s := wantRank("instancenorm", x, 4)
	over := func(v *Node) *Node { return Tile2D(v, s[1], s[2]) }
	xc := Sub(x, over(GlobalAvgPool2D(x)))
	inv := Pow(AddConst(GlobalAvgPool2D(Square(xc)), lnEps), -.5)
	return AffineCols(Mul(xc, over(inv)), l.gamma, l.beta)
}

// spectralNorm divides a weight, seen as a matrix with the last axis as columns, by an estimate of its largest singular value
// [miyato2018]: sigma = u' W v with u, v from one power iteration, held constant in the derivative. The vector u is a state that a Step which
// trains the weight moves on by one iteration. In Eval mode the state is used as it is.
type spectralNorm struct{ w, u *Node }

func newSpectralNorm(s *Scope, w *Node) *spectralNorm {
	d := w.Shape()
	return &spectralNorm{w, s.State("u", Normal(1), 1, size(d[:len(d)-1]))}
}

func (l *spectralNorm) weight(m Mode) *Node {
	d := l.w.Shape()
	c := d[len(d)-1]
	mat := Reshape(l.w, size(d)/c, c)
	fixed := Detach(mat)
	u := l.u
	v := unitVector(MatMul(u, fixed, false, false))
	if m == Train {
		u = tracked(unitVector(MatMul(v, fixed, false, true)), update{l.u, []*Node{l.w}, func(state, value []float32) { copy(state, value) }})
	} else {
		u = unitVector(u)
	}
	sigma := Dot(MatMul(u, mat, false, false), v)
	return ScaleBy(l.w, Pow(sigma, -1))
}

// unitVector returns x / |x| as a constant.
func unitVector(x *Node) *Node {
	inv := Pow(AddConst(Dot(x, x), 1e-12), -.5)
	return Detach(ScaleBy(x, inv))
}
