package nn

import (
	"sync"
	"testing"
)

// TestRunsSideBySide builds and trains two models in two goroutines, as a sweep does: each has the bits it has alone.
func TestRunsSideBySide(t *testing.T) {
	train := func(seed uint64) [][]float32 {
		m := buildGAN(t, "wgangp", 4, 8, seed)
		for range 2 {
			m.step(t)
		}
		return snapshot(append(m.dp, m.gp...))
	}
	alone := [][][]float32{train(1), train(2)}
	together := make([][][]float32, 2)
	var wg sync.WaitGroup
	for i := range together {
		wg.Go(func() { together[i] = train(uint64(i + 1)) })
	}
	wg.Wait()
	for i := range alone {
		for j := range alone[i] {
			if !equalBits(alone[i][j], together[i][j]) {
				t.Errorf("run %d: parameter %d differs", i, j)
			}
		}
	}
}
