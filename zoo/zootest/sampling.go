package zootest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/zoo"
)

func sampling(t *testing.T, m zoo.Model, set *datasets.Set) {
	s := session(t, m, set, 9, nil)
	trained(t, s, 3, zoo.TrainOptions{})
	draw := func(n int, labels []int, seed uint64) *datasets.Samples {
		t.Helper()
		x, err := s.Sample(context.Background(), n, labels, seed)
		if err != nil {
			t.Fatal(err)
		}
		if x.Len() != n {
			t.Fatalf("%d samples, asked for %d", x.Len(), n)
		}
		return x
	}
	long, short := draw(40, nil, 1), draw(5, nil, 1)
	if !slices.Equal(long.Slice(0, 5).Data, short.Data) {
		t.Error("the first five of forty samples are not the five samples")
	}
	if m.Info().Family != zoo.Translation && slices.Equal(draw(5, nil, 2).Data, short.Data) {
		t.Error("two seeds, one set of samples")
	}
	if set.Vocabulary != nil {
		if err := set.Vocabulary.Check(long); err != nil {
			t.Error(err)
		}
	}
	if long.IsImage() && slices.Max(long.Data) > 1 || long.IsImage() && slices.Min(long.Data) < -1 {
		t.Error("image values leave [-1, 1]")
	}
	if m.Info().Conditional {
		if a, b := draw(4, []int{0, 1, 2, 3}, 1), draw(4, []int{3, 2, 1, 0}, 1); slices.Equal(a.Data, b.Data) {
			t.Error("the asked-for class changes nothing")
		}
		if _, err := s.Sample(context.Background(), 1, []int{4}, 1); err == nil {
			t.Error("a class that does not exist was accepted")
		}
	} else if _, err := s.Sample(context.Background(), 1, []int{0}, 1); err == nil {
		t.Error("labels were accepted by a model that cannot use them")
	}
	if _, err := s.Sample(context.Background(), 0, nil, 1); err == nil {
		t.Error("zero samples were drawn")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Sample(ctx, 10, nil, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled sampling returned %v", err)
	}
}
