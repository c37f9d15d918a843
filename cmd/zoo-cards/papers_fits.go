package main

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/zoo"
)

// The rule by which digits become numbers without bounds [papamakarios2017], and the training images that are fitted.
const (
	logitEdge = 1e-6
	levels    = 256
	fitImages = 50_000
)

// logits brings rows of pixels in [-1, 1] to logit space, with a uniform number from the source in the place of what rounding took:
//
//	logit(a + (1 - 2a) (k + u) / 256),   k = 0 ... 255
//
// jacobian is, for each row, log |d logit / d ((k + u) / 256)|: the log-density on [0, 1] is that in logit space plus it.
func logits(x [][]float32, src *rng.Source) (y *datasets.Samples, jacobian []float64, err error) {
	d := len(x[0])
	data := make([]float32, 0, len(x)*d)
	jacobian = make([]float64, len(x))
	for i, row := range x {
		for _, v := range row {
			k := math.Round(float64(v+1) / 2 * (levels - 1))
			z := logitEdge + (1-2*logitEdge)*(k+src.Float64())/levels
			data = append(data, float32(math.Log(z/(1-z))))
			jacobian[i] += math.Log(1-2*logitEdge) - math.Log(z) - math.Log(1-z)
		}
	}
	y, err = datasets.NewSamples([]int{d}, data, nil)
	return y, jacobian, err
}

// normalDigits are the rows of [papamakarios2017] that fit normal distributions to MNIST in logit space, all images at once and digit by digit: the mean log-likelihood of
// the test images in nats, and in bits a pixel of images on [0, 1] with eight bits.
func normalDigits(ctx context.Context, set *datasets.Set, seed uint64) ([]reports.Record, error) {
	train, labels := firstRows(set.Train, fitImages)
	test, _ := firstRows(set.Test, set.Test.Len())
	y, jacobian, err := logits(test, rng.Stream(seed, "papers", "logit", "test"))
	if err != nil {
		return nil, err
	}
	x, _, err := logits(train, rng.Stream(seed, "papers", "logit", "train"))
	if err != nil {
		return nil, err
	}
	all, err := normalLikelihood(ctx, x, y, seed)
	if err != nil {
		return nil, err
	}
	parts := make([][]float64, len(set.Info.Classes))
	for c := range parts {
		if parts[c], err = normalLikelihood(ctx, ofClass(x, labels, c), y, seed); err != nil {
			return nil, fmt.Errorf("digit %d: %w", c, err)
		}
	}
	return append(likelihoods("gaussian-fit", all, jacobian, y.Dim()), likelihoods("gaussian-fit-by-digit", evenMixture(parts), jacobian, y.Dim())...), nil
}

func firstRows(s *datasets.Samples, n int) (rows [][]float32, labels []int) {
	for i := range min(n, s.Len()) {
		rows = append(rows, s.Row(i))
	}
	return rows, s.Labels
}

// ofClass are the rows of one class.
func ofClass(x *datasets.Samples, labels []int, class int) *datasets.Samples {
	y := &datasets.Samples{Shape: x.Shape}
	for i := range x.Len() {
		if labels[i] == class {
			y.Data = append(y.Data, x.Row(i)...)
		}
	}
	return y
}

// normalLikelihood fits the zoo's normal distribution to all rows of x and gives the log-density of each row of y.
func normalLikelihood(ctx context.Context, x, y *datasets.Samples, seed uint64) ([]float64, error) {
	set := &datasets.Set{Info: datasets.Info{ID: "mnist-logit", Kind: datasets.Points, Shape: x.Shape}, Train: x}
	s, err := zoo.New(zoo.GaussianFit{}, zoo.Config{Set: set, Settings: map[string]string{"rows": fmt.Sprint(x.Len())}, Seed: seed})
	if err != nil {
		return nil, err
	}
	nats, _, err := s.LogLikelihood(ctx, y)
	return nats, err
}

// evenMixture is log 1/K sum_k exp(parts[k][i]) for each i.
func evenMixture(parts [][]float64) []float64 {
	out := make([]float64, len(parts[0]))
	for i := range out {
		top := math.Inf(-1)
		for _, p := range parts {
			top = math.Max(top, p[i])
		}
		sum := 0.0
		for _, p := range parts {
			sum += math.Exp(p[i] - top)
		}
		out[i] = top + math.Log(sum/float64(len(parts)))
	}
	return out
}

// likelihoods are the records of a model: the mean in nats, and bits a pixel of the density on [0, 1] at eight bits.
//
//	8 - (log p + log |d logit / dx|) / (D log 2)
func likelihoods(model string, nats, jacobian []float64, d int) []reports.Record {
	n := float64(len(nats))
	mean, image := 0.0, 0.0
	for i, v := range nats {
		mean += v / n
		image += (v + jacobian[i]) / n
	}
	rec := reports.Record{Model: model, Dataset: "mnist-logit", Metric: "log_likelihood", Unit: "nats", Value: mean, N: fitImages, NReal: len(nats)}
	bits := rec
	bits.Metric, bits.Unit, bits.Value = "bits_per_pixel", "bits", math.Log2(levels)-image/(float64(d)*math.Ln2)
	return []reports.Record{rec, bits}
}
