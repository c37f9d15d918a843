package zoo

import (
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// What models share that carry noise to data by small steps: a network that is told a time, and the settings of its training.

// timed is a network from samples and their times in [0, 1] to as many values.
type timed func(x, t *nn.Node) *nn.Node

// timed puts the network together: on points a perceptron that reads point and time [tong2024], on images a U-Net [ho2020].
func (b *Builder) timed(s *nn.Scope) (timed, error) {
	if err := b.checkShape(); err != nil {
		return nil, err
	}
	if b.Kind == datasets.Images {
		width := b.Settings.Int("width")
		u := nn.NewUNet(s, nn.UNetConfig{
			In: b.channelsIn(), Out: b.channelsIn(), Width: width, Halvings: b.Settings.Int("depth"),
			Blocks: 1, Time: 4 * width, Attention: b.Settings.Word("attention") == "coarse",
		})
		return func(x, t *nn.Node) *nn.Node { return u.Forward(x, t, nn.Train) }, nil
	}
	waves := 2 * b.Settings.Int("waves")
	net := b.mlp(s, b.Shape[0]+1+waves, b.Shape[0], nn.SiLU)
	return func(x, t *nn.Node) *nn.Node {
		in := []*nn.Node{x, nn.Reshape(t, b.Batch, 1)}
		if waves > 0 { // the longest wave is the whole way, the next ones half of it and so on
			in = append(in, nn.Sinusoid(nn.Scale(t, float32(math.Pi*math.Pow(2, float64(waves/2-1)))), waves, math.Pow(2, float64(waves/2))))
		}
		return net.Forward(nn.Concat(1, in...), nn.Train)
	}, nil
}

// timedSettings are those of training and networks; depth is that of the perceptron. The average of the weights is on by default: what a field is off by adds up along the way.
func timedSettings(depth string) []Setting {
	average := with(without(latent("1", "1"), "latent"), map[string]string{"ema": "0.999", "ema_warm": "on"})
	return join([]Setting{
		integer("steps", "20000", "2000", 1, 1e9, "training length, in updates"),
		integer("batch", "256", "64", 2, 65536, "samples per update"),
		integer("width", "64", "16", 1, 8192, "units of a hidden layer (points); channels of the finest resolution of the U-Net (images)"),
		integer("depth", depth, "2", 1, 16, "hidden layers (points); halvings of the image side (images)"),
		integer("waves", "8", "8", 0, 30, "frequencies that points are told the time in, beside the number itself; images are told as the U-Net is"),
		word("attention", "none", "self-attention of the U-Net at its coarsest resolution", "none", "coarse"),
		rate("lr", "3e-3", "1e-3", "learning rate"),
		number("lr_hold", "1000", 1, 1e9, "steps at the full learning rate, which then falls as one over the root of the step"),
	}, average, without(adamAt("1e-3"), "lr"))
}

// published sets what a paper trains with: the preset of that name.
func published(settings []Setting, points, images map[string]string) []Setting {
	for i := range settings {
		s := &settings[i]
		for kind, values := range map[datasets.Kind]map[string]string{datasets.Points: points, datasets.Images: images} {
			if v, ok := values[s.Name]; ok {
				if s.Paper == nil {
					s.Paper = map[datasets.Kind]string{}
				}
				s.Paper[kind] = v
			}
		}
	}
	return settings
}

// field adds the turn of a field: one network, one loss, the learning rate as the settings say. The rate depends on the step alone and not on the length of training, so that
// a run can be trained on.
func (b *Builder) field(name string, loss *nn.Node, s *nn.Scope) error {
	hold := b.Settings.Float("lr_hold")
	return b.Turn(Turn{Name: name, Role: Generator, Loss: loss, Train: s.Params(), With: b.Adam("lr"),
		Rate: func(step int) float64 { return math.Sqrt(hold / math.Max(hold, float64(step))) }})
}

// perSample is one random number a sample from a distribution of its own: {Batch}.
func (b *Builder) perSample(name string, draw drawFunc) *nn.Node {
	return nn.Reshape(b.noise(name, draw, 1), b.Batch)
}

// moment is an input of times, one a sample, that a solver fills.
func (b *Builder) moment(name string) *nn.Node { return b.graph.Input(name, b.Batch) }

// canvas is an input of samples that a solver fills.
func (b *Builder) canvas(name string) *nn.Node {
	return b.graph.Input(name, append([]int{b.Batch}, b.Shape...)...)
}

// keep writes a finished sample: images within their range.
func (b *Builder) keep(row []float32, state []float64) {
	for i := range row {
		v := float32(state[i])
		if b.Kind == datasets.Images {
			v = min(1, max(-1, v))
		}
		row[i] = v
	}
}
