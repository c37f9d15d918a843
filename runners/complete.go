package runners

import (
	"context"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/zoo"
)

// Completion asks a model that draws pixel by pixel to go on from the upper part of held-out images: the lecture's task on creature sprites.
type Completion struct {
	Hide    float64 // share of the rows that is hidden, the lower ones
	Seed    uint64
	Samples int // images drawn from nothing, for the values about samples; 0 leaves these out
}

// CompletionSheet shows the first images of the test split, one a row: the image, what is given of it (the rest grey), and n completions.
func CompletionSheet(ctx context.Context, m *Model, c Completion, images, n int) (*imaging.Image, error) {
	known, err := zoo.KnownRows(m.Set.Test.Shape, c.Hide)
	if err != nil {
		return nil, err
	}
	test := m.Set.Test.Slice(0, min(images, m.Set.Test.Len()))
	done, err := m.Session.Complete(ctx, test, known, n, c.Seed)
	if err != nil {
		return nil, err
	}
	given := &datasets.Samples{Shape: test.Shape, Data: slices.Clone(test.Data)}
	var sheet []*imaging.Image
	for i := range test.Len() {
		for j, k := range known {
			if !k {
				given.Row(i)[j] = 0
			}
		}
		row := []*datasets.Samples{test.Slice(i, i+1), given.Slice(i, i+1)}
		for j := range n {
			row = append(row, done.Slice(i*n+j, i*n+j+1))
		}
		for _, s := range row {
			p, err := Picture(s, 0)
			if err != nil {
				return nil, err
			}
			sheet = append(sheet, p)
		}
	}
	return imaging.ContactSheet(sheet, 2+n, 1)
}
