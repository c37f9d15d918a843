package nn

import (
	"math"
	"testing"
)

// adam64, rmsprop64 and sgd64 are the rules in plain float64, from the formulas in their comments.
func adam64(w, g, m, v []float64, lr, b1, b2, eps float64, t int) {
	for i := range w {
		m[i] = b1*m[i] + (1-b1)*g[i]
		v[i] = b2*v[i] + (1-b2)*g[i]*g[i]
		mh, vh := m[i]/(1-math.Pow(b1, float64(t))), v[i]/(1-math.Pow(b2, float64(t)))
		w[i] -= lr * mh / (math.Sqrt(vh) + eps)
	}
}

func rmsprop64(w, g, s []float64, lr, decay, eps float64) {
	for i := range w {
		s[i] = decay*s[i] + (1-decay)*g[i]*g[i]
		w[i] -= lr * g[i] / (math.Sqrt(s[i]) + eps)
	}
}

func sgd64(w, g, b []float64, lr, momentum float64) {
	for i := range w {
		b[i] = momentum*b[i] + g[i]
		w[i] -= lr * b[i]
	}
}

// TestOptimisers minimises sum (w - k)^4 / 4 for 50 steps beside the float64 rules; the gradient is (w - k)^3.
func TestOptimisers(t *testing.T) {
	const n = 37
	for _, c := range []struct {
		name string
		opt  Optimizer
		rule func(w, g, a, b []float64, t int)
	}{
		{"adam", Adam{LR: .05, B1: .5, B2: .9, Eps: 1e-6}, func(w, g, a, b []float64, t int) { adam64(w, g, a, b, .05, .5, .9, 1e-6, t) }},
		{"adam, defaults", Adam{LR: .01}, func(w, g, a, b []float64, t int) { adam64(w, g, a, b, .01, 0, .999, 1e-8, t) }},
		{"rmsprop", RMSProp{LR: .02, Decay: .9, Eps: 1e-5}, func(w, g, a, _ []float64, _ int) { rmsprop64(w, g, a, .02, .9, 1e-5) }},
		{"rmsprop, defaults", RMSProp{LR: .005}, func(w, g, a, _ []float64, _ int) { rmsprop64(w, g, a, .005, .99, 1e-8) }},
		{"sgd", SGD{LR: .01, Momentum: .8}, func(w, g, a, _ []float64, _ int) { sgd64(w, g, a, .01, .8) }},
	} {
		g := NewGraph(3)
		s := g.Scope("p")
		w, k := s.Param("w", Normal(1), n), g.Input("k", n)
		for i := range Data(k) {
			Data(k)[i] = float32(i)/10 - 1.5
		}
		w64, k64 := widen(Data(w)), widen(Data(k))
		d := Square(Sub(w, k))
		step, err := NewStep(Scale(Dot(d, d), .25), s.Params(), c.opt)
		if err != nil {
			t.Fatal(err)
		}
		a, b, grad := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range 50 {
			mustRun(t, step)
			for j := range grad {
				grad[j] = math.Pow(w64[j]-k64[j], 3)
			}
			c.rule(w64, grad, a, b, i+1)
		}
		closeTo(t, c.name, Data(w), w64, 2e-5) // 50 steps of float32 rounding
	}
}

// TestEMA: two updates of decay .75 from 0 towards 4 and 8: 1, then 1 + 7/4 = 2.75.
func TestEMA(t *testing.T) {
	s := NewGraph(1).Scope("g")
	w := s.Param("w", Zeros(), 2)
	e, err := NewEMA(s.Params(), .75)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []float32{4, 8} {
		Data(w)[0] = v
		e.Update()
	}
	e.Swap()
	if Data(w)[0] != 2.75 || Data(w)[1] != 0 {
		t.Errorf("average is %v, want [2.75 0]", Data(w))
	}
	e.Swap()
	if Data(w)[0] != 8 {
		t.Errorf("swapping twice gives %v, want 8", Data(w)[0])
	}
	u := NewGraph(1).Scope("h").Param("w", Ones(), 2)
	if err := e.CopyTo([]*Node{u}); err != nil || Data(u)[0] != 2.75 {
		t.Errorf("copy is %v, %v", Data(u), err)
	}
	if err := e.CopyTo([]*Node{NewGraph(1).Scope("h").Param("w", Ones(), 3)}); err == nil {
		t.Error("copied to another shape")
	}
}

// TestEMAWarm: after t updates the decay is min(d, (1+t)/(10+t)), so that the first update takes 9/10 of the way; computed by hand.
func TestEMAWarm(t *testing.T) {
	g := NewGraph(1)
	w := g.Scope("g").Param("w", Const(0), 1)
	e, err := NewEMA([]*Node{w}, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for k, decay := range []float64{0.1, 2. / 11, 0.2, 0.2} { // 1/10, 2/11, then 3/12 and 4/13 are above 0.2
		Data(w)[0] = float32(k + 1)
		e.UpdateWarm(k)
		want = decay*want + (1-decay)*float64(k+1)
		if got := float64(e.avg[0][0]); math.Abs(got-want) > 1e-6 {
			t.Fatalf("after update %d the average is %v, want %v", k+1, got, want)
		}
	}
}
