package imaging_test

import (
	"fmt"

	"github.com/assay-gan/assay/imaging"
)

// Half the size by Pillow's box filter: every pixel is the mean of four.
func ExampleResampler_Plan() {
	m, err := imaging.FromPix(2, 4, 1, []uint8{
		0, 20, 200, 200,
		40, 60, 200, 200,
	})
	if err != nil {
		panic(err)
	}
	plan, err := imaging.PillowBox.Plan(2, 4, 1, 2)
	if err != nil {
		panic(err)
	}
	small, err := plan.Image(m)
	fmt.Printf("%d %v\n", small.Pix, err)
	// Output: [30 200] <nil>
}

// Values of [-1, 1] as bytes.
func ExampleFromFloat() {
	m, err := imaging.FromFloat(1, 3, 1, []float32{-1, 0, 1})
	fmt.Printf("%d %v\n", m.Pix, err)
	// Output: [0 128 255] <nil>
}
