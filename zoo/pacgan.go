package zoo

import (
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/nn"
)

// PacGAN shows the discriminator m samples at once, all real or all generated, so that a lack of diversity can be seen [lin2018].
//
//	D: min -E log s(D(x_1..x_m)) - E log(1 - s(D(G(z_1)..G(z_m))))
//	G: min -E log s(D(G(z_1)..G(z_m)))
//
// Points are joined end to end, images along their channels. A batch holds batch samples, hence batch/m packs. With m = 1 it is the vanilla GAN.
type PacGAN struct{}

var _ Model = PacGAN{}

// Info gives packs of two on top of the non-saturating pair.
func (PacGAN) Info() Info {
	return searched(Info{ID: "pacgan", Title: "PacGAN", Paper: "lin2018", Family: Adversarial, Kinds: allKinds,
		Objective: "D: -E log s(D(x_1..x_m)) - E log(1 - s(D(G_1..G_m))); G: -E log s(D(G_1..G_m))",
		Settings: join(rivalry("1", normBatch), []Setting{
			integer("m", "2", "2", 1, 64, "samples in a pack; divides the batch"),
			word("nets", netsZoo, "networks: the zoo's, or the paper's for points, which width, depth and d_norm do not change", netsZoo, netsPaper),
		})})
}

// Build puts the pair together.
func (PacGAN) Build(b *Builder) error {
	m := b.Settings.Int("m")
	if b.Batch%m != 0 {
		return fault.Of(ErrSetting, "batch = %d is not a multiple of m = %d", b.Batch, m)
	}
	p, err := b.pair()
	if err != nil {
		return err
	}
	d := b.critic(p.ds, m*b.channelsIn(), 1, b.Settings.Word("d_norm"))
	onReal, onFake := d.Forward(pack(p.x, m), nn.Train), d.Forward(pack(p.fake, m), nn.Train)
	dLoss, gLoss := rivals("log", onReal, onFake)
	return p.play(duel{dLoss: dLoss, gLoss: gLoss, watch: probabilities(onReal, onFake)})
}

// pack joins sample i of each m-th of the batch along the last axis.
func pack(x *nn.Node, m int) *nn.Node {
	if m == 1 {
		return x
	}
	rows := x.Shape()[0] / m
	parts := make([]*nn.Node, m)
	for i := range parts {
		parts[i] = nn.Slice(x, 0, i*rows, (i+1)*rows)
	}
	return nn.Concat(len(x.Shape())-1, parts...)
}
