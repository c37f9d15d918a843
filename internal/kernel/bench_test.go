package kernel

import (
	"fmt"
	"testing"
)

// flops reports GFLOP/s and the share of what the cores' multiply-add units can do.
func flops(b *testing.B, perOp float64, size, threads int) {
	g := perOp * float64(b.N) / b.Elapsed().Seconds() / 1e9
	b.ReportMetric(g, "GFLOP/s")
	if p := Peak(); p > 0 {
		b.ReportMetric(100*g/(p*float64(min(threads, cores()))*4/float64(size)), "%peak")
	}
}

func benchThreads(b *testing.B, f func(b *testing.B, th int)) {
	for _, th := range []int{1, 2} {
		b.Run(fmt.Sprintf("set=%s/threads=%d", Name(), th), func(b *testing.B) {
			SetThreads(th)
			defer SetThreads(1)
			f(b, th)
		})
	}
}

func BenchmarkGemm(b *testing.B) {
	type product struct {
		ta, tb  bool
		m, n, k int
	}
	for _, d := range []product{
		{false, false, 64, 64, 64}, {false, false, 128, 128, 128}, {false, false, 256, 256, 256}, {false, false, 512, 512, 512},
		{false, false, 1024, 1024, 1024}, {false, false, 2048, 2048, 2048},
		{false, false, 512, 128, 128}, {false, false, 512, 128, 2}, {false, false, 512, 2, 128}, {true, false, 128, 1, 512}, // MLP
		{false, false, 64, 6272, 100}, {false, true, 64, 100, 6272}, // first layer of a DCGAN
		{false, false, 12544, 64, 16}, {false, true, 12544, 16, 64}, {true, false, 1024, 128, 3136}, // convolutions as products
	} {
		b.Run(fmt.Sprintf("ta=%t/tb=%t/m=%d/n=%d/k=%d", d.ta, d.tb, d.m, d.n, d.k), func(b *testing.B) {
			benchThreads(b, func(b *testing.B, th int) {
				r := source(1)
				x, y, z := guardRand(d.m*d.k, r, 1).x, guardRand(d.k*d.n, r, 1).x, make([]float32, d.m*d.n)
				lda, ldb := d.k, d.n
				if d.ta {
					lda = d.m
				}
				if d.tb {
					ldb = d.k
				}
				for b.Loop() {
					Gemm(d.ta, d.tb, d.m, d.n, d.k, x, lda, y, ldb, z, d.n, Epilogue{})
				}
				flops(b, 2*float64(d.m)*float64(d.n)*float64(d.k), 4, th)
			})
		})
	}
}

// The layers of the GAN papers' nets: images, height = width, channels in and out, filter, stride, padding.
func BenchmarkConv(b *testing.B) {
	for _, d := range [][7]int{{64, 28, 1, 64, 4, 2, 1}, {64, 14, 64, 128, 4, 2, 1}, {64, 32, 3, 64, 4, 2, 1}, {64, 16, 64, 128, 4, 2, 1},
		{64, 8, 128, 256, 4, 2, 1}, {64, 14, 64, 64, 3, 1, 1}, {16, 32, 64, 64, 3, 1, 1}} {
		g, err := NewConv(d[0], d[1], d[1], d[2], d[3], d[4], d[4], d[5], d[5], d[6], d[6])
		if err != nil {
			b.Fatal(err)
		}
		r := source(1)
		x, w, y := guardRand(g.in(), r, 1).x, guardRand(g.weights(), r, 1).x, guardRand(g.out(), r, 1).x
		for _, p := range []struct {
			name string
			f    func()
		}{
			{"forward", func() { g.Forward(y, x, w, Epilogue{}) }},
			{"gradinput", func() { g.GradInput(x, y, w, Epilogue{}) }},
			{"gradweight", func() { g.GradWeight(w, x, y) }},
		} {
			b.Run(fmt.Sprintf("pass=%s/n=%d/size=%d/c=%d/k=%d/filter=%d/stride=%d", p.name, d[0], d[1], d[2], d[3], d[4], d[5]), func(b *testing.B) {
				benchThreads(b, func(b *testing.B, th int) {
					for b.Loop() {
						p.f()
					}
					flops(b, 2*float64(g.out())*float64(g.KH*g.KW*g.C), 4, th)
				})
			})
		}
	}
}

// Memory-bound functions report GB/s of the operands named in bytes per element.
func BenchmarkElementwise(b *testing.B) {
	for _, n := range []int{1 << 10, 1 << 16, 1600000} {
		r := source(1)
		x, y, z, v := guardRand(n, r, 4).x, guardRand(n, r, 4).x, make([]float32, n), make([]float32, n)
		for _, f := range []struct {
			name  string
			bytes int
			f     func()
		}{
			{"add", 12, func() { Add(z, x, y) }},
			{"leaky", 8, func() { LeakyReLU(z, x, 0.2) }},
			{"leakygrad", 12, func() { LeakyReLUGrad(z, x, y, 0.2) }},
			{"exp", 8, func() { Exp(z, x) }},
			{"log", 8, func() { Log(z, x) }},
			{"tanh", 8, func() { Tanh(z, x) }},
			{"sigmoid", 8, func() { Sigmoid(z, x) }},
			{"softplus", 8, func() { Softplus(z, x) }},
			{"adam", 28, func() { Adam(1e-9, 0.9, 0.99, 1e-8, 3).Move(z, y, x, v) }},
			{"sum", 4, func() { Sum(x) }},
			{"dot", 8, func() { Dot(x, y) }},
		} {
			b.Run(fmt.Sprintf("f=%s/n=%d", f.name, n), func(b *testing.B) {
				benchThreads(b, func(b *testing.B, th int) {
					b.SetBytes(int64(f.bytes * n))
					for b.Loop() {
						f.f()
					}
					b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(n), "ns/elem")
				})
			})
		}
	}
}

func BenchmarkRows(b *testing.B) {
	for _, d := range [][2]int{{512, 128}, {12544, 64}, {3136, 128}} {
		rows, c := d[0], d[1]
		r := source(1)
		x, y, s, t := guardRand(rows*c, r, 1).x, guardRand(rows*c, r, 1).x, guardRand(c, r, 1).x, guardRand(c, r, 1).x
		z, p, q := make([]float32, rows*c), make([]float64, c), make([]float64, c)
		for _, f := range []struct {
			name  string
			bytes int
			f     func()
		}{
			{"affine", 8, func() { RowsAffine(rows, c, z, x, s, t, 0.2, ActLeakyReLU) }},
			{"bnbackward", 12, func() { BNBackward(rows, c, z, x, y, s, t, s) }},
			{"colsums", 8, func() { ColSums(rows, c, p, q, x, y) }},
			{"softmax", 8, func() { Softmax(rows, c, z, x) }},
		} {
			b.Run(fmt.Sprintf("f=%s/rows=%d/c=%d", f.name, rows, c), func(b *testing.B) {
				benchThreads(b, func(b *testing.B, th int) {
					b.SetBytes(int64(f.bytes * rows * c))
					for b.Loop() {
						f.f()
					}
				})
			})
		}
	}
}

// The cost of handing work to the pool and waiting for it.
func BenchmarkPar(b *testing.B) {
	benchThreads(b, func(b *testing.B, th int) {
		f := func(int) {}
		for b.Loop() {
			Par(4, f)
		}
	})
}
