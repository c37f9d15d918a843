package featurizer

import (
	"testing"

	"github.com/assay-gan/assay/internal/kernel"
)

// benchForward reports images/s and GFLOP/s of a forward pass on prepared input, two threads.
func benchForward(b *testing.B, n, size, dim int, macs float64, forward func(x []float32, n int, features, logits []float32) error) {
	b.Helper()
	kernel.SetThreads(2)
	x, y := make([]float32, n*size), make([]float32, n*dim)
	for i := range x {
		x[i] = float32(i%255)/127.5 - 1
	}
	for b.Loop() {
		if err := forward(x, n, y, nil); err != nil {
			b.Fatal(err)
		}
	}
	perSecond := float64(n*b.N) / b.Elapsed().Seconds()
	b.ReportMetric(perSecond, "images/s")
	b.ReportMetric(2*macs*perSecond/1e9, "GFLOP/s")
}

// vitMACs counts the products of a transformer for one image.
func vitMACs(v *vit) float64 {
	t, d := float64(v.tokens()), float64(v.width)
	block := t*d*(4*d+2*float64(v.hidden)) + 2*t*t*d
	return float64(v.grid*v.grid*3*v.patch*v.patch)*d + float64(len(v.blocks))*block
}

func benchVit(b *testing.B, k vitKind, d *vitDraw) {
	b.Helper()
	v, err := k.load(d.w)
	if err != nil {
		b.Fatal(err)
	}
	benchForward(b, vitBatch, v.side*v.side*3, v.dim, vitMACs(v), v.forward)
}

func BenchmarkDINOv2S14(b *testing.B) { benchVit(b, dinov2Kind(), drawDINO(384, 12, 14, 16, 0)) }
func BenchmarkDINOv2B14(b *testing.B) { benchVit(b, dinov2Kind(), drawDINO(768, 12, 14, 37, 0)) }

func BenchmarkCLIPB32(b *testing.B) { benchVit(b, clipKind(), drawCLIP(768, 12, 32, 7, 512)) }

func BenchmarkVGG16(b *testing.B) {
	_, shapes := vgg16Size.shapes()
	net, err := buildNet(vgg16Size.spec("fc2"), randomTensors{1, shapes})
	if err != nil {
		b.Fatal(err)
	}
	benchForward(b, net.netBatch(), 224*224*3, 4096, net.macs, net.forward)
}
