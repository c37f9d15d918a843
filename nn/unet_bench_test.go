package nn

import (
	"fmt"
	"testing"

	"github.com/assay-gan/assay/internal/kernel"
)

// BenchmarkUNetStep times one step of noise prediction on 28 x 28 images, batch 64.
func BenchmarkUNetStep(b *testing.B) {
	defer kernel.SetThreads(kernel.Threads())
	for _, width := range []int{16, 32} {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("width=%d/threads=%d", width, threads), func(b *testing.B) {
				kernel.SetThreads(threads)
				g := NewGraph(1)
				x, at := g.Input("x", 64, 28, 28, 1), g.Input("t", 64)
				waves(Data(x), 1, 0)
				u := NewUNet(g.Scope("u"), UNetConfig{In: 1, Out: 1, Width: width, Halvings: 2, Blocks: 1, Time: 4 * width})
				s, err := NewStep(Mean(Square(Sub(u.Forward(x, at, Train), x))), g.Scope("u").Params(), Adam{LR: 1e-3, B1: .9, B2: .999, Eps: 1e-8})
				if err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					if err := s.Run(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(s.Stats().ArenaBytes)/1e6, "MB")
			})
		}
	}
}
