package zoo

import (
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/nn"
)

// The networks. Points use multi-layer perceptrons, images the strided convolutions of DCGAN [radford2016] in the proportions of InfoGAN's MNIST nets
// [chen2016] that "Are GANs created equal?" trained everything with [lucic2018]: one halving of the image a layer, channels doubling inwards.

// generator maps width-in rows to a batch of samples. The last layer is linear; images get their tanh from the caller, since a VAE's decoder wants logits.
func (b *Builder) generator(s *nn.Scope, in int) nn.Layer {
	if b.Kind == datasets.Points {
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

// critic maps a batch of samples with in values a point, or in channels an image, to out numbers each. norm puts batch norm on the inner convolutions [radford2016].
func (b *Builder) critic(s *nn.Scope, in, out int, norm bool) nn.Layer {
	if b.Kind == datasets.Points {
		return b.mlp(s, in, out, nn.LeakyReLU(0.2))
	}
	h, w, halvings := b.coarse()
	var layers []nn.Layer
	c := in
	for i := 1; i <= halvings; i++ {
		next := b.channels(i)
		bn := norm && i > 1
		opts := []nn.Option{}
		if bn {
			opts = append(opts, nn.NoBias)
		}
		layers = append(layers, nn.Conv(s.Sub(fmt.Sprintf("conv%d", i)), c, next, nn.K(4, 2, 1), opts...))
		if bn {
			layers = append(layers, nn.BatchNorm(s.Sub(fmt.Sprintf("bn%d", i)), next))
		}
		layers = append(layers, nn.LeakyReLU(0.2))
		c = next
	}
	return nn.Seq(append(layers, nn.Flatten, nn.Dense(s.Sub("fc"), h*w*c, out))...)
}

func (b *Builder) mlp(s *nn.Scope, in, out int, act nn.Layer) nn.Layer {
	width := b.Settings.Int("width")
	var layers []nn.Layer
	for i := range b.Settings.Int("depth") {
		layers = append(layers, nn.Dense(s.Sub(fmt.Sprintf("fc%d", i)), in, width), act)
		in = width
	}
	return nn.Seq(append(layers, nn.Dense(s.Sub("out"), in, out))...)
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
