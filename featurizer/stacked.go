package featurizer

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
)

// stacked reads an image of C channels as C grey images, one beside the other, and lets another featurizer see each: the judge of stacked MNIST [metz2017].
//
//	features  those of the channels, one after the other
//	p(k_1 .. k_C)  the product of p(k_c): K^C classes, the first channel's class counting most
//
// Channels are independent to it, as they are in the data.
type stacked struct{ inner Featurizer }

// mostStacked bounds the classes of a stack: three channels of ten.
const mostStacked = 1000

var _ Featurizer = stacked{}

func stackedMaker() Maker {
	return Maker{
		Name: "stacked", Usage: "stacked(inner)", Title: "another featurizer's features of each channel, and the product of its class probabilities (stacked(mnistnet) judges stacked-mnist)",
		Needs: "what the inner one needs", Paper: "metz2017", Trial: "stacked(glyphnet)",
		Open: func(ctx context.Context, s Spec, env Env) (Featurizer, error) {
			if err := s.args(1, 1, "stacked(inner), e.g. stacked(mnistnet)"); err != nil {
				return nil, err
			}
			inner, err := open(ctx, s.Args[0], env)
			if err != nil {
				return nil, err
			}
			return stacked{inner}, nil
		},
	}
}

// ID names the inner one.
func (s stacked) ID() string { return "stacked(" + s.inner.ID() + ")" }

// Fingerprint holds that of the inner one.
func (s stacked) Fingerprint() string { return s.ID() + "@" + s.inner.Fingerprint() }

// Dim is decided by the samples' channels.
func (s stacked) Dim() int { return 0 }

// Featurize implements Featurizer. It errors for samples that are no images, and where the classes of all channels together are more than 1000.
func (s stacked) Featurize(ctx context.Context, x *datasets.Samples) (*Output, error) {
	if x == nil || x.Len() == 0 || !x.IsImage() {
		return nil, fault.Of(ErrShape, "%s: want images", s.ID())
	}
	n, c := x.Len(), x.Shape[2]
	var out Output
	for k := range c {
		one, err := s.inner.Featurize(ctx, channel(x, k))
		if err != nil {
			return nil, fmt.Errorf("%s: channel %d: %w", s.ID(), k, err)
		}
		_, d := one.Features.Dims()
		if out.Features == nil {
			out.Features = mat.NewDense(n, c*d, nil)
		}
		out.Features.Slice(0, n, k*d, (k+1)*d).(*mat.Dense).Copy(one.Features)
		if one.Probs == nil {
			continue
		}
		if out.Probs, err = s.times(out.Probs, one.Probs); err != nil {
			return nil, err
		}
	}
	return &out, nil
}

// times is the probabilities of pairs of classes, row by row; nil stands for one certain class.
func (s stacked) times(a, b *mat.Dense) (*mat.Dense, error) {
	if a == nil {
		return mat.DenseCopyOf(b), nil
	}
	n, ka := a.Dims()
	_, kb := b.Dims()
	if ka*kb > mostStacked {
		return nil, fault.Of(ErrShape, "%s: the channels together have %d classes or more, want at most %d", s.ID(), ka*kb, mostStacked)
	}
	p := mat.NewDense(n, ka*kb, nil)
	for i := range n {
		row := p.RawRowView(i)
		for j, u := range a.RawRowView(i) {
			for k, v := range b.RawRowView(i) {
				row[j*kb+k] = u * v
			}
		}
	}
	return p, nil
}

// channel is one channel of all images as grey images.
func channel(x *datasets.Samples, k int) *datasets.Samples {
	c := x.Shape[2]
	one := &datasets.Samples{Shape: []int{x.Shape[0], x.Shape[1], 1}, Data: make([]float32, len(x.Data)/c)}
	for i := range one.Data {
		one.Data[i] = x.Data[c*i+k]
	}
	return one
}
