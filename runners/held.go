package runners

import (
	"context"
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/metrics"
)

// Held is the side's samples in memory, with the classes that its source gives: images decoded, points as they are, features as points of as many numbers (in float32).
// Statistics hold no samples, which is an error.
func (s *Side) Held(ctx context.Context, w Feeding) (*datasets.Samples, error) {
	switch {
	case s.Stats != nil:
		return nil, fmt.Errorf("%s holds statistics: give the samples or their features", s.Path)
	case s.Features != nil:
		n, d := s.Features.Dims()
		data := make([]float32, 0, n*d)
		for i := range n {
			for _, v := range s.Features.RawRowView(i) {
				data = append(data, float32(v))
			}
		}
		return datasets.NewSamples([]int{d}, data, s.labels())
	}
	all, err := s.samples(ctx, w)
	if err != nil {
		return nil, err
	}
	if labels := s.labels(); all.Labels == nil && len(labels) == all.Len() {
		all = &datasets.Samples{Shape: all.Shape, Data: all.Data, Labels: labels}
	}
	return all, nil
}

// ImagesOf is the metrics' view of images; nil for anything else.
func ImagesOf(s *datasets.Samples) *metrics.Images { return sampleImages(s) }
