package nn

import (
	"errors"
	"math"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
)

func values(t *testing.T, outs ...*Node) [][]float32 {
	t.Helper()
	p, err := Compile(outs...)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	var v [][]float32
	for _, n := range outs {
		v = append(v, p.Get(n))
	}
	return v
}

// TestNodesAreNotMerged: the cases Gorgonia's own operators merge by weak hashes (slices beyond 255, concatenations of long batches, softmax
// with log-softmax, inputs of one name) stay apart here.
func TestNodesAreNotMerged(t *testing.T) {
	g := NewGraph(1)
	x := g.Input("x", 512)
	for i := range Data(x) {
		Data(x)[i] = float32(i)
	}
	// 0 + ... + 255 = 32640 and 256 + ... + 511 = 98176
	v := values(t, Sum(Slice(x, 0, 0, 256)), Sum(Slice(x, 0, 256, 512)))
	if v[0][0] != 32640 || v[1][0] != 98176 {
		t.Errorf("halves sum to %v and %v, want 32640 and 98176", v[0][0], v[1][0])
	}
	a, b := g.Input("a", 256, 1), g.Input("b", 256, 1)
	w := g.Input("w", 512, 1)
	for i := range Data(w) {
		Data(w)[i] = 1
		if i >= 256 {
			Data(w)[i] = 2
		}
	}
	d, err := Grad(Sum(Mul(Concat(0, a, b), w)), a, b)
	if err != nil {
		t.Fatal(err)
	}
	v = values(t, Sum(d[0]), Sum(d[1]))
	if v[0][0] != 256 || v[1][0] != 512 {
		t.Errorf("gradients of a concatenation sum to %v and %v, want 256 and 512", v[0][0], v[1][0])
	}
	m := g.Input("m", 2, 3)
	v = values(t, Softmax(m), LogSoftmax(m))
	if math.Abs(float64(v[0][0])-1./3) > 1e-6 || math.Abs(float64(v[1][0])+math.Log(3)) > 1e-6 {
		t.Errorf("softmax %v, log-softmax %v of three equal logits", v[0][0], v[1][0])
	}
	v = values(t, AddConst(x, 1), AddConst(x, 1+1e-7))
	if equalBits(v[0], v[1]) {
		t.Error("constants that differ by one bit were merged")
	}
	if again := Tanh(x); again != Tanh(x) {
		t.Error("equal expressions should be one node")
	}
}

// TestHashCollision: the sums x97+x378 and x404+x361 have the same 32-bit hash (found by search), and Gorgonia alone makes one node of them.
func TestHashCollision(t *testing.T) {
	g := NewGraph(1)
	in := func(i int) *Node {
		n := g.Input(named("x%d", i), 2)
		Data(n)[0] = float32(i)
		return n
	}
	a := Add(in(97), in(378))
	b := Add(in(404), in(361))
	if opOf(b).salt != 1 {
		t.Errorf("salt is %d: the hashes no longer collide, search for another pair", opOf(b).salt)
	}
	v := values(t, a, b)
	if v[0][0] != 475 || v[1][0] != 765 {
		t.Errorf("sums are %v and %v, want 475 and 765", v[0][0], v[1][0])
	}
}

func TestNamesAreUnique(t *testing.T) {
	g := NewGraph(1)
	s := g.Scope("d")
	s.Param("w", Zeros(), 2)
	for name, f := range map[string]func(){
		"parameter twice": func() { s.Param("w", Ones(), 2) },
		"input twice":     func() { g.Input("d.w", 2) },
		"layer twice":     func() { Dense(s.Sub("a"), 2, 2); Dense(s.Sub("a"), 2, 2) },
		"no name":         func() { g.Input("", 2) },
	} {
		err := Try(func() error { f(); return nil })
		var shape *ShapeError
		if !errors.As(err, &shape) || !strings.Contains(err.Error(), "name") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if n := len(g.Scope("d").Params()); n != 3 {
		t.Errorf("%d parameters below d, want w, a.w and a.b", n)
	}
	g.Scope("dd").Param("w", Zeros(), 1)
	if n := len(g.Scope("d").Params()); n != 3 {
		t.Error("d's parameters include dd's")
	}
}

// TestMisuse: what cannot fit is an error when the graph is built, with the operator's name.
func TestMisuse(t *testing.T) {
	g := NewGraph(1)
	a, b, im := g.Input("a", 2, 3), g.Input("b", 3, 2), g.Input("im", 2, 4, 4, 3)
	w := g.Input("w", 5, 5, 3, 2)
	s := g.Scope("s")
	for want, f := range map[string]func(){
		"add: shapes":          func() { Add(a, b) },
		"matmul: inner":        func() { MatMul(a, b, true, false) },
		"linear: input":        func() { Linear(a, a, g.Input("bias", 3)) },
		"conv2d: weight":       func() { Conv2D(im, w, nil, K(3, 1, 1)) },
		"conv2d:":              func() { Conv2D(im, w, nil, K(5, 1, 0)) },
		"slice:":               func() { Slice(a, 1, 2, 5) },
		"concat: shapes":       func() { Concat(0, a, b) },
		"reshape:":             func() { Reshape(a, 4, 2) },
		"transpose:":           func() { Transpose(a, 0, 0) },
		"rowsum: needs":        func() { RowSum(Sum(a)) },
		"fill: needs":          func() { Fill(a, 2) },
		"clamp:":               func() { Clamp(a, 1, 0) },
		"leakyrelu:":           func() { LeakyReLU(-1) },
		"dropout s":            func() { Dropout(s, 1) },
		"batchnorm s.bn.gamma": func() { BatchNorm(s.Sub("bn"), 7).Forward(a, Train) },
		"maxpool:":             func() { MaxPool2D(im, K(9, 1, 0)) },
		"sumblocks:":           func() { SumBlocks2D(im, 3) },
		"empty axis":           func() { g.Input("zero", 0, 2) },
		"needs a shape":        func() { s.Param("p", Zeros()) },
	} {
		err := Try(func() error { f(); return nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("Try swallowed a panic that is not a ShapeError")
		}
	}()
	_ = Try(func() error { panic("bug") })
}

// TestForeignOperatorsAreRefused: Gorgonia's own operators have wrong derivatives; a program with one is an error.
func TestForeignOperatorsAreRefused(t *testing.T) {
	g := NewGraph(1)
	x := g.Input("x", 2)
	y := gorgonia.Must(gorgonia.Square(x))
	if _, err := Compile(Sum(y)); err == nil {
		t.Error("compiled Gorgonia's square")
	}
}

func TestInitialisers(t *testing.T) {
	g := NewGraph(4)
	s := g.Scope("i")
	moments := func(n *Node) (mean, std, top float64) {
		m, v := moments64(widen(Data(n)))
		for _, x := range Data(n) {
			top = max(top, math.Abs(float64(x)))
		}
		return m, math.Sqrt(v), top
	}
	// 300 x 200 = 60000 draws: five standard errors of a standard deviation are 1.5 %.
	for name, c := range map[string]struct {
		init Init
		std  float64
		top  float64 // bound of a uniform, 0 for none
	}{
		"normal": {Normal(.02), .02, 0},
		"unif":   {Uniform(.3), .3 / math.Sqrt(3), .3},
		"glorot": {GlorotUniform(), math.Sqrt(2. / 500), math.Sqrt(6. / 500)},
		"lecun":  {LeCunUniform(), 1 / math.Sqrt(3*300), 1 / math.Sqrt(300)},
		"he":     {HeNormal(), math.Sqrt(2. / 300), 0},
	} {
		m, std, top := moments(s.Param(name, c.init, 300, 200))
		if math.Abs(m) > 5*c.std/math.Sqrt(60000) || math.Abs(std/c.std-1) > .015 || c.top > 0 && (top > c.top*1.0001 || top < c.top*.999) {
			t.Errorf("%s: mean %v, deviation %v, largest %v", name, m, std, top)
		}
	}
	for _, d := range [][2]int{{7, 4}, {4, 7}} { // columns, then rows are orthonormal
		q := s.Param(named("q%d", d[0]), Orthogonal(2), d[0], d[1])
		p := values(t, MatMul(q, q, d[0] > d[1], d[0] < d[1]))[0]
		for i := range 4 {
			for j := range 4 {
				want := 0.
				if i == j {
					want = 4
				}
				if math.Abs(float64(p[4*i+j])-want) > 1e-5 {
					t.Errorf("orthogonal %v: product [%d,%d] is %v", d, i, j, p[4*i+j])
				}
			}
		}
	}
	// A parameter's values depend on seed and name only, not on what was made before it.
	a, b := NewGraph(9), NewGraph(9)
	b.Scope("x").Param("first", Normal(1), 3)
	if !equalBits(Data(a.Scope("y").Param("w", Normal(1), 5)), Data(b.Scope("y").Param("w", Normal(1), 5))) {
		t.Error("another parameter changed this one's initial values")
	}
}
