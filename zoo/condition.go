package zoo

import (
	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// condition is what a conditional model is told beside sample and latent vector: the class, as one-hot rows, or the sample of the source domain that a sample belongs
// to.
type condition struct {
	of    *nn.Node // of the batch of data
	wrong *nn.Node // such as belongs to other data
	asked *nn.Node // what samples are asked for
}

// condition gives a batch of data with its conditions: classes, or the partners in a paired set. A mismatched partner is the next pair's.
func (b *Builder) condition(paired bool) (x *nn.Node, c condition, err error) {
	if err := b.checkShape(); err != nil {
		return nil, c, err
	}
	if !paired {
		if x, c.of, c.wrong, err = b.RealLabelled(); err != nil {
			return nil, condition{}, err
		}
		c.asked = b.AskedClass()
		return x, c, nil
	}
	source, x, err := b.Pairs()
	if err != nil {
		return nil, c, err
	}
	next := nn.Concat(0, nn.Slice(source, 0, 1, b.Batch), nn.Slice(source, 0, 0, 1))
	return x, condition{of: source, wrong: next, asked: source}, nil
}

// rows says whether the condition is one row of numbers a sample, rather than an image.
func (c condition) rows() bool { return len(c.of.Shape()) == 2 }

// width is the last axis of the condition: numbers of a row, channels of an image.
func (c condition) width() int { s := c.of.Shape(); return s[len(s)-1] }

// beside joins a batch of samples with their conditions for a network that sees both, and gives the width of the last axis: more coordinates of a point, more
// channels of an image, where a row becomes one learned map.
func (b *Builder) beside(s *nn.Scope, c condition) (join func(x, condition *nn.Node) *nn.Node, width int) {
	switch {
	case b.Kind == datasets.Points:
		return func(x, condition *nn.Node) *nn.Node { return nn.Concat(1, x, condition) }, b.Shape[0] + c.width()
	case !c.rows():
		return func(x, condition *nn.Node) *nn.Node { return nn.Concat(3, x, condition) }, b.Shape[2] + c.width()
	}
	h, w := b.Shape[0], b.Shape[1]
	plane := nn.Seq(nn.Dense(s.Sub("class"), c.width(), h*w, nn.NoBias), nn.To(h, w, 1))
	return func(x, condition *nn.Node) *nn.Node { return nn.Concat(3, x, plane.Forward(condition, nn.Train)) }, b.Shape[2] + 1
}

// conditionalCritic judges samples beside their conditions: out numbers each.
func (b *Builder) conditionalCritic(s *nn.Scope, c condition, out int, norm string) func(x, condition *nn.Node) *nn.Node {
	join, width := b.beside(s, c)
	d := b.critic(s, width, out, norm)
	return func(x, condition *nn.Node) *nn.Node { return d.Forward(join(x, condition), nn.Train) }
}

// conditionalGenerator maps latent vectors and conditions to samples, before their tanh: a generator that reads both as one row, or, where the condition is
// an image, a translator of it with the latent vector beside.
func (b *Builder) conditionalGenerator(s *nn.Scope, c condition) func(z, condition *nn.Node, m nn.Mode) *nn.Node {
	latent := b.Settings.Int("latent")
	if !c.rows() {
		net := b.translator(s, latent, true)
		return func(z, condition *nn.Node, m nn.Mode) *nn.Node { return net(condition, z, m) }
	}
	net := b.generator(s, latent+c.width())
	return func(z, condition *nn.Node, m nn.Mode) *nn.Node { return net.Forward(nn.Concat(1, z, condition), m) }
}

// paired makes the claims of a conditional model those of one that is told a source sample instead of a class.
func (info Info) paired() Info {
	info.ID += "-pairs"
	info.Title += ", told a source sample instead of a class"
	info.Family, info.Conditional, info.Paired = Translation, false, true
	return info
}
