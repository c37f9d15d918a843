package main

import (
	"context"
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
)

// images are those of a data set: what one trial takes as fakes, as held-out and as training samples never overlaps, and calibration and record take theirs from
// different ones.
type images struct {
	set, spec string // the data set and the featurizer
	labelled  bool
	wide      bool // a network's features: faults that change images are left out, as each would need them again

	pool       *datasets.Samples
	features   *mat.Dense // of the pool
	featurizer featurizer.Featurizer
}

// pooled is how many images of a data set the trials draw from; a network's features are made of fewer.
const (
	pooled       = 15000
	pooledByNet  = 1000
	fittedImages = 3000 // the featurizer is fitted on others, before the pools
)

var errPool = errors.New("the pool is too small")

func (w *images) open(ctx context.Context, o options) error {
	d, err := datasets.Lookup(w.set)
	if err != nil {
		return err
	}
	set, err := d.Load(ctx, datasets.Options{Dir: o.data, Seed: 1})
	if err != nil {
		return err
	}
	n, from := pooled, fittedImages
	if w.wide {
		n = pooledByNet
	}
	if o.calibrate {
		from += pooled
	}
	return w.fill(ctx, set.Train, fittedImages, from, n, o)
}

// fill takes n images from a place on, and fits the featurizer on others.
func (w *images) fill(ctx context.Context, all *datasets.Samples, fit, from, n int, o options) (err error) {
	order := rng.Stream(1, "verdicts", "pool").Perm(all.Len()) // some sets lie sorted by class
	w.pool = all.Select(order[from : from+n])
	if w.featurizer, err = featurizer.Open(ctx, w.spec, featurizer.Env{Reference: all.Select(order[:fit])}); err != nil {
		return err
	}
	w.features, err = w.featurized(ctx, o)
	return err
}

// featurized makes the pool's features, those of a network by pieces that are kept in the cache.
func (w *images) featurized(ctx context.Context, o options) (*mat.Dense, error) {
	if w.wide {
		return o.pieces(ctx, w.featurizer, w.pool)
	}
	out, err := w.featurizer.Featurize(ctx, w.pool)
	if err != nil {
		return nil, err
	}
	return out.Features, nil
}

func (w *images) faults() []fault {
	all := []fault{{perfect, 0, "", is(metrics.Healthy)}}
	all = append(all, grow("one class lost (7)", "of its share kept", is(metrics.Dropped, metrics.Imbalanced), .5, .2, 0)...)
	all = append(all, grow("two classes lost (1 and 7)", "of their share kept", is(metrics.Dropped, metrics.Imbalanced), .2, 0)...)
	if !w.labelled { // the rest does not depend on classes
		return all
	}
	all = append(all, grow("repeats of its own samples", "of the fakes", is(metrics.Repeated, metrics.Collapsed), .01, .1, .3)...)
	if w.wide {
		return all
	}
	all = append(all, grow("copies of training images", "of the fakes", is(metrics.Memorised), .03, .1, .3)...)
	all = append(all, grow("copies shifted by a pixel", "of the fakes", is(metrics.Memorised), .03, .1, .3)...)
	all = append(all, grow("blur", "pixels", is(metrics.Blurred, metrics.OffData), .4, .6, 1)...)
	all = append(all, grow("salt and pepper", "of the pixels", is(metrics.Noisy, metrics.OffData), .005, .02, .1)...)
	all = append(all, grow("normal noise", "of the range", is(metrics.Noisy, metrics.OffData), .02, .05, .1)...)
	all = append(all, grow("mean of two images", "of the fakes", is(metrics.Blurred, metrics.OffData, metrics.Shrunk), .1, .3, 1)...)
	all = append(all, grow("inverted", "of the fakes", is(metrics.OffData, metrics.Blurred), .1, .3, 1)...)
	return append(all, grow("pure noise", "of the fakes", is(metrics.OffData, metrics.Noisy, metrics.Blurred), .1, .3, 1)...)
}

func (w *images) pair(ctx context.Context, src *rng.Source, f fault, n int) (metrics.Pair, error) {
	order := src.Perm(w.pool.Len())
	take := func(k int) []int { head := order[:min(k, len(order))]; order = order[len(head):]; return head }
	real := take(2 * n)
	var train []int
	if !w.wide { // features of so many are dear
		train = take(2 * n)
	}
	var fake []int
	for len(fake) < n && len(order) > 0 {
		at := take(1)[0]
		if k := keep(f, w.pool.Label(at)); k == 1 || src.Float64() < k {
			fake = append(fake, at)
		}
	}
	if len(fake) < n {
		return metrics.Pair{}, errPool
	}
	for i := range int(math.Round(f.strength * float64(n))) {
		switch f.name {
		case "copies of training images", "copies shifted by a pixel":
			fake[i] = train[i]
		case "repeats of its own samples":
			fake[i] = fake[n-1-src.IntN(n/2)]
		}
	}
	p := metrics.Pair{Real: rowsOf(w.features, real), Fake: rowsOf(w.features, fake), RealImages: view(w.pool.Select(real))}
	if train != nil {
		p.Train, p.TrainImages = rowsOf(w.features, train), view(w.pool.Select(train))
	}
	if w.labelled {
		p.RealLabels = reordered(w.pool.Labels, real)
	}
	fakes := w.pool.Select(fake) // copies: the pool stays as it is
	p.FakeImages = view(fakes)
	if damage(fakes, src, f) {
		out, err := w.featurizer.Featurize(ctx, fakes)
		if err != nil {
			return p, err
		}
		p.Fake = out.Features
	}
	return p, nil
}

// keep is how much of a class's share the fault leaves.
func keep(f fault, label int) float64 {
	if label == 7 && (f.name == "one class lost (7)" || f.name == "two classes lost (1 and 7)") || label == 1 && f.name == "two classes lost (1 and 7)" {
		return f.strength
	}
	return 1
}

func rowsOf(x *mat.Dense, at []int) *mat.Dense {
	_, d := x.Dims()
	out := mat.NewDense(len(at), d, nil)
	for i, a := range at {
		out.SetRow(i, x.RawRowView(a))
	}
	return out
}

func reordered(labels, at []int) []int {
	out := make([]int, len(at))
	for i, a := range at {
		out[i] = labels[a]
	}
	return out
}

func view(s *datasets.Samples) *metrics.Images {
	return &metrics.Images{N: s.Len(), H: s.Shape[0], W: s.Shape[1], C: s.Shape[2], Pix: s.Data, Lo: -1, Hi: 1}
}
