package metrics

import (
	"context"
	"testing"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

func wide(n, d int) Pair {
	return Pair{Real: golden.Matrix(1, n, d, 1, 0), Fake: golden.Matrix(2, n, d, 1.1, 0.05)}
}

func benchmark(b *testing.B, m Metric, n, d int) {
	p := wide(n, d)
	for b.Loop() {
		if _, err := m.Compute(context.Background(), p); err != nil {
			b.Fatal(err)
		}
	}
}

// The targets of these on two idle cores: FD from 10 000 features of 2048 in about ten seconds, KID of 100 subsets of 1000 in 15.
func BenchmarkFD512(b *testing.B) {
	benchmark(b, FD{Interval: "none"}, 4000, 512)
}
func BenchmarkFDDelta512(b *testing.B) {
	benchmark(b, FD{}, 4000, 512)
}
func BenchmarkFD2048(b *testing.B) {
	benchmark(b, FD{}, 5000, 2048)
}
func BenchmarkFDGram(b *testing.B) {
	benchmark(b, FD{}, 1000, 2048)
}
func BenchmarkKID10of1000(b *testing.B) {
	benchmark(b, KID{Subsets: 10}, 3000, 2048)
}
func BenchmarkSWD(b *testing.B) { benchmark(b, SWD{}, 5000, 2048) }
func BenchmarkASW(b *testing.B) { benchmark(b, ASW{}, 5000, 2048) }
