package main

import (
	"context"
	"fmt"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/rng"
)

// side of the network's input: images of this size pass the resampler unchanged, so that the network alone is timed.
const inceptionSide = 299

// openInception runs the FID network on a batch of images, from 8-bit pixels to 2048 features.
func openInception(a args, dir string) (task, error) {
	n := a.int("n")
	f, err := featurizer.Open(context.Background(), "inception-random(1,pytorch-fid,2048)", featurizer.Env{})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAbsent, err)
	}
	net, ok := f.(featurizer.ImageFeaturizer)
	if !ok {
		return nil, fmt.Errorf("%s takes no images: %w", f.ID(), errAbsent)
	}
	w, err := featurizer.SyntheticInception(1)
	if err != nil {
		return nil, err
	}
	for key, t := range w {
		if err := writeNPY(dir, "w."+key, t.Data, t.Shape...); err != nil {
			return nil, err
		}
	}
	pictures := make([]*imaging.Image, n)
	pixels := make([]float32, 0, n*inceptionSide*inceptionSide*3)
	r := rng.Stream(1, "peers", "pictures")
	for i := range pictures {
		pix := make([]uint8, inceptionSide*inceptionSide*3)
		for j := range pix { // a gradient with noise on it
			pix[j] = uint8((j/897+j%897/3)*(i+1)%200 + r.IntN(56))
			pixels = append(pixels, float32(pix[j]))
		}
		if pictures[i], err = imaging.FromPix(inceptionSide, inceptionSide, 3, pix); err != nil {
			return nil, err
		}
	}
	if err := writeNPY(dir, "pixels", pixels, n, inceptionSide, inceptionSide, 3); err != nil {
		return nil, err
	}
	t := &numbers{f: func() ([]float64, error) {
		out, err := net.FeaturizeImages(context.Background(), pictures)
		if err != nil {
			return nil, err
		}
		return out.Features.RawMatrix().Data[:2048], nil
	}}
	if err := t.run(); err != nil {
		return nil, err
	}
	first := t.got
	t.f, t.got = func(g func() ([]float64, error)) func() ([]float64, error) {
		return func() ([]float64, error) { _, err := g(); return nil, err }
	}(t.f), nil
	return t, writeNPY(dir, "features", first, 1, 2048)
}
