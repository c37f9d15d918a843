package main

import (
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/zoo"
)

// softmaxGAN lets the samples of a batch, real and made, compete for one probability mass [lin2017softmax]. With p the softmax of the scores D over both halves:
//
//	D: min -E_real log p                     all mass on the data
//	G: min -1/2 (E_real log p + E_made log p)   mass spread evenly over both
type softmaxGAN struct{}

var _ zoo.Model = softmaxGAN{}

// Info describes the model.
func (softmaxGAN) Info() zoo.Info {
	return zoo.Info{
		ID: "softmax-gan", Title: "Softmax GAN", Paper: "lin2017softmax", Family: zoo.Adversarial, Kinds: []datasets.Kind{datasets.Points},
		Objective: "D: -E_real log p; G: -1/2 (E_real log p + E_made log p), p the softmax of D over the batch",
		Settings: []zoo.Setting{
			{Name: "steps", Default: "1500", Lo: 1, Hi: 1e9, Integer: true, Doc: "training length"},
			{Name: "batch", Default: "128", Lo: 2, Hi: 65536, Integer: true, Doc: "samples per update"},
			{Name: "latent", Default: "4", Lo: 1, Hi: 4096, Integer: true, Doc: "width of the latent vector"},
			{Name: "width", Default: "64", Lo: 1, Hi: 8192, Integer: true, Doc: "units of a hidden layer"},
			{Name: "depth", Default: "2", Lo: 1, Hi: 16, Integer: true, Doc: "hidden layers"},
			{Name: "lr", Default: "1e-3", Lo: 0, Hi: 10, Doc: "learning rate of both sides"},
			{Name: "beta1", Default: "0.5", Lo: 0, Hi: 0.999, Doc: "Adam's decay of the mean"},
			{Name: "beta2", Default: "0.999", Lo: 0, Hi: 0.99999, Doc: "Adam's decay of the square"},
		},
	}
}

// Build puts the networks, the two turns and the sample program together.
func (softmaxGAN) Build(b *zoo.Builder) error {
	gs, ds, x, z := b.Scope("g"), b.Scope("d"), b.Real(), b.Latent()
	g, d := mlp(b, gs, b.Settings.Int("latent"), b.Shape[0]), mlp(b, ds, b.Shape[0], 1)
	fake := g.Forward(z, nn.Train)

	scores := nn.Concat(0, d.Forward(x, nn.Train), d.Forward(fake, nn.Train)) // {2 batch, 1}
	logP := nn.LogSoftmax(nn.Reshape(scores, 1, 2*b.Batch))
	onReal := nn.Slice(logP, 1, 0, b.Batch)
	for _, t := range []zoo.Turn{
		{Name: "d", Role: zoo.Critic, Loss: nn.Neg(nn.Mean(onReal)), Train: ds.Params(), With: b.Adam("lr")},
		{Name: "g", Role: zoo.Generator, Loss: nn.Neg(nn.Mean(logP)), Train: gs.Params(), With: b.Adam("lr")},
	} {
		if err := b.Turn(t); err != nil {
			return err
		}
	}
	b.Samples(fake, gs.Params())
	return nil
}

// mlp is a multi-layer perceptron of the settings' width and depth with a linear last layer.
func mlp(b *zoo.Builder, s *nn.Scope, in, out int) nn.Layer {
	width := b.Settings.Int("width")
	var layers []nn.Layer
	for i := range b.Settings.Int("depth") {
		layers = append(layers, nn.Dense(s.Sub(fmt.Sprintf("fc%d", i)), in, width), nn.LeakyReLU(0.2))
		in = width
	}
	return nn.Seq(append(layers, nn.Dense(s.Sub("out"), in, out))...)
}
