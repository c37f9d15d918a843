package nn

import (
	"fmt"
	"testing"
	"time"

	"github.com/assay-gan/assay/internal/kernel"
)

// BenchmarkStep times one critic and one generator step of the three nets of issue 3, with fresh batches.
func BenchmarkStep(b *testing.B) {
	defer kernel.SetThreads(kernel.Threads())
	for _, net := range []struct {
		name         string
		batch, width int
	}{{"mlp", 512, 128}, {"dcgan", 64, 64}, {"wgangp", 64, 64}} {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("net=%s/threads=%d", net.name, threads), func(b *testing.B) {
				kernel.SetThreads(threads)
				m := buildGAN(b, net.name, net.batch, net.width, 1)
				m.step(b)
				b.ReportAllocs()
				b.ResetTimer()
				d, g := time.Hour, time.Hour // minima are what a shared machine cannot spoil
				for b.Loop() {
					d = min(d, m.timed(b, m.d))
					g = min(g, m.timed(b, m.g))
				}
				b.ReportMetric((d+g).Seconds()*1e3, "min-ms")
				b.ReportMetric(float64(m.d.Stats().ArenaBytes)/1e6, "D-MB")
				b.ReportMetric(float64(m.d.Stats().Ops), "D-ops")
			})
		}
	}
}

func (m *gan) timed(b *testing.B, s *Step) time.Duration {
	start := time.Now()
	m.feed(s)
	if err := s.Run(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}
