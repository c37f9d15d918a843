package featurizer

import (
	"context"
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/numeric"
)

// batchNet is a network that takes several images at a time, because it has large layers whose weights would otherwise be read anew for each.
// The kernels give a row the same bits whatever its neighbours are, so the batch is an affair of speed alone.
type batchNet struct {
	id, hash string
	prep     *fitter           // nil where the input is a vector
	rule     imaging.Quantiser // from a generator's [-1, 1] to bytes
	size     int               // values of one prepared input
	dim      int
	classes  int // 0 for none
	batch    int
	forward  func(x []float32, n int, features, logits []float32) error
}

var _ EachFeaturizer = (*batchNet)(nil)

// ID names the network and how images are prepared.
func (f *batchNet) ID() string { return f.id }

// Fingerprint adds the beginning of the weights file's sha256; synthetic weights are named by the ID alone.
func (f *batchNet) Fingerprint() string {
	if f.hash == "" {
		return f.id
	}
	return f.id + "@" + f.hash
}

// Dim is the number of features.
func (f *batchNet) Dim() int { return f.dim }

// Featurize quantises samples of [-1, 1] to bytes, as if they came from files, and runs the network; vectors are taken as they are.
func (f *batchNet) Featurize(ctx context.Context, s *datasets.Samples) (*Output, error) {
	switch {
	case s == nil:
	case f.prep == nil && (s.IsImage() || s.Dim() != f.size):
		return nil, fault.Of(ErrShape, "%s: samples of shape %v, want vectors of %d values", f.id, s.Shape, f.size)
	case f.prep != nil && (!s.IsImage() || s.Shape[2] != 1 && s.Shape[2] != 3):
		return nil, fault.Of(ErrShape, "%s: samples of shape %v, want images of 1 or 3 channels", f.id, s.Shape)
	}
	if err := accept(ctx, f.id, s); err != nil {
		return nil, err
	}
	if f.prep == nil {
		return f.each(ctx, s.Len(), func(i int, dst []float32) (bool, error) { return copy(dst, s.Row(i)) > 0, nil })
	}
	return f.FeaturizeEach(ctx, s.Len(), func(i int) (*imaging.Image, error) {
		return f.rule.Image(s.Shape[0], s.Shape[1], s.Shape[2], s.Row(i))
	})
}

// FeaturizeImages runs the network on images of any sizes.
func (f *batchNet) FeaturizeImages(ctx context.Context, images []*imaging.Image) (*Output, error) {
	return f.FeaturizeEach(ctx, len(images), func(i int) (*imaging.Image, error) { return images[i], nil })
}

// FeaturizeEach decodes and prepares a batch on all threads, then runs the network on all threads.
func (f *batchNet) FeaturizeEach(ctx context.Context, n int, image func(i int) (*imaging.Image, error)) (*Output, error) {
	if f.prep == nil {
		return nil, fault.Of(ErrShape, "%s: images, want vectors of %d values", f.id, f.size)
	}
	return f.each(ctx, n, func(i int, dst []float32) (bool, error) {
		m, err := image(i)
		if err != nil || m == nil {
			return false, err
		}
		return true, f.prep.apply(dst, m)
	})
}

// each fills n rows; fill says whether there is an input at all.
func (f *batchNet) each(ctx context.Context, n int, fill func(i int, dst []float32) (bool, error)) (*Output, error) {
	if n < 1 {
		return nil, fault.Of(ErrShape, "%s: no images", f.id)
	}
	features, logits := make([]float32, n*f.dim), make([]float32, n*f.classes)
	batch := min(n, f.batch)
	x := make([]float32, batch*f.size)
	have, errs := make([]bool, batch), make([]error, batch)
	for lo := 0; lo < n; lo += batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m := min(batch, n-lo)
		kernel.Par(m, func(i int) { have[i], errs[i] = fill(lo+i, x[i*f.size:(i+1)*f.size]) })
		for i, err := range errs[:m] {
			if err != nil {
				return nil, fmt.Errorf("%s: image %d: %w", f.id, lo+i, err)
			}
			if !have[i] {
				clear(x[i*f.size : (i+1)*f.size])
			}
		}
		fs, ls := features[lo*f.dim:(lo+m)*f.dim], logits[lo*f.classes:(lo+m)*f.classes]
		if err := f.forward(x[:m*f.size], m, fs, ls); err != nil {
			return nil, fmt.Errorf("%s: %w", f.id, err)
		}
		for i, ok := range have[:m] {
			if !ok { // a bad image that was skipped: its row is not used
				clear(fs[i*f.dim : (i+1)*f.dim])
				clear(ls[i*f.classes : (i+1)*f.classes])
			}
		}
	}
	out := &Output{Features: toDense(n, f.dim, features)}
	if f.classes > 0 {
		out.Logits = toDense(n, f.classes, logits)
		out.Probs = numeric.SoftmaxRows(out.Logits)
	}
	return out, nil
}
