package nn

import (
	"fmt"

	"github.com/assay-gan/assay/internal/kernel"
)

func named(format string, a ...any) string { return fmt.Sprintf(format, a...) }

var yes = []bool{true, true, true}

// epilogue is what a matrix or convolution kernel does to its result on the way out.
func epilogue(bias []float32, a activation) kernel.Epilogue {
	return kernel.Epilogue{Bias: bias, Act: a.kind, Alpha: a.alpha}
}

// optional returns input i, nil if there is none.
func optional(in [][]float32, i int) []float32 {
	if i < len(in) {
		return in[i]
	}
	return nil
}

// MatMul returns op(a) op(b), where ta and tb ask for the transposes.
func MatMul(a, b *Node, ta, tb bool) *Node {
	as, bs := wantRank("matmul", a, 2), wantRank("matmul", b, 2)
	m, k, kb, n := as[0], as[1], bs[0], bs[1]
	if ta {
		m, k = k, m
	}
	if tb {
		kb, n = n, kb
	}
	if k != kb {
		misuse("matmul", "inner axes differ: %v (transposed %v) by %v (transposed %v)", as, ta, bs, tb)
	}
	run := func(act activation) evalFunc {
		return func(o []float32, in [][]float32) {
			kernel.Gemm(ta, tb, m, n, k, in[0], as[1], in[1], bs[1], o, n, epilogue(nil, act))
		}
	}
	onto := func(o []float32, in [][]float32) {
		kernel.Gemm(ta, tb, m, n, k, in[0], as[1], in[1], bs[1], o, n, kernel.Epilogue{Add: true})
	}
	if k > kernel.GemmChain { // several chains: what is there would enter before the last
		onto = nil
	}
	return apply(&Op{name: named("matmul(%v,%v)", ta, tb), out: shape(m, n), wrt: yes[:2], eval: run(activation{}), fuse: run, onto: onto,
		diff: func(_, g *Node) []*Node {
			da, db := MatMul(g, b, false, !tb), MatMul(a, g, !ta, false)
			if ta {
				da = MatMul(b, g, tb, true)
			}
			if tb {
				db = MatMul(g, a, true, ta)
			}
			return []*Node{da, db}
		}}, a, b)
}

// Linear returns x w + b for x [N,I], w [I,O] and b [O]; b may be nil.
func Linear(x, w, b *Node) *Node {
	if b == nil {
		return MatMul(x, w, false, false)
	}
	xs, ws := wantRank("linear", x, 2), wantRank("linear", w, 2)
	m, k, n := xs[0], xs[1], ws[1]
	if ws[0] != k {
		misuse("linear", "input %v does not fit weight %v", xs, ws)
	}
	wantVector("linear bias", b, n)
	run := func(act activation) evalFunc {
		return func(o []float32, in [][]float32) {
			kernel.Gemm(false, false, m, n, k, in[0], k, in[1], n, o, n, epilogue(in[2], act))
		}
	}
	return apply(&Op{name: "linear", out: shape(m, n), wrt: yes[:3], eval: run(activation{}), fuse: run,
		diff: func(_, g *Node) []*Node {
			return []*Node{MatMul(g, w, false, true), MatMul(x, g, true, false), ColSum(g)}
		}}, x, w, b)
}
