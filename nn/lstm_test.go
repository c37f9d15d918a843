package nn

import (
	"math"
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
