package metrics

import (
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Blocks rounded up: 23 rows in 5 splits are 5, 5, 5, 5, 3, and in 6 splits of 4 only six hold something; the score is the mean of the blocks' own scores.
func TestISChunks(t *testing.T) {
	logits := mat.NewDense(23, 4, nil)
	for i := range 23 {
		for j := range 4 {
			logits.Set(i, j, float64((i*i+3*j*i+j)%7)/2)
		}
	}
	one := func(lo, hi int) float64 {
		v := compute(t, set(t, metric(t, "is"), "splits", "1"), Pair{FakeLogits: mat.DenseCopyOf(logits.Slice(lo, hi, 0, 4))})
		return v["is"]
	}
	for splits, ends := range map[string][]int{"5": {0, 5, 10, 15, 20, 23}, "6": {0, 4, 8, 12, 16, 20, 23}, "9": {0, 3, 6, 9, 12, 15, 18, 21, 23}} {
		want := 0.0
		for i := range ends[1:] {
			want += one(ends[i], ends[i+1]) / float64(len(ends)-1)
		}
		v := compute(t, set(t, set(t, metric(t, "is"), "splits", splits), "rule", "chunk"), Pair{FakeLogits: logits})
		near(t, splits+" chunks", v["is"], want, 1e-12)
	}
}
