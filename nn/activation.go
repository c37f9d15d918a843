package nn

import "github.com/assay-gan/assay/internal/kernel"

// Func is a function of one node. It is a Layer too, so that Tanh reads the same in a formula, Tanh(x), and in a network, Seq(..., Tanh).
type Func func(x *Node) *Node

// Forward implements Layer.
func (f Func) Forward(x *Node, _ Mode) *Node { return f(x) }

// Activations without parameters.
var (
	// ReLU returns max(x, 0).
	ReLU Func = relu
	// Tanh returns the hyperbolic tangent.
	Tanh Func = tanh
	// Sigmoid returns 1 / (1 + e^-x).
	Sigmoid Func = sigmoid
	// SiLU returns x / (1 + e^-x), the smooth rectifier of diffusion models' networks [elfwing2018].
	SiLU Func = silu
	// Softplus returns log(1 + e^x), computed without overflow.
	Softplus Func = softplus
)

// LeakyReLU returns the function x for x > 0, alpha x otherwise; alpha >= 0, because the derivative is computed from the sign of the result.
func LeakyReLU(alpha float32) Func {
	if !(alpha >= 0) {
		misuse("leakyrelu", "alpha is %v, must not be negative", alpha)
	}
	return func(x *Node) *Node { return leakyReLU(x, alpha) }
}

func relu(x *Node) *Node { return leakyReLU(x, 0) }

func fusable(n *Node, a activation) *Node {
	opOf(n).act = &a
	return n
}

func leakyReLU(x *Node, alpha float32) *Node {
	return fusable(unary(named("leakyrelu(%v)", alpha), x, func(y, x []float32) { kernel.LeakyReLU(y, x, alpha) },
		func(y, g *Node) *Node { return leakyReLUGrad(y, g, alpha) }), activation{kernel.ActLeakyReLU, alpha})
}

// leakyReLUGrad is g where y > 0, alpha g elsewhere; linear in g, and flat in y.
func leakyReLUGrad(y, g *Node, alpha float32) *Node {
	return apply(&Op{name: named("leakyrelu'(%v)", alpha), out: y.Shape(), wrt: []bool{false, true}, inplace: []int{1, 0},
		eval: func(o []float32, in [][]float32) { kernel.LeakyReLUGrad(o, in[0], in[1], alpha) },
		diff: func(_, u *Node) []*Node { return []*Node{nil, leakyReLUGrad(y, u, alpha)} }}, y, g)
}

func tanh(x *Node) *Node {
	return fusable(unary("tanh", x, kernel.Tanh, tanhGrad), activation{kind: kernel.ActTanh})
}

// tanhGrad is (1 - y^2) g.
func tanhGrad(y, g *Node) *Node {
	return binaryGrad("tanh'", y, g, kernel.TanhGrad, func(u *Node) []*Node {
		return []*Node{Scale(Mul(y, Mul(g, u)), -2), tanhGrad(y, u)}
	})
}

func sigmoid(x *Node) *Node {
	return fusable(unary("sigmoid", x, kernel.Sigmoid, sigmoidGrad), activation{kind: kernel.ActSigmoid})
}

// sigmoidGrad is y (1 - y) g.
func sigmoidGrad(y, g *Node) *Node {
	return binaryGrad("sigmoid'", y, g, kernel.SigmoidGrad, func(u *Node) []*Node {
		return []*Node{Mul(Mul(g, u), Affine(y, -2, 1)), sigmoidGrad(y, u)}
	})
}

func binaryGrad(name string, y, g *Node, k func(dx, y, g []float32), d func(u *Node) []*Node) *Node {
	return apply(&Op{name: name, out: y.Shape(), wrt: yes[:2], inplace: []int{1, 0},
		eval: func(o []float32, in [][]float32) { k(o, in[0], in[1]) },
		diff: func(_, u *Node) []*Node { return d(u) }}, y, g)
}

func silu(x *Node) *Node {
	return unary("silu", x, kernel.SiLU, func(_, g *Node) *Node { return siluGrad(x, g) })
}

// siluGrad is g s (1 + x (1 - s)), s the sigmoid of x.
func siluGrad(x, g *Node) *Node {
	return apply(&Op{name: "silu'", out: x.Shape(), wrt: yes[:2], inplace: []int{1, 0},
		eval: func(o []float32, in [][]float32) { kernel.SiLUGrad(o, in[0], in[1]) },
		diff: func(_, u *Node) []*Node {
			s := sigmoid(x)
			bend := Mul(Mul(s, Affine(s, -1, 1)), Affine(Mul(x, Affine(s, -2, 1)), 1, 2)) // s (1-s) (2 + x (1 - 2s))
			return []*Node{Mul(Mul(g, bend), u), siluGrad(x, u)}
		}}, x, g)
}

func softplus(x *Node) *Node {
	return unary("softplus", x, kernel.Softplus, func(_, g *Node) *Node { return Mul(g, sigmoid(x)) })
}
