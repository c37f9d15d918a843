package runners

import (
	"fmt"
	"strconv"

	"github.com/assay-gan/assay/internal/machine"
)

// affordable errors, with the key and both figures, where a cell cannot be held by this machine whatever the model does. It reckons with less than what is used,
// so that it refuses nothing that would have fitted: each sample as drawn with one feature, each batch once. The networks are reckoned when they are built, weight
// by weight, before each is allocated.
func affordable(c Cell, set loaded) error {
	dim := 1.0
	for _, d := range set.Train.Shape {
		dim *= float64(d)
	}
	if c.yardstick != Real { // which takes what there is
		if err := machine.Holds(float64(c.Samples) * (4*dim + 8)); err != nil {
			return fmt.Errorf("%s: samples: %d of shape %v: it %w; draw fewer", c.Title(), c.Samples, set.Train.Shape, err)
		}
	}
	batch, err := strconv.ParseFloat(c.Settings["batch"], 64)
	if err != nil {
		return nil // a model without batches
	}
	if err := machine.Holds(batch * 4 * dim); err != nil {
		return fmt.Errorf("%s: batch: %v samples of shape %v: it %w; take a smaller one", c.Title(), batch, set.Train.Shape, err)
	}
	return nil
}
