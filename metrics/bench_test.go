package metrics

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/rng"
)

// gaussian is fast to make, unlike the golden generator.
func gaussian(n, d int, name string) *mat.Dense {
	x := make([]float32, n*d)
	rng.Stream(1, "bench", name).FillNormal(x)
	out := mat.NewDense(n, d, nil)
	for i, v := range x {
		out.RawMatrix().Data[i] = float64(v)
	}
	return out
}

// BenchmarkPRDC is the four values with k = 5. ASSAY_LONG=1 adds 10 000 x 10 000 x 2048.
func BenchmarkPRDC(b *testing.B) {
	kernel.SetThreads(runtime.GOMAXPROCS(0))
	defer kernel.SetThreads(1)
	sizes := [][2]int{{2000, 2}, {2000, 64}, {1000, 2048}}
	if testutil.Long() {
		sizes = append(sizes, [2]int{10_000, 2048})
	}
	for _, s := range sizes {
		p := Pair{Real: gaussian(s[0], s[1], "real"), Fake: gaussian(s[0], s[1], "fake")}
		m := PRDC{Values: []string{"precision", "recall", "density", "coverage"}}
		b.Run(fmt.Sprintf("n=%d,d=%d", s[0], s[1]), func(b *testing.B) {
			for b.Loop() {
				if _, err := m.Compute(context.Background(), p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerdict(b *testing.B) {
	w := world("space", 1, 2000)
	p := Pair{Train: w.train, Real: w.draw(2000, nil, 1), Fake: w.draw(2000, nil, 1)}
	for b.Loop() {
		if _, err := Judge(context.Background(), p, DefaultThresholds()); err != nil {
			b.Fatal(err)
		}
	}
}
