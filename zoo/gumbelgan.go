package zoo

import (
	"math"

	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// GumbelGAN is the contrast to SeqGAN: the same networks and phases, but the generator's tokens are soft, so that the discriminator's gradient goes through them
// [kusner2016]. With Gumbel noise e and a temperature that falls, soft tokens become draws [jang2017]:
//
//	y_t = softmax((o_t + e_t) / tau),   the next place hears sum_k y_tk embedding_k
//	D: min -E log D(x) - E log(1 - D(y));   G: min -E log D(y)
//
// A discriminator that reads soft words beside whole ones can tell the two kinds apart; straight-through words close that door at the price of a biased gradient.
// The temperature is kept as its inverse, which grows by the same factor in every step until it is 1 / tau_end.
type GumbelGAN struct{}

var _ Model = GumbelGAN{}

// Info gives the phases of SeqGAN and the annealing.
func (GumbelGAN) Info() Info {
	return searched(Info{ID: "gumbel-gan", Title: "Sequence GAN by Gumbel-softmax relaxation", Paper: "kusner2016", Family: Adversarial, Kinds: sequencesOnly,
		Objective: "first G: -E log p(x); then D: -E log D(x) - E log(1 - D(y)), G: -E log D(y), y_t = softmax((o_t + Gumbel) / tau)",
		Settings: join(arguing(), phases(), []Setting{
			number("tau", "1", 0.01, 100, "temperature of the soft tokens at first"),
			number("tau_end", "0.2", 0.01, 100, "temperature that it falls to"),
			{Name: "tau_steps", Default: "500", Lo: 1, Hi: 1e9, Integer: true, Doc: "generator updates against the discriminator in which the temperature falls"},
			word("words", "soft", "what the discriminator reads: soft words, or the likeliest of each while the gradient is the soft one's (straight-through [jang2017])", "soft", "straight-through"),
		})})
}

// gumbel draws standard Gumbel numbers: -log(-log u).
func gumbel(dst []float32, from *rng.Source) {
	for i := range dst {
		dst[i] = float32(-math.Log(-math.Log(max(from.Float64(), 1e-300))))
	}
}

// Updates are unknown: what a step does depends on the phase of training.
func (GumbelGAN) Updates(Settings) (dSteps, gSteps int, known bool) { return 0, 0, false }

// Build puts the pair together.
func (GumbelGAN) Build(b *Builder) error {
	p, err := b.debate()
	if err != nil {
		return err
	}
	if err := p.imitate(); err != nil {
		return err
	}
	first, last := 1/b.Settings.Float("tau"), 1/b.Settings.Float("tau_end")
	inverse := b.Scope("temperature").State("inverse", nn.Const(float32(first)), 1)
	growth := math.Pow(last/first, 1/b.Settings.Float("tau_steps"))
	soft := p.g.softly(nn.Sum(inverse))
	if b.Settings.Word("words") == "straight-through" {
		soft = nn.Add(soft, nn.Detach(nn.Sub(nn.OneHot(nn.Argmax(soft), p.g.vocab), soft)))
	}
	onFake := p.d.mixtures(soft, b.Batch, nn.Train)
	next := nn.Clamp(nn.Scale(inverse, float32(growth)), float32(min(first, last)), float32(max(first, last)))
	if err := p.dispute(nn.BCELogits(onFake, 1), onFake, Next{inverse, next}); err != nil {
		return err
	}
	return p.speak()
}

// softly is a batch of soft sentences: distributions over the tokens, {T*Batch, vocabulary} ordered by place.
func (m *speaker) softly(inverse *nn.Node) *nn.Node {
	return m.softlyFrom(m.b.noise("gumbel", gumbel, m.length*m.vocab), m.silence("silence h g"), m.silence("silence c g"), inverse)
}

// softlyFrom is softly with given noise {Batch, T*vocabulary} and first state.
func (m *speaker) softlyFrom(noise, h, c, inverse *nn.Node) *nn.Node {
	n := m.b.Batch
	heard := nn.Slice(m.table, 0, m.vocab, m.vocab+1) // the start
	x := nn.BroadcastRows(nn.Reshape(heard, m.width), n, m.width)
	words := nn.Slice(m.table, 0, 0, m.vocab)
	said := make([]*nn.Node, m.length)
	for t := range said {
		h, c = m.cell.Step(m.cell.Gates(x), h, c)
		o := nn.Add(m.out.Forward(h, nn.Train), nn.Slice(noise, 1, t*m.vocab, (t+1)*m.vocab))
		said[t] = nn.Softmax(nn.ScaleBy(o, inverse))
		x = nn.MatMul(said[t], words, false, false)
	}
	return nn.Concat(0, said...)
}
