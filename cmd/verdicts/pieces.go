package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/tensorfile"
)

// piece is how many images' features are made before they are kept.
const piece = 100

// pieces makes features a piece at a time and keeps each in the cache by the content of its images: a network takes minutes for all of them.
func (o options) pieces(ctx context.Context, f featurizer.Featurizer, s *datasets.Samples) (*mat.Dense, error) {
	var all *mat.Dense
	for at := 0; at < s.Len(); at += piece {
		some := s.Slice(at, min(s.Len(), at+piece))
		x, err := o.piece(ctx, f, some)
		if err != nil {
			return nil, err
		}
		if all == nil {
			_, d := x.Dims()
			all = mat.NewDense(s.Len(), d, nil)
		}
		for i := range some.Len() {
			all.SetRow(at+i, x.RawRowView(i))
		}
	}
	return all, nil
}

func (o options) piece(ctx context.Context, f featurizer.Featurizer, s *datasets.Samples) (*mat.Dense, error) {
	path := filepath.Join(o.cache, fmt.Sprintf("%s-%.16s.npy", f.ID(), s.Hash()))
	switch a, err := tensorfile.ReadFile(path); {
	case err == nil && len(a.Shape) == 2 && a.Shape[0] == s.Len():
		return mat.NewDense(a.Shape[0], a.Shape[1], a.Float64s()), nil
	case err == nil:
		return nil, fmt.Errorf("%s has the shape %v: delete it", path, a.Shape)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: delete it", err)
	}
	out, err := f.Featurize(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.cache, 0o755); err != nil {
		return nil, err
	}
	n, d := out.Features.Dims()
	return out.Features, atomicfile.Write(path, tensorfile.Float64Array([]int{n, d}, out.Features.RawMatrix().Data).WriteNPY)
}
