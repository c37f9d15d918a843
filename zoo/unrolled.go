package zoo

import "github.com/assay-gan/assay/nn"

// Unrolled lets the generator look ahead: its loss is taken after k steps of gradient descent that the discriminator would make, and differentiated
// through them [metz2017].
//
//	D: min f(w) = -E log s(D(x)) - E log(1 - s(D(G(z))))
//	G: min -E log s(D(G(z))) at w_k,   w_(i+1) = w_i - eta grad f(w_i), w_0 = w
//
// The look-ahead uses plain gradient descent on the batch at hand; the real updates of D are the optimiser's.
type Unrolled struct{}

var _ Model = Unrolled{}

// Info gives k = 5 and ten times the optimiser's rate for the steps ahead: Adam moves a weight by about its rate whatever the gradient, and gradients here are
// near 0.1. There is no batch norm in the discriminator, whose running state would know nothing of w_k.
func (Unrolled) Info() Info {
	return searched(Info{ID: "unrolled", Title: "Unrolled GAN", Paper: "metz2017", Family: Adversarial, Kinds: allKinds,
		Objective: "D: f(w) = " + logD[3:] + "; G: -E log s(D(G)) at w_k, w_(i+1) = w_i - eta grad f(w_i)",
		Settings: join(without(adversarial("1"), "d_norm"), []Setting{
			integer("k", "5", "5", 0, 100, "steps of the discriminator that the generator looks ahead"),
			number("eta", "0.01", 0, 100, "rate of those steps"),
		})})
}

// Build puts the pair together.
func (Unrolled) Build(b *Builder) error {
	p, err := b.pair()
	if err != nil {
		return err
	}
	onReal, onFake := p.judge(b.critic(p.ds, b.channelsIn(), 1, normNone))
	dLoss, gLoss := rivals("log", onReal, onFake)
	watch := probabilities(onReal, onFake)
	w, ahead := p.ds.Params(), dLoss
	for range b.Settings.Int("k") {
		grads := nn.MustGrad(ahead, w...)
		next := make([]*nn.Node, len(w))
		for i := range w {
			next[i] = nn.Sub(w[i], nn.Scale(grads[i], float32(b.Settings.Float("eta"))))
		}
		w = next
		d := b.critic(p.ds.With(p.ds.Params(), w), b.channelsIn(), 1, normNone)
		onReal, onFake = p.judge(d)
		ahead, gLoss = rivals("log", onReal, onFake)
	}
	return p.play(duel{dLoss: dLoss, gLoss: gLoss, watch: watch})
}
