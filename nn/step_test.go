package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/rng"
)

func snapshot(nodes []*Node) (s [][]float32) {
	for _, n := range nodes {
		s = append(s, slices.Clone(Data(n)))
	}
	return s
}

func same(nodes []*Node, s [][]float32) bool {
	for i, n := range nodes {
		if !equalBits(Data(n), s[i]) {
			return false
		}
	}
	return true
}

func mustRun(t *testing.T, s *Step) {
	t.Helper()
	if err := s.Run(); err != nil {
		t.Fatal(err)
	}
}

// TestFrozenSideIsUntouched: a step moves each of its own parameters and states, and no bit of the other network.
func TestFrozenSideIsUntouched(t *testing.T) {
	for _, net := range []string{"mlp", "dcgan", "wgangp"} {
		m, root := buildGANScope(t, net, 4, 8, 1)
		d, g := root.Sub("d"), root.Sub("g")
		for _, c := range []struct {
			step        *Step
			mine, other *Scope
		}{{m.d, d, g}, {m.g, g, d}} {
			m.feed(m.d)
			before := snapshot(append(c.other.Params(), c.other.States()...))
			own := append(c.mine.Params(), c.mine.States()...)
			was := snapshot(own)
			mustRun(t, c.step)
			if !same(append(c.other.Params(), c.other.States()...), before) {
				t.Errorf("%s: a step of %s moved %s", net, c.mine.Path(), c.other.Path())
			}
			for i, n := range own {
				if net == "wgangp" && n.Name() == "d.fc.b" {
					continue // cancels: mean D(fake) - mean D(real)
				}
				if equalBits(Data(n), was[i]) {
					t.Errorf("%s: a step of %s left %s as it was", net, c.mine.Path(), n.Name())
				}
			}
		}
	}
}

// TestRunningStatistics: a critic that sees two batches in one loss moves its running mean and unbiased variance once for each, in the order
// of creation, by 0.1; then evaluation mode uses them.
func TestRunningStatistics(t *testing.T) {
	g := NewGraph(1)
	s := g.Scope("d")
	a, b := g.Input("a", 4, 1), g.Input("b", 4, 1)
	copy(Data(a), []float32{1, 2, 3, 6})    // mean 3, unbiased variance (4+1+0+9)/3 = 14/3
	copy(Data(b), []float32{-1, -1, 1, -3}) // mean -1, unbiased variance 8/3
	bn := BatchNorm(s, 1)
	loss := Mean(Square(Add(bn.Forward(a, Train), bn.Forward(b, Train))))
	_ = bn.Forward(Scale(a, 5), Train) // not part of the loss: no update
	step, err := NewStep(loss, s.Params(), SGD{LR: 1e-9})
	if err != nil {
		t.Fatal(err)
	}
	mustRun(t, step)
	mean := (0*.9+.1*3)*.9 - .1
	variance := (1*.9+.1*14/3)*.9 + .1*8/3
	st := s.States()
	closeTo(t, "running mean", Data(st[0]), []float64{mean}, 1e-6)
	closeTo(t, "running variance", Data(st[1]), []float64{variance}, 1e-6)
	y := bn.Forward(a, Eval)
	p, err := Compile(y)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	var want []float64
	for _, v := range []float64{1, 2, 3, 6} {
		want = append(want, (v-mean)/math.Sqrt(variance+bnEps))
	}
	closeTo(t, "evaluation", p.Get(y), want, 1e-5)
}

// TestNonFiniteIsNamed: the error names step, network and the operator where a NaN or infinity first appears, and nothing is changed.
func TestNonFiniteIsNamed(t *testing.T) {
	build := func() (*Scope, *Node, *Step) {
		g := NewGraph(1)
		s := g.Scope("d")
		x := g.Input("x", 2, 3)
		positiveFill(rng.Stream(1, "x"), Data(x))
		loss := Mean(Log(Square(Dense(s.Sub("fc"), 3, 1).Forward(x, Train))))
		step, err := NewStep(loss, s.Params(), Adam{LR: .1})
		if err != nil {
			t.Fatal(err)
		}
		mustRun(t, step)
		return s, x, step
	}
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		name    string
		corrupt func(s *Scope, x *Node)
		want    []string
	}{
		{"input", func(_ *Scope, x *Node) { Data(x)[4] = float32(math.NaN()) }, []string{"step 2 of d", "the loss", "x[4] is NaN"}},
		{"parameter", func(s *Scope, _ *Node) { Data(s.Params()[0])[1] = inf }, []string{"step 2 of d", "d.fc.w[1] is +Inf before the step"}},
		{"log 0", func(s *Scope, _ *Node) {
			for _, p := range s.Params() {
				clear(Data(p))
			}
		}, []string{"step 2 of d", "log near d.fc.w first gives -Inf"}},
	} {
		s, x, step := build()
		c.corrupt(s, x)
		before := snapshot(s.Params())
		err := step.Run()
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: error %q does not say %q", c.name, err, w)
			}
		}
		if !same(s.Params(), before) || step.Steps() != 1 {
			t.Errorf("%s: the failed step changed something", c.name)
		}
	}
}

// TestOperatorPanicIsAnError: a label out of range is an error that names the operator, not a crash.
func TestOperatorPanicIsAnError(t *testing.T) {
	g := NewGraph(1)
	s := g.Scope("g")
	label := g.Input("label", 2)
	y := Embedding(s.Sub("emb"), 3, 2).Forward(label, Train)
	p, err := Compile(y)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []float32{3, -1, .5, float32(math.NaN()), 1e20} {
		Data(label)[1] = bad
		err := p.Run()
		if err == nil || !strings.Contains(err.Error(), "gather near g.emb.table: index") {
			t.Errorf("label %v: error %v", bad, err)
		}
	}
}

func TestStepRefuses(t *testing.T) {
	g := NewGraph(1)
	s := g.Scope("d")
	x := g.Input("x", 2, 3)
	loss := Mean(Dense(s.Sub("a"), 3, 1).Forward(x, Train))
	other := g.Scope("e").Param("w", Zeros(), 2)
	used := s.Params()
	for _, c := range []struct {
		want string
		err  func() error
	}{
		{"does not depend on e.w", func() error { _, err := NewStep(loss, append(s.Params(), other), SGD{LR: 1}); return err }},
		{"needs parameters", func() error { _, err := NewStep(loss, nil, SGD{LR: 1}); return err }},
		{"take Sum or Mean", func() error { _, err := NewStep(x, used, SGD{LR: 1}); return err }},
		{"learning rate is 0", func() error { _, err := NewStep(loss, used, SGD{}); return err }},
		{"B1 is 1", func() error { _, err := NewStep(loss, used, Adam{LR: 1, B1: 1}); return err }},
		{"decay is -1", func() error { _, err := NewStep(loss, used, RMSProp{LR: 1, Decay: -1}); return err }},
		{"no outputs", func() error { _, err := Compile(); return err }},
		{"decay is 2", func() error { _, err := NewEMA(used, 2); return err }},
	} {
		if err := c.err(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// TestDropout: a mask of zeros and 1/(1-p), drawn from the stream, needed before every run; evaluation is the identity.
func TestDropout(t *testing.T) {
	g := NewGraph(1)
	s := g.Scope("d")
	x := s.Param("x", Ones(), 100, 100)
	l := Dropout(s.Sub("drop"), .25)
	if l.Forward(x, Eval) != x {
		t.Error("evaluation changes the input")
	}
	y := l.Forward(x, Train)
	loss := Sum(y)
	step, err := NewStep(loss, s.Params(), SGD{LR: 1}, y)
	if err != nil {
		t.Fatal(err)
	}
	if err := step.Run(); err == nil || !strings.Contains(err.Error(), "Refill") {
		t.Errorf("ran without a mask: %v", err)
	}
	r := rng.Stream(1, "mask")
	step.Refill(r)
	mustRun(t, step)
	zeros := 0
	keep := float32(1 / .75)
	for i, v := range step.Value(y) {
		if v == 0 {
			zeros++
		} else if v != keep {
			t.Fatalf("element %d is %v", i, v)
		}
		if w := Data(x)[i]; w != 1-v { // the gradient is the mask
			t.Fatalf("parameter %d is %v after a gradient of %v", i, w, v)
		}
	}
	// 10000 draws, p = .25, standard deviation 43: five of them.
	if math.Abs(float64(zeros)-2500) > 217 {
		t.Errorf("%d of 10000 dropped, want about 2500", zeros)
	}
	if err := step.Run(); err == nil {
		t.Error("ran twice with one mask")
	}
}

// TestClipAndRate: clipping limits every parameter after the step; Rate scales the move.
func TestClipAndRate(t *testing.T) {
	g := NewGraph(1)
	s := g.Scope("d")
	w := s.Param("w", Const(.5), 3)
	k := g.Input("k", 3)
	copy(Data(k), []float32{1, -1, .1})
	step, err := NewStep(Sum(Mul(w, k)), s.Params(), SGD{LR: 1})
	if err != nil {
		t.Fatal(err)
	}
	step.Clip(.75)
	step.Rate = .5
	mustRun(t, step)
	// .5 - .5*1 = 0; .5 + .5 = 1, clipped to .75; .5 - .05 = .45
	closeTo(t, "parameters", Data(w), []float64{0, .75, .45}, 1e-6)
}

// The gradient of (w - 1)^2 summed over w = 4, 5 is 6, 8, whose length is 10; over both parameters of a step it is one length.
func TestGradNorm(t *testing.T) {
	g := NewGraph(1)
	a, b := g.Scope("n").Param("a", Const(4), 1), g.Scope("n").Param("b", Const(5), 1)
	s, err := NewStep(Add(Sum(Square(AddConst(a, -1))), Sum(Square(AddConst(b, -1)))), []*Node{a, b}, SGD{LR: .1})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(); err != nil {
		t.Fatal(err)
	}
	if got := s.GradNorm(); got != 10 {
		t.Errorf("length %v, want 10", got)
	}
}
