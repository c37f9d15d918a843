package zoo_test

import (
	"context"
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/zoo"
)

// A GAN on the ring: some steps, then samples. The second number counts the generator's parameters: 2 hidden layers of 8 units, from 4 latent numbers to 2
// coordinates, (4+1) 8 + (8+1) 8 + (8+1) 2.
func ExampleSession() {
	ctx := context.Background()
	set, err := datasets.Ring{}.Load(ctx, datasets.Options{Seed: 1, Train: 1000, Test: 100, Hold: 100})
	if err != nil {
		panic(err)
	}
	settings := map[string]string{"latent": "4", "width": "8", "depth": "2", "batch": "16"}
	s, err := zoo.New(zoo.GAN{}, zoo.Config{Set: set, Settings: settings, Seed: 1})
	if err != nil {
		panic(err)
	}
	if err := s.Train(ctx, zoo.TrainOptions{Steps: 20}); err != nil {
		panic(err)
	}
	x, err := s.Sample(ctx, 5, nil, 1)
	fmt.Println(s.Step(), s.ParamCount()["g"], x.Len(), x.Shape, err)
	// Output: 20 130 5 [2] <nil>
}
