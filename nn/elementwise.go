package nn

import "github.com/assay-gan/assay/internal/kernel"

// unary makes an elementwise operator; d is its derivative from x, y and g, nil if it is zero everywhere.
func unary(name string, x *Node, k func(y, x []float32), d func(y, g *Node) *Node) *Node {
	o := &Op{name: name, out: x.Shape(), inplace: []int{0}, eval: func(o []float32, in [][]float32) { k(o, in[0]) }}
	if d != nil {
		o.wrt = yes[:1]
		o.diff = func(y, g *Node) []*Node { return []*Node{d(y, g)} }
	}
	return apply(o, x)
}

func pairwise(name string, a, b *Node, k func(y, a, b []float32), d func(y, g *Node) []*Node) *Node {
	sameShape(name, a, b)
	return apply(&Op{name: name, out: a.Shape(), wrt: yes[:2], inplace: []int{0, 1},
		eval: func(o []float32, in [][]float32) { k(o, in[0], in[1]) }, diff: d}, a, b)
}

const addName = "add"

// Add returns a + b.
func Add(a, b *Node) *Node {
	return pairwise(addName, a, b, kernel.Add, func(_, g *Node) []*Node { return []*Node{g, g} })
}

// Sub returns a - b.
func Sub(a, b *Node) *Node {
	return pairwise("sub", a, b, kernel.Sub, func(_, g *Node) []*Node { return []*Node{g, Neg(g)} })
}

// Mul returns the elementwise product.
func Mul(a, b *Node) *Node {
	return pairwise("mul", a, b, kernel.Mul, func(_, g *Node) []*Node { return []*Node{Mul(b, g), Mul(a, g)} })
}

// Div returns the elementwise quotient a / b.
func Div(a, b *Node) *Node {
	return pairwise("div", a, b, kernel.Div, func(y, g *Node) []*Node {
		q := Div(g, b)
		return []*Node{q, Neg(Mul(q, y))}
	})
}

// Affine returns a x + b for constants a and b.
func Affine(x *Node, a, b float32) *Node {
	if a == 1 && b == 0 {
		return x
	}
	return unary(named("affine(%v,%v)", a, b), x, func(y, x []float32) { kernel.Axpb(y, x, a, b) },
		func(_, g *Node) *Node { return Scale(g, a) })
}

// Scale returns a x for a constant a.
func Scale(x *Node, a float32) *Node { return Affine(x, a, 0) }

// AddConst returns x + b for a constant b.
func AddConst(x *Node, b float32) *Node { return Affine(x, 1, b) }

// Neg returns -x.
func Neg(x *Node) *Node { return Scale(x, -1) }

// Square returns x^2.
func Square(x *Node) *Node {
	return unary("square", x, kernel.Square, func(_, g *Node) *Node { return Scale(Mul(x, g), 2) })
}

// Sqrt returns the square root. Its derivative at 0 is infinite: add a small constant first.
func Sqrt(x *Node) *Node {
	return unary("sqrt", x, kernel.Sqrt, func(y, g *Node) *Node { return Scale(Div(g, y), .5) })
}

// Exp returns e^x.
func Exp(x *Node) *Node {
	return unary("exp", x, kernel.Exp, func(y, g *Node) *Node { return Mul(g, y) })
}

// Log returns the natural logarithm.
func Log(x *Node) *Node {
	return unary("log", x, kernel.Log, func(_, g *Node) *Node { return Div(g, x) })
}

// Abs returns |x|; the derivative at 0 is 0.
func Abs(x *Node) *Node {
	return unary("abs", x, kernel.Abs, func(_, g *Node) *Node { return Mul(g, Sign(x)) })
}

// Sign returns -1, 0 or 1; its derivative is 0.
func Sign(x *Node) *Node { return unary("sign", x, kernel.Sign, nil) }

// Pow returns x^p for a constant p, x > 0 unless p is a whole number.
func Pow(x *Node, p float64) *Node {
	switch p {
	case 1:
		return x
	case 2:
		return Square(x)
	case .5:
		return Sqrt(x)
	}
	return unary(named("pow(%v)", p), x, func(y, x []float32) { kernel.Pow(y, x, p) },
		func(_, g *Node) *Node {
			if p == 0 {
				return Scale(g, 0)
			}
			return Scale(Mul(g, Pow(x, p-1)), float32(p))
		})
}

// Clamp limits x to [lo, hi]; the derivative is 1 inside, 0 outside.
func Clamp(x *Node, lo, hi float32) *Node {
	if !(lo <= hi) {
		misuse("clamp", "the range [%v, %v] is empty", lo, hi)
	}
	inside := func() *Node {
		return unary(named("inside(%v,%v)", lo, hi), x, func(y, x []float32) {
			for i, v := range x {
				y[i] = 0
				if v >= lo && v <= hi {
					y[i] = 1
				}
			}
		}, nil)
	}
	return unary(named("clamp(%v,%v)", lo, hi), x, func(y, x []float32) { kernel.Clamp(y, x, lo, hi) },
		func(_, g *Node) *Node { return Mul(g, inside()) })
}
