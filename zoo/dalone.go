package zoo

import (
	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// DAlone generates with a discriminator and nothing else: a sample is where D is high, found by climbing from a random start, and the samples of one round are the
// negatives of the next, until data and samples cannot be told apart. It is contrastive learning of an energy -D [hinton2002]; a generator is the network that
// learns the climb by heart.
//
//	D: min -E log s(D(x)) - E log(1 - s(D(n))) + decay E (D(x)^2 + D(n)^2)
//	n <- climb(u), u uniform in the box [-3, 3]:  ascent steps of  v + rate grad D(v) + sqrt(2 rate temperature) e     after every update
//
// The first negatives are random. Data are scaled to mean square 1, so the box holds them. With positives alone (negatives = 0) D learns to say yes to everything.
type DAlone struct{}

var _ Model = DAlone{}

// Info gives a climb that crosses the box when D's slope is near 1.
func (DAlone) Info() Info {
	return searched(Info{ID: "d-alone", Title: "Discriminator alone, iterated negative sampling", Paper: "hinton2002", Family: Adversarial, Kinds: []datasets.Kind{datasets.Points},
		Objective: "D: -E log s(D(x)) - E log(1 - s(D(n))) + decay E (D(x)^2 + D(n)^2); n <- ascent of D from random starts",
		Settings: join(without(common("10000", ""), "steps"), []Setting{
			{Name: "steps", Default: "10000", Lo: 1, Hi: 1e9, Integer: true, Doc: "training length, in updates of the discriminator"},
			{Name: "ascent", Default: "30", Lo: 1, Hi: 1000, Integer: true, Doc: "steps of a climb"},
			number("rate", "0.1", 0, 100, "rate of a climb"),
			number("temperature", "0.02", 0, 100, "noise of a climb; 0 is plain ascent, whose samples are the maxima alone"),
			number("negatives", "1", 0, 1, "weight of the negatives; 0 trains on positives alone"),
			number("decay", "0.01", 0, 1e6, "weight of the squared answers, which keeps slopes finite"),
		}, adamAt("1e-3"))})
}

// Updates are those of a critic and nobody else.
func (DAlone) Updates(Settings) (dSteps, gSteps int, known bool) { return 1, 0, true }

// Build puts the discriminator and its climb together.
func (DAlone) Build(b *Builder) error {
	const box = 3
	x := b.Real()
	ds := b.Scope("d")
	d := b.critic(ds, b.channelsIn(), 1, normNone)
	negatives := b.Scope("negatives").State("batch", nn.Uniform(box), b.Batch, b.Shape[0])

	onData, onNegatives := d.Forward(x, nn.Train), d.Forward(negatives, nn.Train)
	loss := nn.Add(nn.BCELogits(onData, 1), nn.Scale(nn.BCELogits(onNegatives, 0), float32(b.Settings.Float("negatives"))))
	answers2 := nn.Add(nn.SquaredTo(onData, 0), nn.SquaredTo(onNegatives, 0))
	loss = nn.Add(loss, nn.Scale(answers2, float32(b.Settings.Float("decay"))))

	start := b.noise("start", uniform(-box, box), b.Shape[0])
	climbed := b.climb(d, start)
	err := b.Turn(Turn{Name: "d", Role: Critic, Loss: loss, Train: ds.Params(), With: b.Adam("lr"), Next: []Next{{negatives, climbed}}, Watch: probabilities(onData, onNegatives)})
	if err != nil {
		return err
	}
	b.Samples(climbed, ds.Params())
	return nil
}

// climb follows D uphill from v.
func (b *Builder) climb(d nn.Layer, v *nn.Node) *nn.Node {
	steps, dim := b.Settings.Int("ascent"), b.Shape[0]
	rate, t := b.Settings.Float("rate"), b.Settings.Float("temperature")
	jitter := b.Normal("jitter", steps*dim)
	for i := range steps {
		slope := nn.MustGrad(nn.Sum(d.Forward(v, nn.Train)), v)[0]
		v = nn.Add(v, nn.Scale(slope, float32(rate)))
		v = nn.Add(v, nn.Scale(nn.Slice(jitter, 1, i*dim, (i+1)*dim), float32(sqrt(2*rate*t))))
	}
	return v
}
