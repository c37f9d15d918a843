package nn

import (
	"math"
	"slices"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// lstm64 is the cell in float64, place by place: the sum over all places of the state's values times weight.
func lstm64(x [][]float64, w, u, b []float64, n, in, k int, weight []float64) (loss float64) {
	h, c := make([]float64, n*k), make([]float64, n*k)
	for _, xt := range x {
		a := addBias(matmul64(xt, w, n, in, 4*k, false, false), b)
		for i, v := range matmul64(h, u, n, k, 4*k, false, false) {
			a[i] += v
		}
		for i := range n {
			for j := range k {
				g := a[i*4*k:]
				c[i*k+j] = sigmoid64(g[k+j])*c[i*k+j] + sigmoid64(g[j])*math.Tanh(g[3*k+j])
				h[i*k+j] = sigmoid64(g[2*k+j]) * math.Tanh(c[i*k+j])
			}
		}
		loss += dot64(h, weight)
	}
	return loss
}

// Three places of two rows: the value against the formula in float64, all derivatives against its central differences.
func TestLSTM(t *testing.T) {
	const n, in, k, places = 2, 3, 4, 3
	g := NewGraph(3)
	s := g.Scope("m")
	l := NewLSTM(s, in, k)
	weight := g.Input("weight", n, k)
	spread(rng.Stream(1, "weight"), Data(weight))
	h, c := g.Input("h", n, k), g.Input("c", n, k)
	var loss *Node
	var xs []*Node
	for p := range places {
		x := g.Input(named("x%d", p), n, in)
		spread(rng.Stream(1, x.Name()), Data(x))
		xs = append(xs, x)
		h, c = l.Step(l.Gates(x), h, c)
		if v := Dot(h, weight); loss == nil {
			loss = v
		} else {
			loss = Add(loss, v)
		}
	}
	for i, v := range Data(l.b) {
		if want := float32(0); i >= k && i < 2*k {
			want = 1
			if v != want {
				t.Errorf("forget bias %v", v)
			}
		} else if v != want {
			t.Errorf("bias %d is %v", i, v)
		}
	}
	spread(rng.Stream(1, "b"), Data(l.b))
	leaves := append([]*Node{l.w, l.u, l.b}, xs...)
	grads, err := Grad(loss, leaves...)
	if err != nil {
		t.Fatal(err)
	}
	v := values(t, append([]*Node{loss}, grads...)...)
	at := make([][]float64, len(leaves))
	for i, n := range leaves {
		at[i] = widen(Data(n))
	}
	w64 := widen(Data(weight))
	f := func() float64 { return lstm64(at[3:], at[0], at[1], at[2], n, in, k, w64) }
	closeTo(t, "value", v[0], []float64{f()}, 1e-5)
	const e = 1e-5
	for i := range leaves {
		want := make([]float64, len(at[i]))
		for j := range want {
			x := at[i][j]
			at[i][j] = x + e
			up := f()
			at[i][j] = x - e
			want[j] = (up - f()) / (2 * e)
			at[i][j] = x
		}
		closeTo(t, "gradient of "+leaves[i].Name(), v[i+1], want, 1e-4)
	}
}

// plainStep is LSTM.Step written out.
func plainStep(l *LSTM, gates, h, c *Node) (h2, c2 *Node) {
	k := l.units
	a := Add(gates, MatMul(h, l.u, false, false))
	s := Sigmoid(Slice(a, 1, 0, 3*k))
	i, f, o := Slice(s, 1, 0, k), Slice(s, 1, k, 2*k), Slice(s, 1, 2*k, 3*k)
	c2 = Add(Mul(f, c), Mul(i, Tanh(Slice(a, 1, 3*k, 4*k))))
	return Mul(o, Tanh(c2)), c2
}

// The passes of a step have the bits of the plain operators, in the values and in the first derivatives; second derivatives, which expand, agree to rounding.
func TestLSTMStepIsTheFormula(t *testing.T) {
	const places, n, in = 3, 5, 6
	for _, units := range []int{1, 7, 16, 33} {
		g := NewGraph(4)
		l := NewLSTM(g.Scope("l"), in, units)
		x, h0, c0 := g.Input("x", places*n, in), g.Input("h", n, units), g.Input("c", n, units)
		for i, leaf := range []*Node{x, h0, c0} {
			spread(rng.Stream(uint64(i), "step"), Data(leaf))
		}
		leaves := append(g.Scope("l").Params(), x, h0, c0)
		var out [2][]*Node
		for i, step := range []func(gates, h, c *Node) (h2, c2 *Node){l.Step, func(gates, h, c *Node) (h2, c2 *Node) { return plainStep(l, gates, h, c) }} {
			gates := l.Gates(x)
			h, c := h0, c0
			for p := range places {
				h, c = step(Slice(gates, 0, p*n, (p+1)*n), h, c)
			}
			loss := Add(Mean(Square(h)), Mean(Square(AddConst(c, -.5))))
			grads := MustGrad(loss, leaves...)
			size := Mean(Square(grads[0]))
			for _, d := range grads[1:] {
				size = Add(size, Mean(Square(d)))
			}
			out[i] = append(append([]*Node{h, c, loss}, grads...), MustGrad(size, leaves...)...)
		}
		v := values(t, slices.Concat(out[0], out[1])...)
		k := len(out[0])
		for i := range k {
			a, b := v[i], v[k+i]
			if i >= 3+len(leaves) {
				closeTo(t, named("%d units, second derivative %d", units, i-3-len(leaves)), a, widen(b), 1e-5)
			} else if !equalValues(a, b) {
				t.Errorf("%d units: output %d (%s) is %v, want %v", units, i, label(out[0][i]), a, b)
			}
		}
	}
}

// equalValues is equality of bits but for the sign of zeros, which the join of plain slices loses.
func equalValues(a, b []float32) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}
