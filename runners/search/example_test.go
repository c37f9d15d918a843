package search_test

import (
	"fmt"

	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/runners/search"
)

// Two draws from a space of a rate on a log scale and the updates of the critic.
func ExampleSampler() {
	space := search.Space{
		{Names: []string{"lr_g", "lr_d"}, Kind: search.Log, Lo: 1e-5, Hi: 1e-2},
		{Names: []string{"d_steps"}, Kind: search.Choice, Values: []string{"1", "5"}},
	}
	stream := func(names ...string) *rng.Source { return rng.Stream(1, names...) }
	var sampler search.Sampler = search.Halton{}
	for i := range 2 {
		fmt.Println(space.Settings(sampler.Point(space, stream, i, nil), nil))
	}
	// Output:
	// map[d_steps:1 lr_d:0.002379 lr_g:0.002379]
	// map[d_steps:1 lr_d:0.0004231 lr_g:0.0004231]
}
