package zoo

import (
	"fmt"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/nn"
)

// Batches of data with more than one domain.

// Domains are unpaired batches of the two domains of a translation data set.
func (b *Builder) Domains() (x, y *nn.Node, err error) {
	if err := b.twoDomains(); err != nil {
		return nil, nil, err
	}
	x, _ = b.batch("source", b.set.Train, b.source, false)
	b.feeds[len(b.feeds)-1].read = true
	y, _ = b.batch("target", b.set.Target.Train, b.scale, false)
	return x, y, nil
}

// Pairs are batches of samples x of the source domain and their partners y. When samples are drawn, x holds what is to be translated.
func (b *Builder) Pairs() (x, y *nn.Node, err error) {
	if err := b.twoDomains(); err != nil {
		return nil, nil, err
	}
	target := b.set.Target
	if !target.Paired || target.Train.Len() != b.set.Train.Len() {
		return nil, nil, fmt.Errorf("the domains of data set %s are not paired: choose a set whose are, such as branches or edges, or a model of unpaired translation, such as cyclegan", b.set.Info.ID)
	}
	x, f := b.batch("source", b.set.Train, b.source, false)
	y = b.graph.Input("target", append([]int{b.Batch}, b.Shape...)...)
	f.beside = &partners{target.Train, b.scale, nn.Data(y)}
	in := &b.feeds[len(b.feeds)-1]
	in.nodes, in.read = append(in.nodes, y), true
	return x, y, nil
}

// Labelled are batches of samples x of all domains of a set and their domains as one-hot rows. When samples are drawn, x holds what is to be translated.
func (b *Builder) Labelled() (x, domain *nn.Node, err error) {
	if b.Classes < 2 {
		return nil, nil, fmt.Errorf("data set %s has no labels that could be domains: choose one that has, such as ring-places or glyphs-styles", b.set.Info.ID)
	}
	x, _ = b.batch("real", b.set.Train, b.scale, true)
	in := &b.feeds[len(b.feeds)-1]
	in.read, b.source = true, b.scale
	return x, in.nodes[1], nil
}

func (b *Builder) twoDomains() error {
	if b.set.Target == nil {
		return fmt.Errorf("data set %s has one domain: a translation model needs two, see `assay list datasets`", b.set.Info.ID)
	}
	if to := b.set.Target.Train.Shape; !slices.Equal(b.Shape, to) {
		return fault.Of(datasets.ErrShape, "data set %s: samples of shape %v to translate to shape %v: the shapes must agree", b.set.Info.ID, b.Shape, to)
	}
	b.source, b.scale = newScaling(b.set.Train), newScaling(b.set.Target.Train)
	return nil
}
