package zoo

import (
	"context"

	"github.com/assay-gan/assay/rng"
)

// Draft is a batch of samples for a Drawer to make, in the units that training sees (images in [-1, 1]; points scaled). There is a random stream for each sample:
// a drawer that takes the numbers of a sample from its own stream alone, and computes its rows apart from one another, draws the same samples for every batch size.
type Draft struct {
	Rows   [][]float32   // to fill, one sample each; at most Builder.Batch of them
	Labels []int         // the class of each; nil unless the model is conditional
	Random []*rng.Source // a stream for each

	// Evaluations is to be added to: how often the network was evaluated for each row. A drawer that leaves it alone has no such number.
	Evaluations []int
}

// Drawer makes samples that are not one pass of the graph: pixel by pixel, word by word, by search. A model hands it to Builder.Drawn and gives it what it needs
// when it makes it: compiled programs, the inputs they read, settings such as a temperature. The networks' weights are the live ones, averaged where the
// setting ema asks for it, so a drawer keeps no copies of them between calls.
type Drawer interface {
	// Draw fills the draft. It returns the context's error soon after that is cancelled.
	Draw(ctx context.Context, d Draft) error
}

// checker is a Drawer whose settings bound each other: it says whether they can be drawn with.
type checker interface{ check() error }

// Completer is a Drawer that can also go on from a part of a sample.
type Completer interface {
	Drawer
	// Complete is Draw on rows that hold given samples: the values that known marks (one mark for each value of a sample) stay as they are, the others are drawn
	// given them, as far as the model can.
	Complete(ctx context.Context, d Draft, known []bool) error
}
