package datasets_test

import (
	"context"
	"fmt"

	"github.com/assay-gan/assay/datasets"
)

// Four modes on the unit circle: the truth comes with the samples.
func ExampleRing() {
	set, err := datasets.Ring{}.Load(context.Background(), datasets.Options{Seed: 1, Train: 1000, Test: 100, Hold: 100, Params: map[string]float64{"modes": 4}})
	if err != nil {
		panic(err)
	}
	fmt.Println(set.Train.Len(), set.Train.Shape, len(set.Truth.Modes), set.Truth.Modes[0])
	mode, sigmas := set.Truth.Nearest([]float32{1, 0})
	fmt.Println(mode, sigmas)
	// Output:
	// 1000 [2] 4 [1 0]
	// 0 0
}

// Samples of one's own.
func ExampleNewSamples() {
	s, err := datasets.NewSamples([]int{2}, []float32{1, 2, 3, 4}, []int{0, 1})
	fmt.Println(s.Len(), s.Row(1), s.Label(1), err)
	// Output: 2 [3 4] 1 <nil>
}
