package main

import (
	"context"
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/rng"
)

// spirals is two arms that wind around each other [lang1988]: a point of arm k at the turn t, uniform on [1/4, turns], is
//
//	t/turns (cos 2 pi (t + k/2), sin 2 pi (t + k/2)) + sigma N(0, I)
//
// Labels are the arms.
type spirals struct{}

var _ datasets.Dataset = spirals{}

// Info describes the set.
func (spirals) Info() datasets.Info {
	return datasets.Info{
		ID: "two-arms", Title: "Two arms that wind around each other", Kind: datasets.Points, Shape: []int{2}, Classes: []string{"arm-0", "arm-1"}, Paper: "lang1988", License: "synthetic, no rights reserved",
		Sizes: datasets.Sizes{Train: 20_000, Test: 2_000, Hold: 2_000},
		Params: []datasets.Param{
			{Name: "turns", Default: 1.5, Lo: 0.5, Hi: 10, Doc: "turns of an arm"},
			{Name: "sigma", Default: 0.02, Lo: 1e-9, Hi: 1, Doc: "standard deviation around the arm"},
		},
	}
}

// Load draws the splits from three streams of the seed, so that no split depends on the size of another.
func (s spirals) Load(ctx context.Context, o datasets.Options) (*datasets.Set, error) {
	info := s.Info()
	p, n, err := o.Resolve(info)
	if err != nil {
		return nil, err
	}
	set := &datasets.Set{Info: info}
	for _, split := range []struct {
		name string
		n    int
		to   **datasets.Samples
	}{{"train", n.Train, &set.Train}, {"test", n.Test, &set.Test}, {"hold", n.Hold, &set.Hold}} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if *split.to, err = draw(split.n, p["turns"], p["sigma"], rng.Stream(o.Seed, "dataset", info.ID, split.name)); err != nil {
			return nil, err
		}
	}
	return set, nil
}

func draw(n int, turns, sigma float64, r *rng.Source) (*datasets.Samples, error) {
	data, labels := make([]float32, 2*n), make([]int, n)
	for i := range n {
		labels[i] = r.IntN(2)
		t := 0.25 + (turns-0.25)*r.Float64()
		sin, cos := math.Sincos(2 * math.Pi * (t + float64(labels[i])/2))
		data[2*i] = float32(t/turns*cos + sigma*r.Normal())
		data[2*i+1] = float32(t/turns*sin + sigma*r.Normal())
	}
	return datasets.NewSamples([]int{2}, data, labels)
}
