package zoo

import (
	"fmt"

	"github.com/assay-gan/assay/nn"
)

// The words of the setting nets, which models may declare: the zoo's networks, or those that PacGAN's authors gave their rings and grids [lin2018].
const (
	netsZoo   = "zoo"
	netsPaper = "lin2018"
)

// The authors' networks: a generator of four layers of 400 units with batch norm and ReLU, a discriminator of three layers of 200 maxout units of five pieces
// each [goodfellow2013], weights drawn from N(0, 0.02^2).
const (
	paperGeneratorLayers, paperGeneratorUnits = 4, 400
	paperCriticLayers, paperCriticUnits       = 3, 200
	paperPieces                               = 5
	paperInit                                 = 0.02
)

// asInPaper says whether the paper's networks are asked for.
func (b *Builder) asInPaper() bool {
	return b.Settings.Has("nets") && b.Settings.Word("nets") == netsPaper
}

func (b *Builder) paperGenerator(s *nn.Scope, in int) nn.Layer {
	init := nn.WithInit(nn.Normal(paperInit))
	var layers []nn.Layer
	for i := range paperGeneratorLayers {
		layers = append(layers, nn.Dense(s.Sub(fmt.Sprintf("fc%d", i)), in, paperGeneratorUnits, init, nn.NoBias),
			nn.BatchNorm(s.Sub(fmt.Sprintf("bn%d", i)), paperGeneratorUnits), nn.ReLU)
		in = paperGeneratorUnits
	}
	return nn.Seq(append(layers, nn.Dense(s.Sub("out"), in, b.Shape[0], init))...)
}

func (b *Builder) paperCritic(s *nn.Scope, in, out int) critic {
	init := nn.WithInit(nn.Normal(paperInit))
	var layers []nn.Layer
	for i := range paperCriticLayers {
		layers = append(layers, nn.Dense(s.Sub(fmt.Sprintf("fc%d", i)), in, paperPieces*paperCriticUnits, init), maxout(paperPieces))
		in = paperCriticUnits
	}
	return critic{features: nn.Seq(layers...), width: in, head: nn.Dense(s.Sub("out"), in, out, init)}
}

// maxout is the greatest of k pieces of every unit [goodfellow2013]; columns are piece after piece.
//
//	max(a, b) = b + max(0, a - b)
func maxout(k int) nn.Layer {
	return nn.Func(func(x *nn.Node) *nn.Node {
		units := x.Shape()[1] / k
		top := nn.Slice(x, 1, 0, units)
		for i := 1; i < k; i++ {
			top = nn.Add(top, nn.ReLU(nn.Sub(nn.Slice(x, 1, i*units, (i+1)*units), top)))
		}
		return top
	})
}
