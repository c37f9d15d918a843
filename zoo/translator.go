package zoo

import (
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// translator maps a batch of one domain, and rows of so many values beside it (nil for none), to a batch of the other, before its tanh.
type translator func(x, beside *nn.Node, m nn.Mode) *nn.Node

// translator makes the network: an MLP for points; an encoder and decoder for images, which see the rows beside as constant planes. With skip there are short
// ways past the inner layers: from input to output for points, from encoder to decoder at every resolution for images (a U-Net).
func (b *Builder) translator(s *nn.Scope, beside int, skip bool) translator {
	if b.Kind == datasets.Points {
		net := b.mlp(s, b.Shape[0]+beside, b.Shape[0], nn.ReLU)
		return func(x, beside *nn.Node, m nn.Mode) *nn.Node {
			in := x
			if beside != nil {
				in = nn.Concat(1, x, beside)
			}
			if !skip {
				return net.Forward(in, m)
			}
			return nn.Add(x, net.Forward(in, m))
		}
	}
	net := b.unet(s, b.Shape[2]+beside, skip)
	return func(x, beside *nn.Node, m nn.Mode) *nn.Node {
		if beside != nil {
			x = nn.Concat(3, x, nn.Tile2D(beside, b.Shape[0], b.Shape[1]))
		}
		return net(x, m)
	}
}

// unet halves an image of in channels depth times and doubles it again to the channels of a sample.
func (b *Builder) unet(s *nn.Scope, in int, skip bool) func(x *nn.Node, m nn.Mode) *nn.Node {
	depth := b.Settings.Int("depth")
	down, up := make([]nn.Layer, depth), make([]nn.Layer, depth)
	c := in
	for i := range depth {
		next := b.channels(i + 1)
		ds := s.Sub(fmt.Sprintf("down%d", i+1))
		down[i] = nn.Seq(nn.Conv(ds, c, next, nn.K(4, 2, 1), nn.NoBias), nn.BatchNorm(ds.Sub("bn"), next), nn.LeakyReLU(0.2))
		c = next
	}
	for i := depth - 1; i > 0; i-- { // from resolution i+1 to i, where the encoder's features of that resolution join
		next := b.channels(i)
		us := s.Sub(fmt.Sprintf("up%d", i+1))
		up[i] = nn.Seq(nn.ConvTranspose(us, c, next, nn.K(4, 2, 1), nn.NoBias), nn.BatchNorm(us.Sub("bn"), next), nn.ReLU)
		c = next
		if skip {
			c *= 2
		}
	}
	up[0] = nn.ConvTranspose(s.Sub("out"), c, b.Shape[2], nn.K(4, 2, 1))
	return func(x *nn.Node, m nn.Mode) *nn.Node {
		skips := make([]*nn.Node, depth)
		for i, l := range down {
			x = l.Forward(x, m)
			skips[i] = x
		}
		for i := depth - 1; i > 0; i-- {
			x = up[i].Forward(x, m)
			if skip {
				x = nn.Concat(3, x, skips[i-1])
			}
		}
		return up[0].Forward(x, m)
	}
}
