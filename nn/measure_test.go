package nn

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// A network is measured by its shapes: 2 layers of 3 x 5 and 5 x 1, a batch of 4.
func TestMeasure(t *testing.T) {
	g := NewMeasure()
	if !g.Measuring() || NewGraph(1).Measuring() {
		t.Error("a graph does not know what it is for")
	}
	x := g.Input("x", 4, 3)
	s := g.Scope("d")
	net := Seq(Dense(s.Sub("a"), 3, 5), Tanh, Dense(s.Sub("b"), 5, 1))
	leaves := g.meter.bytes
	if want := 4.0 * (4*3 + 3*5 + 5 + 5 + 1); leaves != want { // by hand
		t.Errorf("leaves: %v bytes, want %v", leaves, want)
	}
	step, err := NewStep(Mean(net.Forward(x, Train)), s.Params(), Adam{LR: 1, B1: .5, B2: .5, Eps: 1})
	if err != nil {
		t.Fatal(err)
	}
	if more := g.meter.bytes - leaves; more < 4*2*26 { // Adam keeps two moments of 26 weights; the arena comes on top
		t.Errorf("a step adds %v bytes", more)
	}
	if err := step.Run(); err == nil || !strings.Contains(err.Error(), "only measured") {
		t.Errorf("it ran: %v", err)
	}
	before := g.Bytes()
	if _, err := NewEMA(s.Params(), .9); err != nil || g.Bytes() != before+4*26 {
		t.Errorf("an average adds %v bytes, %v", g.Bytes()-before, err)
	}
	if Data(x) != nil || Data(s.Params()[0]) != nil {
		t.Error("a leaf has memory")
	}
}

// 26 GiB of network are measured within 4 MB; what no number could say is refused.
func TestMeasureTakesNothing(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	g := NewMeasure()
	s, x := g.Scope("g"), g.Input("x", 64, 8192)
	for i := range 16 {
		x = Tanh(Dense(s.Sub(named("l%d", i)), 8192, 8192).Forward(x, Train))
	}
	if _, err := NewStep(Mean(x), s.Params(), Adam{LR: 1, B1: .5, B2: .5, Eps: 1}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	// 16 x 8192 x 8193 weights with gradient and two moments: 4 x 4 x 1.0738e9 = 17.18e9; the gradients and what is kept for them come out of one arena.
	if b := g.Bytes(); b < 17.1e9 || b > 17.4e9 {
		t.Errorf("%.3g bytes", b)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 4<<20 {
		t.Errorf("measuring took %d bytes", took)
	}
	for _, dims := range [][]int{{1 << 31, 1 << 31}, {1 << 40, 1 << 40, 1 << 40}} {
		if err := Try(func() error { NewMeasure().Input("x", dims...); return nil }); err == nil || !strings.Contains(err.Error(), "GiB of memory") {
			t.Errorf("%v: %v", dims, err)
		}
	}
}

// The arena of a program is held against the machine before it is made.
func TestArenaBeyondMemory(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(256 << 20))
	g := NewGraph(1)
	x := g.Input("x", 1000, 1)
	y := g.Input("y", 1, 100_000)
	if _, err := Compile(MatMul(x, y, false, false)); err == nil || !strings.Contains(err.Error(), "GiB of memory") {
		t.Errorf("400 MB of products: %v", err)
	}
}
