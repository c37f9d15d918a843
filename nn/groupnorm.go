package nn

import (
	"math"

	"github.com/assay-gan/assay/internal/kernel"
)

// gnEps is what common frameworks add to the variance of a group.
const gnEps = 1e-5

type groupNormLayer struct {
	gamma, beta *Node
	groups      int
}

// GroupNorm normalises each sample over its pixels and the channels of a group, then scales and shifts each of c channels [wu2018]. groups divides c.
func GroupNorm(s *Scope, c, groups int) Layer {
	return &groupNormLayer{s.Param("gamma", Ones(), c), s.Param("beta", Zeros(), c), groups}
}

// Forward implements Layer. It takes [N, ..., c].
func (l *groupNormLayer) Forward(x *Node, _ Mode) *Node {
	n, c := x.Shape()[0], sizeOf(l.gamma)
	return GroupNormRows(x, BroadcastRows(l.gamma, n, c), BroadcastRows(l.beta, n, c), l.groups)
}

// GroupNormRows normalises each sample of x [N, ..., C] over its pixels and the channels of a group, then scales and shifts the channels of each sample by its own rows
// gamma and beta [N, C]: the adaptive group norm of [dhariwal2021] in one pass.
func GroupNormRows(x, gamma, beta *Node, groups int) *Node {
	s := x.Shape()
	_, c := colsOf("groupnorm", x)
	if len(s) < 2 || groups < 1 || c%groups != 0 {
		misuse("groupnorm", "shape %v cannot be cut into %d groups of channels", s, groups)
	}
	want := shape(s[0], c)
	if !gamma.Shape().Eq(want) || !beta.Shape().Eq(want) {
		misuse("groupnorm", "scale %v and shift %v, want %v", gamma.Shape(), beta.Shape(), want)
	}
	k := grouping{n: s[0], pixels: size(s[1 : len(s)-1]), c: c, groups: groups}
	return k.norm(x, k.stats(x), gamma, beta)
}

// grouping is the geometry of a group norm.
type grouping struct{ n, pixels, c, groups int }

func (k grouping) name(op string) string { return named("%s(%d)", op, k.groups) }

// sample is the part of image i.
func (k grouping) sample(x []float32, i int) []float32 {
	return x[i*k.pixels*k.c : (i+1)*k.pixels*k.c]
}

// members is the number of values that are normalised together.
func (k grouping) members() float64 { return float64(k.pixels * k.c / k.groups) }

// stats returns [2,N,C]: mean and 1/sqrt(var + eps) of each channel's group. It is cut from differentiation: the derivative of norm accounts for it.
func (k grouping) stats(x *Node) *Node {
	return apply(&Op{name: k.name("groupstats"), out: shape(2, k.n, k.c),
		bind: func() evalFunc {
			s, q := make([]float64, k.c), make([]float64, k.c)
			return func(o []float32, in [][]float32) {
				for i := range k.n {
					kernel.ColSums(k.pixels, k.c, s, q, k.sample(in[0], i), k.sample(in[0], i))
					k.fold(o[i*k.c:(i+1)*k.c], o[(k.n+i)*k.c:(k.n+i+1)*k.c], s, q)
				}
			}
		}}, x)
}

// fold turns sums of channels into the mean and inverse deviation of their groups.
func (k grouping) fold(mean, inv []float32, s, q []float64) {
	per := k.c / k.groups
	for g := 0; g < k.c; g += per {
		a, b := 0.0, 0.0
		for j := g; j < g+per; j++ {
			a, b = a+s[j], b+q[j]
		}
		m := a / k.members()
		r := 1 / math.Sqrt(max(b/k.members()-m*m, 0)+gnEps)
		for j := g; j < g+per; j++ {
			mean[j], inv[j] = float32(m), float32(r)
		}
	}
}

// norm is gamma (x - mean) inv + beta. First derivatives have kernels of their own; higher ones expand into plain operators.
func (k grouping) norm(x, st, gamma, beta *Node) *Node {
	return apply(&Op{name: k.name("groupnorm"), out: x.Shape(), wrt: []bool{true, false, true, true}, inplace: []int{0},
		bind: func() evalFunc {
			a, b := make([]float32, k.c), make([]float32, k.c)
			return func(o []float32, in [][]float32) {
				for i := range k.n {
					at := i * k.c
					for j := range k.c {
						a[j] = in[2][at+j] * in[1][k.n*k.c+at+j]
						b[j] = in[3][at+j] - in[1][at+j]*a[j]
					}
					kernel.RowsAffine(k.pixels, k.c, k.sample(o, i), k.sample(in[0], i), a, b, 0, kernel.ActNone)
				}
			}
		},
		diff: func(_, g *Node) []*Node {
			p := k.gradP(x, st, g)
			part := func(i int) *Node { return Reshape(Slice(p, 0, i, i+1), k.n, k.c) }
			return []*Node{k.gradX(x, st, gamma, p, g), nil, part(1), part(0)}
		}}, x, st, gamma, beta)
}

// gradP returns [2,N,C]: the gradients of shift and scale.
func (k grouping) gradP(x, st, g *Node) *Node {
	return apply(&Op{name: k.name("groupnorm'p"), out: shape(2, k.n, k.c), wrt: []bool{true, false, true},
		bind: func() evalFunc {
			s, q := make([]float64, k.c), make([]float64, k.c)
			return func(o []float32, in [][]float32) {
				for i := range k.n {
					kernel.ColSums(k.pixels, k.c, s, q, k.sample(in[2], i), k.sample(in[0], i))
					at := i * k.c
					for j := range k.c {
						o[at+j] = float32(s[j])
						o[k.n*k.c+at+j] = float32((q[j] - s[j]*float64(in[1][at+j])) * float64(in[1][k.n*k.c+at+j]))
					}
				}
			}
		},
		diff: func(_, u *Node) []*Node {
			xhat, _ := k.normalised(x)
			e := Concat(0, k.byChannel(g), k.byChannel(Mul(g, xhat)))
			d := partials(Reshape(e, 2, k.n, k.c), u, x, g)
			return []*Node{d[0], nil, d[1]}
		}}, x, st, g)
}

// gradX returns the gradient of x; p holds the sums it shares with gradP and is cut from differentiation.
func (k grouping) gradX(x, st, gamma, p, g *Node) *Node {
	return apply(&Op{name: k.name("groupnorm'x"), out: x.Shape(), wrt: []bool{true, false, true, false, true}, inplace: []int{4, 0},
		bind: func() evalFunc {
			a, b, d := make([]float32, k.c), make([]float32, k.c), make([]float32, k.c)
			return func(o []float32, in [][]float32) {
				for i := range k.n {
					k.backRow(i, in[1], in[2], in[3], a, b, d)
					kernel.BNBackward(k.pixels, k.c, k.sample(o, i), k.sample(in[4], i), k.sample(in[0], i), a, b, d)
				}
			}
		},
		diff: func(_, u *Node) []*Node {
			d := partials(k.expandGradX(x, gamma, g), u, x, gamma, g)
			return []*Node{d[0], nil, d[1], nil, d[2]}
		}}, x, st, gamma, p, g)
}

// backRow gives the coefficients of dx = a g + b x + d for image i.
func (k grouping) backRow(i int, st, gamma, p []float32, a, b, d []float32) {
	at, per := i*k.c, k.c/k.groups
	for g := 0; g < k.c; g += per {
		m1, m2 := 0.0, 0.0
		for j := at + g; j < at+g+per; j++ {
			m1 += float64(gamma[j]) * float64(p[j])
			m2 += float64(gamma[j]) * float64(p[k.n*k.c+j])
		}
		mean, inv := float64(st[at+g]), float64(st[k.n*k.c+at+g])
		slope := -inv * inv * m2 / k.members()
		for j := g; j < g+per; j++ {
			a[j] = gamma[at+j] * float32(inv)
			b[j], d[j] = float32(slope), float32(-inv*m1/k.members()-slope*mean)
		}
	}
}

// ---- plain operators, for derivatives of higher order ----

// grouped brings the values that are normalised together into rows: [N*groups, members]; ungrouped undoes it.
func (k grouping) grouped(x *Node) *Node {
	per := k.c / k.groups
	return Reshape(Transpose(Reshape(x, k.n, k.pixels, k.groups, per), 0, 2, 1, 3), k.n*k.groups, k.pixels*per)
}

func (k grouping) ungrouped(x *Node, like *Node) *Node {
	per := k.c / k.groups
	return Reshape(Transpose(Reshape(x, k.n, k.groups, k.pixels, per), 0, 2, 1, 3), like.Shape()...)
}

// centred takes from each group its mean.
func (k grouping) centred(rows *Node) *Node {
	return Sub(rows, FillRows(RowMean(rows), rows.Shape()...))
}

// normalised returns (x - mean) inv in the shape of x, and inv for each group.
func (k grouping) normalised(x *Node) (xhat, inv *Node) {
	xc := k.centred(k.grouped(x))
	inv = Pow(Affine(RowDot(xc, xc), float32(1/k.members()), gnEps), -.5)
	return k.ungrouped(MulRows(xc, inv), x), inv
}

// byChannel sums over the pixels: [N, C].
func (k grouping) byChannel(x *Node) *Node {
	return Reshape(RowSum(Reshape(Transpose(Reshape(x, k.n, k.pixels, k.c), 0, 2, 1), k.n*k.c, k.pixels)), k.n, k.c)
}

// overPixels repeats rows [N, C] over the pixels of a shape.
func (k grouping) overPixels(v, like *Node) *Node {
	return Reshape(Transpose(Reshape(FillRows(Reshape(v, k.n*k.c), k.n*k.c, k.pixels), k.n, k.c, k.pixels), 0, 2, 1), like.Shape()...)
}

// expandGradX is gradX in plain operators: inv (e - mean(e) - xhat mean(e xhat)), e = gamma g.
func (k grouping) expandGradX(x, gamma, g *Node) *Node {
	xhat, inv := k.normalised(x)
	e, h := k.grouped(Mul(g, k.overPixels(gamma, x))), k.grouped(xhat)
	along := MulRows(h, Scale(RowDot(e, h), float32(1/k.members())))
	return k.ungrouped(MulRows(Sub(k.centred(e), along), inv), x)
}
