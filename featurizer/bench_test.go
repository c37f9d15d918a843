package featurizer

import (
	"context"
	"testing"

	"github.com/assay-gan/assay/internal/kernel"
)

// BenchmarkInception reports images/s of the forward pass to the 2048 features, prepared input, two threads, and the share of the rate of one
// large matrix product on the same threads.
func BenchmarkInception(b *testing.B) {
	kernel.SetThreads(2)
	net := syntheticNet(b, quirks{})
	const n, size = 16, inceptionSide * inceptionSide * 3
	x := make([]float32, n*size)
	for i := range x {
		x[i] = float32(i%255)/127.5 - 1
	}
	out := make([]float64, n*2048)
	pass := func() {
		kernel.Par(n/inceptionGroup, func(i int) {
			lo, hi := i*inceptionGroup, (i+1)*inceptionGroup
			net.forward(x[lo*size:hi*size], inceptionGroup, inceptionOut{taps: [5][]float64{tap2048: out[lo*2048 : hi*2048]}})
		})
	}
	pass()
	b.ResetTimer()
	for b.Loop() {
		pass()
	}
	perSecond := float64(n*b.N) / b.Elapsed().Seconds()
	b.ReportMetric(perSecond, "images/s")
	b.ReportMetric(2*float64(macs())*perSecond/1e9, "GFLOP/s")
}

func BenchmarkSgemm(b *testing.B) {
	kernel.SetThreads(2)
	const n = 1536
	x, y, z := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
	for b.Loop() {
		kernel.Gemm(false, false, n, n, n, x, n, y, n, z, n, kernel.Epilogue{})
	}
	b.ReportMetric(2*n*n*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// BenchmarkGlyphNet reports images/s of the digit classifier.
func BenchmarkGlyphNet(b *testing.B) {
	kernel.SetThreads(2)
	f, err := Open(context.Background(), "glyphnet", Env{})
	if err != nil {
		b.Fatal(err)
	}
	s := glyphs(b, 1, 1000)
	for b.Loop() {
		if _, err := f.Featurize(context.Background(), s); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
