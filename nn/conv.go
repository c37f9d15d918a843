package nn

import "github.com/assay-gan/assay/internal/kernel"

// Window is the geometry of a convolution or pooling: kernel size, stride and zero padding on each side.
type Window struct{ KH, KW, SH, SW, PH, PW int }

// K returns the square window of kernel size k, stride s and padding p.
func K(k, s, p int) Window { return Window{k, k, s, s, p, p} }

// The three operators below differentiate into each other, so that every order exists:
//
//	conv(x,w):      dx = convInput(g,w)    dw = convWeight(x,g)
//	convInput(y,w): dy = conv(g,w)         dw = convWeight(g,y)
//	convWeight(x,y): dx = convInput(y,g)   dy = conv(x,g)

// Conv2D returns the convolution (cross-correlation) of x [N,H,W,C] with w [KH,KW,C,K] plus b [K]; b may be nil.
func Conv2D(x, w, b *Node, k Window) *Node {
	s, q := wantRank("conv2d", x, 4), wantRank("conv2d weight", w, 4)
	if q[0] != k.KH || q[1] != k.KW || q[2] != s[3] {
		misuse("conv2d", "weight %v does not fit input %v and window %+v", q, s, k)
	}
	c, err := kernel.NewConv(s[0], s[1], s[2], s[3], q[3], k.KH, k.KW, k.SH, k.SW, k.PH, k.PW)
	if err != nil {
		misuse("conv2d", "%v", err)
	}
	return conv(c, x, w, b)
}

// ConvTranspose2D returns the transposed convolution of x [N,H,W,K] with w [KH,KW,C,K] plus b [C]: the map that is the input gradient of the
// convolution with the same w and window. Each side becomes (H-1) s - 2 p + k. b may be nil.
func ConvTranspose2D(x, w, b *Node, k Window) *Node {
	s, q := wantRank("convtranspose2d", x, 4), wantRank("convtranspose2d weight", w, 4)
	if q[0] != k.KH || q[1] != k.KW || q[3] != s[3] {
		misuse("convtranspose2d", "weight %v does not fit input %v and window %+v", q, s, k)
	}
	h, wd := (s[1]-1)*k.SH-2*k.PH+k.KH, (s[2]-1)*k.SW-2*k.PW+k.KW
	c, err := kernel.NewConv(s[0], h, wd, q[2], q[3], k.KH, k.KW, k.SH, k.SW, k.PH, k.PW)
	if err != nil {
		misuse("convtranspose2d", "%v", err)
	}
	if c.OH != s[1] || c.OW != s[2] {
		misuse("convtranspose2d", "window %+v cannot make %v from a convolution", k, s)
	}
	return convInput(c, x, w, b)
}

func geometry(c kernel.Conv) string {
	return named("%dx%d/%dx%d+%dx%d,%dx%dx%d>%d", c.KH, c.KW, c.SH, c.SW, c.PH, c.PW, c.H, c.W, c.C, c.K)
}

func withBias(op string, o *Op, a, w, b *Node, channels int) *Node {
	if b == nil {
		o.wrt = yes[:2]
		return apply(o, a, w)
	}
	wantVector(op+" bias", b, channels)
	o.wrt = yes[:3]
	return apply(o, a, w, b)
}

func conv(c kernel.Conv, x, w, b *Node) *Node {
	run := func(act activation) evalFunc {
		return func(o []float32, in [][]float32) { c.Forward(o, in[0], in[1], epilogue(optional(in, 2), act)) }
	}
	o := &Op{name: "conv2d(" + geometry(c) + ")", out: shape(c.N, c.OH, c.OW, c.K), eval: run(activation{}), fuse: run,
		diff: func(_, g *Node) []*Node {
			r := []*Node{convInput(c, g, w, nil), convWeight(c, x, g)}
			if b != nil {
				r = append(r, ColSum(g))
			}
			return r
		}}
	return withBias("conv2d", o, x, w, b, c.K)
}

func convInput(c kernel.Conv, y, w, b *Node) *Node {
	run := func(act activation) evalFunc {
		return func(o []float32, in [][]float32) { c.GradInput(o, in[0], in[1], epilogue(optional(in, 2), act)) }
	}
	o := &Op{name: "convtranspose2d(" + geometry(c) + ")", out: shape(c.N, c.H, c.W, c.C), eval: run(activation{}), fuse: run,
		diff: func(_, g *Node) []*Node {
			r := []*Node{conv(c, g, w, nil), convWeight(c, g, y)}
			if b != nil {
				r = append(r, ColSum(g))
			}
			return r
		}}
	return withBias("convtranspose2d", o, y, w, b, c.C)
}

func convWeight(c kernel.Conv, x, y *Node) *Node {
	return apply(&Op{name: "convweight(" + geometry(c) + ")", out: shape(c.KH, c.KW, c.C, c.K), wrt: yes[:2],
		eval: func(o []float32, in [][]float32) { c.GradWeight(o, in[0], in[1]) },
		diff: func(_, g *Node) []*Node {
			return []*Node{convInput(c, y, g, nil), conv(c, x, g, nil)}
		}}, x, y)
}
