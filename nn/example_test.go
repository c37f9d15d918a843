package nn_test

import (
	"bytes"
	"fmt"

	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// The derivative of the sum of squares is twice the input.
func ExampleGrad() {
	g := nn.NewGraph(1)
	x := g.Input("x", 1, 3)
	d, err := nn.Grad(nn.Sum(nn.Square(x)), x)
	if err != nil {
		panic(err)
	}
	p, err := nn.Compile(d[0])
	if err != nil {
		panic(err)
	}
	copy(nn.Data(x), []float32{1, 2, 3})
	if err := p.Run(); err != nil {
		panic(err)
	}
	fmt.Println(p.Get(d[0]))
	// Output: [2 4 6]
}

// critic judges images of 8 x 8 x 1 without statistics of the batch: each image is normalised by itself, and a quarter of the features is dropped in training.
func critic(seed uint64) (*nn.Scope, nn.Layer) {
	s := nn.NewGraph(seed).Scope("critic")
	return s, nn.Seq(
		nn.Conv(s.Sub("conv"), 1, 4, nn.K(3, 1, 1), nn.NoBias, nn.WithInit(nn.LeCunUniform())),
		nn.InstanceNorm(s.Sub("norm"), 4),
		nn.LeakyReLU(0.2),
		nn.Func(nn.Flatten),
		nn.Dropout(s.Sub("drop"), 0.25),
		nn.Dense(s.Sub("out"), 8*8*4, 1),
	)
}

// A mask is drawn before each run of a step with Dropout.
func ExampleDropout() {
	s, net := critic(1)
	x := s.Graph().Input("x", 2, 8, 8, 1)
	rng.Stream(1, "images").FillUniform(nn.Data(x), -1, 1)
	step, err := nn.NewStep(nn.Mean(nn.Square(net.Forward(x, nn.Train))), s.Params(), nn.Adam{LR: 1e-2, B1: 0.9, B2: 0.999})
	if err != nil {
		panic(err)
	}
	masks := rng.Stream(1, "masks")
	var first float32
	for i := range 50 {
		step.Refill(masks)
		if err := step.Run(); err != nil {
			panic(err)
		}
		if i == 0 {
			first = step.Loss()
		}
	}
	fmt.Println(step.Loss() < first/10)
	// Output: true
}

// A finished network goes into a file of half precision and comes back into another graph.
func ExampleSaveWeights() {
	trained, _ := critic(1)
	var file bytes.Buffer
	if err := nn.SaveWeights(&file, trained, map[string]string{"data": "digits"}, true); err != nil {
		panic(err)
	}
	fresh, _ := critic(2)
	about, err := nn.LoadWeights(file.Bytes(), fresh)
	if err != nil {
		panic(err)
	}
	fmt.Println(about["data"], len(fresh.Params()))
	// Output: digits 5
}
