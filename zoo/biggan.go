package zoo

import (
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// BigGAN is the projection GAN with what made it large [brock2019], at the sizes of this zoo: a generator whose batch norms are conditioned on the class and the latent
// vector [devries2017], spectral norm on both sides [miyato2018], self-attention on the feature maps one step above the innermost [zhang2019], orthogonal
// initial weights [saxe2014], an average of the generator's weights, and truncated latent vectors when samples are drawn.
//
//	D(x, y) = psi(f(x)) + <V y, f(x)>
//	D: min E max(0, 1 - D(x,y)) + E max(0, 1 + D(G(z,c),c))
//	G: min -E D(G(z,c),c)
//
// The networks are the strided convolutions of the other models, not the paper's residual blocks. Points have no attention. Truncation is asked for when sampling.
type BigGAN struct{}

var _ Model = BigGAN{}

// Info gives two discriminator updates and Adam(0, 0.999) as in the paper, and the paper's rate of the discriminator on images; its generator is as fast here, not four
// times slower, and the average's decay is 0.99, not 0.9999, since runs are a hundred times shorter and the start would not be forgotten.
func (BigGAN) Info() Info {
	settings := withRates(with(rivalry("2", normSpectral), map[string]string{"beta1": "0", "beta2": "0.999", "ema": "0.99"}), "1e-3", "4e-4")
	return searched(Info{ID: "biggan", Title: "BigGAN's ingredients", Paper: "brock2019", Family: Adversarial, Kinds: allKinds, Conditional: true,
		Objective: "D(x,y) = psi(f(x)) + <V y, f(x)>; D: E max(0, 1 - D(x,y)) + E max(0, 1 + D(G,c)); G: -E D(G,c)",
		Settings: join(settings, []Setting{
			lossChoice("hinge"),
			word("g_norm", normSpectral, "spectral norm of the generator's weights, or none", normNone, normSpectral),
			word("attention", "on", "self-attention in both networks (images only)", "off", "on"),
			integer("embedding", "16", "32", 1, 4096, "width of the class vector that the generator's batch norms share"),
		})})
}

// Build puts the pair together.
func (BigGAN) Build(b *Builder) error {
	p, err := b.labelledPairOf(b.conditioned)
	if err != nil {
		return err
	}
	judge := p.project(b.attentive(p.ds.Filled(nn.Orthogonal(1))))
	onReal, onFake := judge(p.x, p.y), judge(p.fake, p.c)
	dLoss, gLoss := rivals(b.Settings.Word("loss"), onReal, onFake)
	return p.play(duel{dLoss: dLoss, gLoss: gLoss, watch: answers(onReal, onFake)})
}

// attends says whether a network gets attention after the i-th halving from outside: where the map is twice the innermost, or the innermost if there is but one.
func (b *Builder) attends(i int) bool {
	return b.Settings.Word("attention") == "on" && i == max(1, b.Settings.Int("depth")-1)
}

// attentive is the critic with attention.
func (b *Builder) attentive(s *nn.Scope) critic {
	norm := b.Settings.Word("d_norm")
	if b.Kind == datasets.Points {
		return b.critic(s, b.channelsIn(), 1, norm)
	}
	h, w, halvings := b.coarse()
	var layers []nn.Layer
	c := b.channelsIn()
	for i := 1; i <= halvings; i++ {
		layers = append(layers, b.halving(s, i, c, norm)...)
		if c = b.channels(i); b.attends(i) {
			layers = append(layers, nn.SelfAttention(s.Sub("attention"), c, weightNorm(norm)...))
		}
	}
	width := h * w * c
	return critic{nn.Seq(append(layers, nn.Flatten)...), width, nn.Dense(s.Sub("fc"), width, 1, weightNorm(norm)...)}
}

// conditionedNet is a generator whose normalisations see the latent vector and the class.
type conditionedNet struct {
	latent int
	class  nn.Layer
	stages []stage
	out    nn.Layer
}

// stage is a linear layer and what follows it up to the next.
type stage struct {
	linear nn.Layer
	norm   *nn.ConditionalNorm
	after  nn.Layer
}

// Forward implements nn.Layer: rows of the latent vector and the class after it.
func (g conditionedNet) Forward(in *nn.Node, m nn.Mode) *nn.Node {
	z := nn.Slice(in, 1, 0, g.latent)
	condition := nn.Concat(1, z, g.class.Forward(nn.Slice(in, 1, g.latent, in.Shape()[1]), m))
	x := z
	for _, s := range g.stages {
		x = s.after.Forward(s.norm.Forward(s.linear.Forward(x, m), condition, m), m)
	}
	return g.out.Forward(x, m)
}

// conditioned is b.generator with conditional batch norms, spectral norm and attention.
func (b *Builder) conditioned(s *nn.Scope, in int) nn.Layer {
	s = s.Filled(nn.Orthogonal(1))
	opts := weightNorm(b.Settings.Word("g_norm"))
	plain := append([]nn.Option{nn.NoBias}, opts...)
	k, shared := b.Settings.Int("latent"), b.Settings.Int("embedding")
	g := conditionedNet{latent: k, class: nn.Dense(s.Sub("class"), in-k, shared, nn.NoBias)}
	norm := func(i, c int) *nn.ConditionalNorm {
		return nn.ConditionalBatchNorm(s.Sub(fmt.Sprintf("bn%d", i)), c, k+shared, opts...)
	}
	if b.Kind == datasets.Points {
		width, from := b.Settings.Int("width"), k
		for i := range b.Settings.Int("depth") {
			g.stages = append(g.stages, stage{nn.Dense(s.Sub(fmt.Sprintf("fc%d", i)), from, width, plain...), norm(i, width), nn.ReLU})
			from = width
		}
		g.out = nn.Dense(s.Sub("out"), from, b.Shape[0], opts...)
		return g
	}
	h, w, halvings := b.coarse()
	c := b.channels(halvings)
	linear := nn.Seq(nn.Dense(s.Sub("fc"), k, h*w*c, plain...), nn.To(h, w, c))
	for i := halvings; ; i-- {
		after := nn.Layer(nn.ReLU)
		if b.attends(i) {
			after = nn.Seq(nn.ReLU, nn.SelfAttention(s.Sub("attention"), c, opts...))
		}
		g.stages = append(g.stages, stage{linear, norm(halvings-i, c), after})
		if i == 1 {
			break
		}
		linear = nn.ConvTranspose(s.Sub(fmt.Sprintf("up%d", halvings-i+1)), c, b.channels(i-1), nn.K(4, 2, 1), plain...)
		c = b.channels(i - 1)
	}
	g.out = nn.ConvTranspose(s.Sub("out"), c, b.Shape[2], nn.K(4, 2, 1), opts...)
	return g
}
