package nn

import (
	"math"
	"testing"
)

// L(w) = (w x - 1)^2 with x = 2, w = 3: L' = 2 x (w x - 1) = 20, so one step of rate 0.1 leads to w1 = 1. There L = (2 - 1)^2 = 1, and by the chain rule
// dL(w1)/dw = L'(w1) dw1/dw = 2 x (w1 x - 1) (1 - 0.1 2 x^2) = 4 * 0.2 = 0.8.
func TestWithDifferentiatesThroughAStep(t *testing.T) {
	g := NewGraph(1)
	s := g.Scope("net")
	x := g.Input("x", 1, 1)
	Data(x)[0] = 2
	loss := func(s *Scope) *Node {
		return SquaredTo(Dense(s.Sub("fc"), 1, 1, NoBias, WithInit(Const(3))).Forward(x, Train), 1)
	}
	w := func() []*Node { return s.Params() }
	first := loss(s)
	moved := Sub(w()[0], Scale(MustGrad(first, w()...)[0], 0.1))
	second := loss(s.With(w(), []*Node{moved}))
	d := MustGrad(second, w()...)[0]
	if n := len(s.Params()); n != 1 {
		t.Fatalf("%d parameters, the view made some", n)
	}
	p, err := Compile(first, moved, second, d)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		n    *Node
		want float64
	}{{first, 25}, {moved, 1}, {second, 1}, {d, 0.8}} {
		if got := float64(p.Get(c.n)[0]); math.Abs(got-c.want) > 1e-5 {
			t.Errorf("value %d: %v, by hand %v", i, got, c.want)
		}
	}
	if Try(func() error { s.With(w(), []*Node{x, x}); return nil }) == nil {
		t.Error("two values for one parameter were accepted")
	}
	if Try(func() error { Dense(s.With(nil, nil).Sub("other"), 1, 1); return nil }) == nil {
		t.Error("a view made a new parameter")
	}
}
