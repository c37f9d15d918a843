//go:build !race

package nn

import (
	"testing"

	"github.com/assay-gan/assay/internal/kernel"
)

// TestRunDoesNotAllocate: filling the inputs, running the program, checking, optimising and updating allocate nothing at one thread. (Under the race detector sync.Pool
// forgets at random, so the test is not built there.)
func TestRunDoesNotAllocate(t *testing.T) {
	defer kernel.SetThreads(kernel.Threads())
	kernel.SetThreads(1)
	for _, net := range []string{"mlp", "dcgan", "wgangp"} {
		m := buildGAN(t, net, 8, 16, 5)
		m.step(t)
		if n := testing.AllocsPerRun(5, func() {
			m.step(t)
		}); n != 0 {
			t.Errorf("%s: %v allocations a step", net, n)
		}
	}
}

// The same for a step of a U-Net.
func TestUNetDoesNotAllocate(t *testing.T) {
	defer kernel.SetThreads(kernel.Threads())
	kernel.SetThreads(1)
	g := NewGraph(1)
	x, at := g.Input("x", 4, 8, 8, 1), g.Input("t", 4)
	waves(Data(x), 1, 0)
	u := NewUNet(g.Scope("u"), UNetConfig{In: 1, Out: 1, Width: 8, Halvings: 1, Blocks: 1, Time: 8, Attention: true})
	s, err := NewStep(Mean(Square(Sub(u.Forward(x, at, Train), x))), g.Scope("u").Params(), Adam{LR: 1e-3, B1: .9, B2: .999, Eps: 1e-8})
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(5, func() {
		if err := s.Run(); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a step", n)
	}
}
