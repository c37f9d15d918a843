package nn_test

import (
	"fmt"

	"github.com/assay-gan/assay/nn"
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
