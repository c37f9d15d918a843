package nn

import (
	"math"
	"slices"
	"testing"
)

// attentionCases are the products by sample, self-attention against loops over pixels, and the conditional norm.
func attentionCases() (cs []opCase) {
	for _, ta := range []bool{false, true} {
		for _, tb := range []bool{false, true} {
			a, b := []int{2, 3, 4}, []int{2, 4, 5}
			if ta {
				a = []int{2, 4, 3}
			}
			if tb {
				b = []int{2, 5, 4}
			}
			cs = append(cs, opCase{name: named("MatMulRows/%v,%v", ta, tb), in: [][]int{a, b},
				build: two(func(a, b *Node) *Node { return MatMulRows(a, b, ta, tb) }),
				vec: func(in [][]float64) []float64 {
					return slices.Concat(matmul64(in[0][:12], in[1][:20], 3, 4, 5, ta, tb), matmul64(in[0][12:], in[1][20:], 3, 4, 5, ta, tb))
				}})
		}
	}
	image := []int{2, 2, 3, 8}
	return append(cs,
		opCase{name: "SelfAttention", in: [][]int{image}, build: layer(func(s *Scope) Layer { return SelfAttention(s, 8) }, Train), vec: func(in [][]float64) []float64 {
			return byRow(2, in[0], func(x []float64) []float64 { return attend64(x, in[1], in[2], in[3], in[4], in[5][0], 6, 8) })
		}},
		opCase{name: "ConditionalBatchNorm", in: [][]int{{3, 2, 2, 3}, {3, 2}},
			build: func(s *Scope, in []*Node) *Node {
				return ConditionalBatchNorm(s, 3, 2).Forward(in[0], in[1], Train)
			},
			vec: func(in [][]float64) []float64 { return conditional64(in, 4) }},
		opCase{name: "ConditionalBatchNorm/rows", in: [][]int{{5, 3}, {5, 2}},
			build: func(s *Scope, in []*Node) *Node {
				return ConditionalBatchNorm(s, 3, 2).Forward(in[0], in[1], Train)
			},
			vec: func(in [][]float64) []float64 { return conditional64(in, 1) }})
}

// attend64 is self-attention on one image of p pixels and c channels: weights [c, 1], [c, 1], [c, c/2] and [c/2, c].
func attend64(x, q, k, v, o []float64, gate float64, p, c int) []float64 {
	query, key := matmul64(x, q, p, c, len(q)/c, false, false), matmul64(x, k, p, c, len(k)/c, false, false)
	value := matmul64(x, v, p, c, len(v)/c, false, false)
	seen := make([]float64, p*c/2)
	for i := range p {
		a, sum := make([]float64, p), 0.0
		for j := range p {
			a[j] = math.Exp(query[i] * key[j])
			sum += a[j]
		}
		for j := range p {
			for h := range c / 2 {
				seen[i*c/2+h] += a[j] / sum * value[j*c/2+h]
			}
		}
	}
	y := matmul64(seen, o, p, c/2, c, false, false)
	for i := range y {
		y[i] = x[i] + gate*y[i]
	}
	return y
}

// conditional64 is (1 + A row) BN(x) + B row for three channels, inputs x, rows [n, 2], gamma, beta, A, B.
func conditional64(in [][]float64, pixels int) []float64 {
	y := slices.Clone(in[0])
	for j := range 3 {
		m, v := moments64(column(in[0], 3, j))
		for i := j; i < len(y); i += 3 {
			y[i] = in[2][j]*(y[i]-m)/math.Sqrt(v+bnEps) + in[3][j]
		}
	}
	n := len(in[1]) / 2
	gain, shift := matmul64(in[1], in[4], n, 2, 3, false, false), matmul64(in[1], in[5], n, 2, 3, false, false)
	for i := range y {
		at := i/(3*pixels)*3 + i%3
		y[i] = (1+gain[at])*y[i] + shift[at]
	}
	return y
}

// A fresh self-attention passes its input on, a scope's filling reaches every layer below it, and an option is stronger.
func TestFilled(t *testing.T) {
	g := NewGraph(1)
	x := g.Input("x", 1, 2, 2, 8)
	for i := range Data(x) {
		Data(x)[i] = float32(i)
	}
	y := SelfAttention(g.Scope("a"), 8).Forward(x, Train)
	p, err := Compile(y)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Get(y), Data(x)) {
		t.Error("a gate of zero lets something through")
	}
	s := g.Scope("net").Filled(Orthogonal(2))
	Seq(Dense(s.Sub("a").Sub("b"), 5, 3), Dense(s.Sub("c"), 3, 3, WithInit(Const(7))))
	for _, w := range g.Scope("net").Params() {
		d := Data(w)
		switch w.Name() {
		case "net.a.b.w": // columns of length 2, at right angles
			for i := range 3 {
				for j := range 3 {
					dot, want := float32(0), float32(0)
					for r := range 5 {
						dot += d[r*3+i] * d[r*3+j]
					}
					if i == j {
						want = 4
					}
					if math.Abs(float64(dot-want)) > 1e-5 {
						t.Errorf("columns %d and %d have product %v, want %v", i, j, dot, want)
					}
				}
			}
		case "net.c.w":
			if d[0] != 7 {
				t.Errorf("the option was not taken: %v", d[0])
			}
		}
	}
}
