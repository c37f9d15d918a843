package zoo

import "github.com/assay-gan/assay/nn"

// Improved is the non-saturating pair with the tricks of [salimans2016] and instance noise [sonderby2017] as settings, so that each can be switched and measured.
//
//	D: min -t E log s(D(x)) - (1-t) E log(1 - s(D(x))) - E log(1 - s(D(G(z)))) + h sum |w - avg w|^2
//	G: min (1 - v) (-E log s(D(G(z)))) + v |E f(x) - E f(G(z))|^2 + h sum |w - avg w|^2
//
// smooth is t (one-sided label smoothing), features is v (feature matching), history is h (historical averaging: avg w is the mean over all steps so far). With
// minibatch = B > 0 the discriminator sees how close each sample is to the rest of its batch in B learned views; with noise > 0 it sees data and samples through
// normal noise, whose standard deviation falls to 0 over noise_steps. Two learning rates (TTUR) are lr_g and lr_d, as everywhere. batches says what a batch norm in the
// discriminator sees as one batch: data and samples apart, as in all other models; both together; or each beside a fixed batch of data, a cheap relative of virtual
// batch normalisation, which has that batch beside every single sample.
type Improved struct{}

var _ Model = Improved{}

// Info gives the paper's smoothing and leaves the other tricks off.
func (Improved) Info() Info {
	return searched(Info{ID: "gan-improved", Title: "Non-saturating GAN with tricks as settings", Paper: "salimans2016", Family: Adversarial, Kinds: allKinds,
		Objective: "D: -t E log s(D(x)) - (1-t) E log(1 - s(D(x))) - E log(1 - s(D(G))); G: (v-1) E log s(D(G)) + v |E f(x) - E f(G)|^2; both + h |w - avg w|^2",
		Settings: join(rivalry("1", normBatch), []Setting{
			number("smooth", "0.9", 0.5, 1, "target t of the data: one-sided label smoothing; 1 is none"),
			number("noise", "0", 0, 1e3, "standard deviation of the instance noise at the first step; 0 is none"),
			integer("noise_steps", "5000", "1000", 1, 1e9, "steps over which the instance noise falls to nothing"),
			number("features", "0", 0, 1, "weight v of feature matching in the generator's loss; 1 leaves nothing else"),
			{Name: "minibatch", Default: "0", Lo: 0, Hi: 1024, Integer: true, Doc: "views B of minibatch discrimination; 0 is none"},
			word("batches", "separate", "what a batch norm in the discriminator sees as one batch: data and samples apart, joined, or each with a fixed reference batch of data", "joint", "reference", "separate"),
			number("history", "0", 0, 1e6, "weight h of historical averaging; 0 is none"),
		})})
}

// Build puts the pair together.
func (Improved) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	d := p.critic()
	var u duel
	x, fake := p.x, p.fake
	if sd := float32(b.Settings.Float("noise")); sd > 0 {
		level := b.Scope("noise").State("level", nn.Const(sd), 1)
		blur := func(v *nn.Node, name string) *nn.Node {
			return nn.Add(v, nn.ScaleBy(b.perValue(name, normal), nn.Sum(level)))
		}
		x, fake = blur(x, "noise-real"), blur(fake, "noise-fake")
		u.gNext = append(u.gNext, Next{level, nn.ReLU(nn.AddConst(level, -sd/float32(b.Settings.Int("noise_steps"))))})
	}
	fReal, fFake := b.inBatches(d.features, x, fake)
	onReal, onFake := d.head.Forward(fReal, nn.Train), d.head.Forward(fFake, nn.Train)
	if views := b.Settings.Int("minibatch"); views > 0 {
		lonely := besideOthers(p.ds.Sub("minibatch"), d.width, views)
		onReal, onFake = nn.Add(onReal, lonely(fReal)), nn.Add(onFake, lonely(fFake))
	}
	u.watch = probabilities(onReal, onFake)
	u.dLoss = nn.Add(nn.BCELogits(onReal, float32(b.Settings.Float("smooth"))), nn.BCELogits(onFake, 0))
	u.gLoss = nn.BCELogits(onFake, 1)
	if v := float32(b.Settings.Float("features")); v > 0 {
		u.gLoss = nn.Add(nn.Scale(u.gLoss, 1-v), nn.Scale(featureGap(fReal, fFake), v))
	}
	if h := float32(b.Settings.Float("history")); h > 0 {
		u.dLoss, u.dNext = b.nearHistory("d", u.dLoss, u.dNext, h, p.ds.Params())
		u.gLoss, u.gNext = b.nearHistory("g", u.gLoss, u.gNext, h, p.gs.Params())
	}
	return p.play(u)
}

// inBatches gives the features of data and samples, with their batches joined as the setting says.
func (b *Builder) inBatches(features nn.Layer, x, fake *nn.Node) (fReal, fFake *nn.Node) {
	second := func(first, then *nn.Node) (_, _ *nn.Node) {
		f := features.Forward(nn.Concat(0, first, then), nn.Train)
		return nn.Slice(f, 0, 0, b.Batch), nn.Slice(f, 0, b.Batch, 2*b.Batch)
	}
	switch b.Settings.Word("batches") {
	case "joint":
		return second(x, fake)
	case "reference":
		fixed := b.reference()
		_, fReal = second(fixed, x)
		_, fFake = second(fixed, fake)
		return fReal, fFake
	}
	return features.Forward(x, nn.Train), features.Forward(fake, nn.Train)
}

// reference is a batch of data that never changes: the first samples of the training split, from the start again where there are too few.
func (b *Builder) reference() *nn.Node {
	n := b.Scope("reference").State("batch", nn.Zeros(), append([]int{b.Batch}, b.Shape...)...)
	if b.Measuring() {
		return n
	}
	width := len(nn.Data(n)) / b.Batch
	for i := range b.Batch {
		b.scale.apply(nn.Data(n)[i*width:(i+1)*width], b.set.Train.Row(i%b.set.Train.Len()))
	}
	return n
}

// featureGap is |E f(x) - E f(G)|^2.
func featureGap(real, fake *nn.Node) *nn.Node {
	d := nn.Scale(nn.ColSum(nn.Sub(real, fake)), 1/float32(real.Shape()[0]))
	return nn.Dot(d, d)
}

// depth of one view of minibatch discrimination.
const viewDepth = 5

// besideOthers is a linear function of the closeness o_b(i) = sum_j exp(-|M_b(i) - M_b(j)|_1) of each sample to its batch in each view b, M = T f(x); added to the
// head on the features it is one linear head on both.
func besideOthers(s *nn.Scope, width, views int) func(f *nn.Node) *nn.Node {
	view := nn.Dense(s.Sub("view"), width, views*viewDepth, nn.NoBias)
	out := nn.Dense(s.Sub("out"), views, 1, nn.NoBias)
	return func(f *nn.Node) *nn.Node { return out.Forward(closeness(view.Forward(f, nn.Train), views), nn.Train) }
}

// closeness takes M [N, views*depth] to [N, views].
func closeness(m *nn.Node, views int) *nn.Node {
	n, width := m.Shape()[0], m.Shape()[1]
	mine := nn.Reshape(nn.Tile2D(m, 1, n), n, n*width)
	others := nn.BroadcastRows(nn.Reshape(m, n*width), n, n*width)
	apart := nn.RowSum(nn.Reshape(nn.Abs(nn.Sub(mine, others)), n*n*views, width/views))
	near := nn.Reshape(nn.Exp(nn.Neg(apart)), n, n, 1, views)
	return nn.Scale(nn.GlobalAvgPool2D(near), float32(n))
}

// nearHistory adds the distance of the weights from their mean over the steps so far, and moves the mean. At the first step there is none.
func (b *Builder) nearHistory(name string, loss *nn.Node, next []Next, weight float32, params []*nn.Node) (*nn.Node, []Next) {
	s := b.Scope("history")
	count := s.State(name+"_steps", nn.Zeros(), 1)
	known := nn.Scale(nn.Sum(nn.Clamp(count, 0, 1)), weight)
	share := nn.Pow(nn.AddConst(nn.Sum(count), 1), -1)
	next = append(next, Next{count, nn.AddConst(count, 1)})
	for _, w := range params {
		mean := s.State(w.Name(), nn.Zeros(), w.Shape()...)
		off := nn.Sub(w, mean)
		loss = nn.Add(loss, nn.Mul(known, nn.Dot(off, off)))
		next = append(next, Next{mean, nn.Add(mean, nn.ScaleBy(nn.Detach(off), share))})
	}
	return loss, next
}
