package zoo

import "github.com/assay-gan/assay/nn"

// SeqGAN is an adversarial pair for sequences of tokens [yu2017]. A draw of a token has no derivative, so the generator is a policy: every token is an action, its
// value is how real the discriminator finds the sentences that go on from it, and the gradient is that of the expected value (REINFORCE).
//
//	first  G: min -E log p(x)                                       (maximum likelihood, until held-out sentences gain no more)
//	then   D: min -E log D(x) - E log(1 - D(G))
//	       G: min -E sum_t Q(t) log p(x_t | x_1 ... x_{t-1}),  x spoken by G,  Q(t) = mean of D over continuations of x_1 ... x_t
//
// NLL_oracle, the paper's measure, can also be lowered by saying less: read it beside self_bleu and distinct.
type SeqGAN struct{}

var _ Model = SeqGAN{}

// Info gives the phases.
func (SeqGAN) Info() Info {
	return searched(Info{ID: "seqgan", Title: "Sequence GAN by policy gradient", Paper: "yu2017", Family: Adversarial, Kinds: sequencesOnly,
		Objective: "first G: -E log p(x); then D: -E log D(x) - E log(1 - D(G)), G: -E sum_t Q(t) log p(x_t | x_1 .. x_t-1), Q from continuations judged by D",
		Settings: join(arguing(), phases(), []Setting{
			{Name: "rollouts", Default: "4", Lo: 1, Hi: 1024, Integer: true, Doc: "continuations per token that its value is the mean of"},
			word("baseline", "mean", "what is taken off a token's value: the batch's mean at its place, or nothing as in the paper", "mean", "none"),
		})})
}

// arguing are the settings of a speaker with an opponent.
func arguing() []Setting {
	return join(with(speaking("5000", "2e-3"), map[string]string{"batch": "128"}), []Setting{
		number("ema", "0", 0, 0.99999, "decay of the average of the generator's weights that samples are drawn with; 0 draws with the weights themselves"),
	})
}

// phases are the settings of adversarial models of sequences, which begin with maximum likelihood.
func phases() []Setting {
	return []Setting{
		{Name: "pretrain", Default: "4000", Lo: 0, Hi: 1e9, Integer: true, Doc: "steps of maximum likelihood before anything else, part of steps"},
		{Name: "d_pretrain", Default: "300", Lo: 0, Hi: 1e9, Integer: true, Doc: "steps of the discriminator alone after that, part of steps"},
		number("lr_g", "5e-4", 0, 10, "generator's learning rate against the discriminator"),
		number("lr_d", "2e-3", 0, 10, "discriminator's learning rate"),
		{Name: "d_steps", Default: "2", Lo: 1, Hi: 1000, Integer: true, Doc: "discriminator updates after each generator update"},
	}
}

// debate is a generator and a discriminator of sentences, with the batch of real ones.
type debate struct {
	b      *Builder
	gs, ds *nn.Scope
	g      *speaker
	d      *reader
	real   *nn.Node // {Batch, T}
}

func (b *Builder) debate() (*debate, error) {
	p := &debate{b: b, gs: b.Scope("g"), ds: b.Scope("d")}
	var err error
	if p.g, err = b.speaker(p.gs, 0); err != nil {
		return nil, err
	}
	p.d, p.real = b.reader(p.ds, p.g.vocab), b.Real()
	return p, nil
}

// imitate adds the first turn: maximum likelihood.
func (p *debate) imitate() error {
	column := byPlace(p.real)
	logP := p.g.logP(column, p.g.before(column), p.g.silence("silence h"), p.g.silence("silence c"), nil)
	return p.b.Turn(Turn{Name: "mle", Role: Generator, Loss: nn.Scale(nn.Sum(logP), -1/float32(p.b.Batch)), Train: p.gs.Params(), With: p.b.Adam("lr"), When: p.learning})
}

// The phases by the steps before: learning, D alone, both.
func (p *debate) learning(step int) bool { return step < p.b.Settings.Int("pretrain") }
func (p *debate) judging(step int) bool  { return !p.learning(step) }
func (p *debate) disputing(step int) bool {
	return step >= p.b.Settings.Int("pretrain")+p.b.Settings.Int("d_pretrain")
}

// dispute adds the turns of the two sides, given the generator's loss and the answers on its sentences.
func (p *debate) dispute(gLoss, onFake *nn.Node, next ...Next) error {
	b := p.b
	err := b.Turn(Turn{Name: "g", Role: Generator, Loss: gLoss, Train: p.gs.Params(), With: b.Adam("lr_g"), Next: next, When: p.disputing})
	if err != nil {
		return err
	}
	onReal := p.d.tokens(p.real, nn.Train)
	loss := nn.Add(nn.BCELogits(onReal, 1), nn.BCELogits(onFake, 0))
	return b.Turn(Turn{Name: "d", Role: Critic, Repeat: b.Settings.Int("d_steps"), Loss: loss, Train: p.ds.Params(), With: b.Adam("lr_d"), Watch: probabilities(onReal, onFake), When: p.judging})
}

// speak hands in the sampler and the likelihood.
func (p *debate) speak() error {
	voice, err := p.g.speech("sample", p.b.Batch, p.b.Settings.Float("temperature"))
	if err != nil {
		return err
	}
	p.b.Drawn(voice, p.gs.Params())
	return p.g.weigh(p.real)
}

// Updates are unknown: what a step does depends on the phase of training.
func (SeqGAN) Updates(Settings) (dSteps, gSteps int, known bool) { return 0, 0, false }

// Build puts the pair together.
func (SeqGAN) Build(b *Builder) error {
	p, err := b.debate()
	if err != nil {
		return err
	}
	if err := p.imitate(); err != nil {
		return err
	}
	spoken, value, err := b.rollouts(p.g, p.d, b.Settings.Int("rollouts"), b.Settings.Word("baseline") == "mean")
	if err != nil {
		return err
	}
	column := byPlace(spoken)
	logP := p.g.logP(column, p.g.before(column), p.g.silence("silence h g"), p.g.silence("silence c g"), nil)
	heard, err := b.spoken(p.g)
	if err != nil {
		return err
	}
	gain := nn.Scale(nn.Dot(logP, value), 1/float32(b.Batch))
	if err := p.dispute(nn.Neg(gain), p.d.tokens(heard, nn.Train)); err != nil {
		return err
	}
	return p.speak()
}
