package nn

import (
	"math"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/assay-gan/assay/internal/kernel"
)

// tape runs outputs on Gorgonia's own tape machine.
func tape(t *testing.T, outputs []*Node) [][]float32 {
	t.Helper()
	var leaves gorgonia.Nodes
	for _, n := range topo(outputs...) {
		if n.Op() == nil {
			leaves = append(leaves, n)
		}
	}
	prog, locs, err := gorgonia.CompileFunction(outputs[0].Graph(), leaves, outputs)
	if err != nil {
		t.Fatal(err)
	}
	m := gorgonia.NewTapeMachine(outputs[0].Graph(), gorgonia.WithPrecompiled(prog, locs))
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	var r [][]float32
	for _, n := range outputs {
		r = append(r, floats(n.Value()))
	}
	return r
}

func equalBits(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return true
}

// TestProgramEqualsTapeMachine: losses and all gradients of a training step, fused, in place and in one arena, have the bits Gorgonia's machine
// gives one node at a time.
func TestProgramEqualsTapeMachine(t *testing.T) {
	for _, net := range []string{"mlp", "dcgan", "wgangp"} {
		m := buildGAN(t, net, 6, 8, 3)
		m.step(t)
		m.feed(m.d)
		for _, side := range []struct {
			loss   *Node
			params []*Node
		}{{m.dLoss, m.dp}, {m.gLoss, m.gp}} {
			grads, err := Grad(side.loss, side.params...)
			if err != nil {
				t.Fatal(err)
			}
			outs := append([]*Node{side.loss}, grads...)
			p, err := Compile(outs...)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Run(); err != nil {
				t.Fatal(err)
			}
			for i, want := range tape(t, outs) {
				if !equalBits(p.Get(outs[i]), want) {
					t.Errorf("%s: output %d (%s): program %v, tape machine %v", net, i, label(outs[i]), p.Get(outs[i])[0], want[0])
				}
			}
		}
	}
}

// TestThreadsDoNotChangeBits trains each net with 1, 2 and 3 threads and compares every weight and running statistic.
func TestThreadsDoNotChangeBits(t *testing.T) {
	defer kernel.SetThreads(kernel.Threads())
	for _, net := range []string{"mlp", "dcgan", "wgangp"} {
		var want [][]float32
		for _, threads := range []int{1, 2, 3} {
			kernel.SetThreads(threads)
			m := buildGAN(t, net, 20, 16, 5)
			for range 2 {
				m.step(t)
			}
			var got [][]float32
			for _, p := range append(m.dp, m.gp...) {
				got = append(got, Data(p))
			}
			if want == nil {
				want = got
				continue
			}
			for i := range got {
				if !equalBits(got[i], want[i]) {
					t.Errorf("%s: parameter %d differs between 1 and %d threads", net, i, threads)
				}
			}
		}
	}
}
