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
