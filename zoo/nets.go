package zoo

import (
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/nn"
)

// The networks. Points use multi-layer perceptrons, images the strided convolutions of DCGAN [radford2016] in the proportions of InfoGAN's MNIST nets
// [chen2016] that "Are GANs created equal?" trained everything with [lucic2018]: one halving of the image a layer, channels doubling inwards.

// generator maps width-in rows to a batch of samples. The last layer is linear; images get their tanh from the caller, since a VAE's decoder wants logits.
func (b *Builder) generator(s *nn.Scope, in int) nn.Layer {
	if b.Kind == datasets.Points {
		if b.asInPaper() {
			return b.paperGenerator(s, in)
		}
		return b.mlp(s, in, b.Shape[0], nn.ReLU)
	}
	h, w, halvings := b.coarse()
	c := b.channels(halvings)
	layers := []nn.Layer{
		nn.Dense(s.Sub("fc"), in, h*w*c, nn.NoBias),
		nn.To(h, w, c), nn.BatchNorm(s.Sub("bn0"), c), nn.ReLU,
	}
	for i := halvings - 1; i >= 1; i-- {
		next := b.channels(i)
		layers = append(layers,
			nn.ConvTranspose(s.Sub(fmt.Sprintf("up%d", halvings-i)), c, next, nn.K(4, 2, 1), nn.NoBias),
			nn.BatchNorm(s.Sub(fmt.Sprintf("bn%d", halvings-i)), next), nn.ReLU)
		c = next
	}
	return nn.Seq(append(layers, nn.ConvTranspose(s.Sub("out"), c, b.Shape[2], nn.K(4, 2, 1)))...)
}

// critic is a network that judges samples: features, and a linear head on them.
type critic struct {
	features nn.Layer // a batch of samples to rows
	width    int      // of a row
	head     nn.Layer
}

// Forward implements nn.Layer.
func (c critic) Forward(x *nn.Node, m nn.Mode) *nn.Node {
	return c.head.Forward(c.features.Forward(x, m), m)
}

// The normalisations of a critic, the words of the setting d_norm: batch norm on the inner convolutions as in DCGAN [radford2016], nothing on points; layer norm
// in the same places and on the hidden layers of points; spectral norm of every weight [miyato2018].
const (
	normNone     = "none"
	normBatch    = "batch"
	normLayer    = "layer"
	normSpectral = "spectral"
)

// critic maps a batch of samples with in values a point, or in channels an image, to out numbers each.
func (b *Builder) critic(s *nn.Scope, in, out int, norm string) critic {
	if b.asInPaper() {
		return b.paperCritic(s, in, out)
	}
	var c critic
	head := "fc"
	if b.Kind == datasets.Points {
		c.features, c.width = b.hidden(s, in, nn.LeakyReLU(0.2), norm)
		head = "out"
	} else {
		c.features, c.width = b.convolutions(s, in, norm)
	}
	c.head = nn.Dense(s.Sub(head), c.width, out, weightNorm(norm)...)
	return c
}

func weightNorm(norm string) []nn.Option {
	if norm == normSpectral {
		return []nn.Option{nn.SpectralNorm}
	}
	return nil
}

// convolutions halve the image to its coarse size; the features are what is left, as one row a sample.
func (b *Builder) convolutions(s *nn.Scope, in int, norm string) (nn.Layer, int) {
	h, w, halvings := b.coarse()
	var layers []nn.Layer
	for i := 1; i <= halvings; i++ {
		layers = append(layers, b.halving(s, i, in, norm)...)
		in = b.channels(i)
	}
	return nn.Seq(append(layers, nn.Flatten)...), h * w * in
}

// halving is the i-th strided convolution with its normalisation.
func (b *Builder) halving(s *nn.Scope, i, in int, norm string) []nn.Layer {
	next, opts := b.channels(i), weightNorm(norm)
	bn := norm == normBatch && i > 1
	if bn {
		opts = append(opts, nn.NoBias)
	}
	layers := []nn.Layer{nn.Conv(s.Sub(fmt.Sprintf("conv%d", i)), in, next, nn.K(4, 2, 1), opts...)}
	if bn {
		layers = append(layers, nn.BatchNorm(s.Sub(fmt.Sprintf("bn%d", i)), next))
	}
	if norm == normLayer && i > 1 {
		layers = append(layers, nn.LayerNorm(s.Sub(fmt.Sprintf("ln%d", i)), next))
	}
	return append(layers, nn.LeakyReLU(0.2))
}

// mlp is a multi-layer perceptron with a linear last layer.
func (b *Builder) mlp(s *nn.Scope, in, out int, act nn.Layer) nn.Layer {
	features, width := b.hidden(s, in, act, normNone)
	return nn.Seq(features, nn.Dense(s.Sub("out"), width, out))
}

// hidden are the hidden layers of a multi-layer perceptron.
func (b *Builder) hidden(s *nn.Scope, in int, act nn.Layer, norm string) (nn.Layer, int) {
	width := b.Settings.Int("width")
	var layers []nn.Layer
	for i := range b.Settings.Int("depth") {
		layers = append(layers, nn.Dense(s.Sub(fmt.Sprintf("fc%d", i)), in, width, weightNorm(norm)...))
		if norm == normLayer {
			layers = append(layers, nn.LayerNorm(s.Sub(fmt.Sprintf("ln%d", i)), width))
		}
		layers = append(layers, act)
		in = width
	}
	return nn.Seq(layers...), width
}

// coarse is the size of the innermost feature map and the number of halvings that lead there.
func (b *Builder) coarse() (h, w, halvings int) {
	halvings = b.Settings.Int("depth")
	return b.Shape[0] >> halvings, b.Shape[1] >> halvings, halvings
}

// checkShape refuses images whose sides cannot be halved depth times.
func (b *Builder) checkShape() error {
	if b.Kind == datasets.Points {
		return nil
	}
	if b.asInPaper() {
		return fault.Of(ErrSetting, "nets = %s are for points, the data are %s: choose %s", netsPaper, b.Kind, netsZoo)
	}
	_, _, n := b.coarse()
	if m := 1 << n; n > 8 || b.Shape[0]%m != 0 || b.Shape[1]%m != 0 {
		return fmt.Errorf("images of %dx%d cannot be halved %d times: set depth lower, or resize the images to a multiple of %d", b.Shape[0], b.Shape[1], n, 1<<n)
	}
	return nil
}

// channels after i halvings.
func (b *Builder) channels(i int) int { return b.Settings.Int("width") << (i - 1) }

// squash ends a generator: tanh for images in [-1, 1], nothing for points.
func (b *Builder) squash(x *nn.Node) *nn.Node {
	if b.Kind == datasets.Images {
		return nn.Tanh(x)
	}
	return x
}
