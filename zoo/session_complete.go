package zoo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
)

// ErrHook is wrapped by the errors of a session whose model cannot do what was asked: it has no likelihood, or cannot complete a sample.
var ErrHook = errors.New("the model cannot do that")

// Complete draws n completions of each given sample: row i*n+j of the result is completion j of sample i. known marks the values of a sample that stay as given; the
// rest is drawn by the model, in its own order: a model of pixels one after the other sees what is given above and to the left of a pixel, not what is given
// below it. It is an error wrapping ErrHook if the model cannot complete. The samples depend on the weights, the arguments and nothing else.
func (s *Session) Complete(ctx context.Context, given *datasets.Samples, known []bool, n int, seed uint64) (*datasets.Samples, error) {
	info := s.model.Info()
	c, ok := s.build.sample.drawer.(Completer)
	switch {
	case !ok:
		return nil, fault.Of(ErrHook, "model %s cannot complete part of a sample: choose one that draws pixel by pixel", info.ID)
	case given == nil || !slices.Equal(given.Shape, s.sampleShape()) || len(known) != given.Dim():
		return nil, fault.Of(datasets.ErrShape, "model %s: complete: want samples of shape %v and a mark for each of their values", info.ID, s.sampleShape())
	case n < 1:
		return nil, fmt.Errorf("model %s: asked for %d completions", info.ID, n)
	}
	index := make([]int, 0, given.Len()*n)
	for i := range given.Len() {
		index = append(index, slices.Repeat([]int{i}, n)...)
	}
	out := given.Select(index)
	if info.Conditional && out.Labels == nil {
		return nil, fault.Of(datasets.ErrShape, "model %s: complete: the given samples have no classes", info.ID)
	}
	if !info.Conditional {
		out.Labels = nil
	}
	for i := range out.Len() {
		s.build.scale.apply(out.Row(i), out.Row(i))
	}
	err := s.averaged(func() error {
		return s.fillBy(ctx, func(ctx context.Context, d Draft) error { return c.Complete(ctx, d, known) }, out, "complete", seed)
	})
	if err != nil {
		return nil, s.samplingError(ctx, err)
	}
	for i := range out.Len() {
		s.build.scale.undo(out.Row(i))
		for j, k := range known { // given values come back to the bit
			if k {
				out.Row(i)[j] = given.Row(index[i])[j]
			}
		}
	}
	return datasets.NewSamples(out.Shape, out.Data, out.Labels)
}

// KnownRows marks the upper part of images as known: all values but those of the last hide*H rows, rounded to whole rows, at least one row hidden.
func KnownRows(shape []int, hide float64) ([]bool, error) {
	if len(shape) != 3 || !(hide > 0 && hide <= 1) {
		return nil, fault.Of(datasets.ErrShape, "hide %g of samples of shape %v: want images and a share above 0, at most 1", hide, shape)
	}
	hidden := max(1, int(math.Round(hide*float64(shape[0]))))
	known := make([]bool, shape[0]*shape[1]*shape[2])
	for i := range (shape[0] - hidden) * shape[1] * shape[2] {
		known[i] = true
	}
	return known, nil
}
