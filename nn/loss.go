package nn

import (
	"math"

	"github.com/assay-gan/assay/internal/kernel"
)

// BCELogits returns the mean binary cross-entropy of logits x against one target t in [0, 1] for all, a scalar in nats:
//
//	mean(softplus(x) - t x)
func BCELogits(x *Node, t float32) *Node {
	switch t {
	case 0:
		return Mean(Softplus(x))
	case 1:
		return Mean(Softplus(Neg(x)))
	}
	return Mean(Sub(Softplus(x), Scale(x, t)))
}

// BernoulliNLL returns -log p(x | logits) of each sample, [N], in nats, summed over its elements; x in [0, 1].
func BernoulliNLL(logits, x *Node) *Node {
	sameShape("bernoulli nll", logits, x)
	n, l := rowsOf("bernoulli nll", x)
	return apply(&Op{name: "bernoulli", out: shape(n), wrt: yes[:2],
		eval: func(o []float32, in [][]float32) { kernel.Bernoulli(n, l, o, in[0], in[1]) },
		diff: func(_, g *Node) []*Node {
			return []*Node{bernoulliGrad(logits, x, g), Neg(MulRows(logits, g))}
		}}, logits, x)
}

// bernoulliGrad is (sigmoid(logits) - x) g, with a g for each sample.
func bernoulliGrad(logits, x, g *Node) *Node {
	n, l := rowsOf("bernoulli nll", x)
	return apply(&Op{name: "bernoulli'", out: x.Shape(), wrt: yes[:3], inplace: []int{0},
		eval: func(o []float32, in [][]float32) { kernel.BernoulliGrad(n, l, o, in[0], in[1], in[2]) },
		diff: func(_, u *Node) []*Node {
			s := sigmoid(logits)
			return []*Node{MulRows(sigmoidGrad(s, u), g), Neg(MulRows(u, g)), RowDot(u, Sub(s, x))}
		}}, logits, x, g)
}

// GaussianNLL returns -log N(x; mean, exp(logvar)) of each sample, [N], in nats, summed over its elements:
//
//	1/2 sum (log 2 pi + logvar + (x - mean)^2 exp(-logvar))
func GaussianNLL(mean, logvar, x *Node) *Node {
	sameShape("gaussian nll", mean, x)
	sameShape("gaussian nll", logvar, x)
	q := Mul(Square(Sub(x, mean)), Exp(Neg(logvar)))
	return Scale(RowSum(AddConst(Add(q, logvar), float32(math.Log(2*math.Pi)))), .5)
}

// KLDiagonal returns KL(N(mean, exp(logvar)) || N(0, 1)) of each sample, [N], in nats [kingma2014]:
//
//	1/2 sum (mean^2 + exp(logvar) - logvar - 1)
func KLDiagonal(mean, logvar *Node) *Node {
	sameShape("kl", mean, logvar)
	return Scale(RowSum(AddConst(Add(Square(mean), Sub(Exp(logvar), logvar)), -1)), .5)
}

// SoftmaxCrossEntropy returns the mean of -sum onehot log softmax(logits) over the rows, a scalar in nats. The targets may be any
// distributions; OneHot makes them from classes.
func SoftmaxCrossEntropy(logits, onehot *Node) *Node {
	return Neg(Mean(RowDot(LogSoftmax(logits), onehot)))
}

// L1 returns the mean absolute difference, a scalar.
func L1(a, b *Node) *Node { return Mean(Abs(Sub(a, b))) }

// MSE returns the mean squared difference, a scalar.
func MSE(a, b *Node) *Node { return Mean(Square(Sub(a, b))) }

// SquaredTo returns mean((x - t)^2) for a constant t, a scalar: the pieces of the least-squares GAN losses [mao2017].
func SquaredTo(x *Node, t float32) *Node { return Mean(Square(AddConst(x, -t))) }

// Hinge returns mean(max(0, 1 - sign x)), a scalar; sign is 1 for samples that should score high, -1 for the others.
func Hinge(x *Node, sign float32) *Node { return Mean(ReLU(Affine(x, -sign, 1))) }
