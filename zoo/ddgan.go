package zoo

import (
	"context"
	"maps"
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// DDGAN takes noise out of samples in a few large steps, where what was there before a step is no normal distribution any more: a generator guesses the data from noised
// samples and a latent vector, and a discriminator judges the step that the guess makes [xiao2022].
//
//	x_(t-1) = sqrt(a_(t-1)) x + sqrt(1 - a_(t-1)) e,   x_t = sqrt(a_t / a_(t-1)) x_(t-1) + sqrt(1 - a_t / a_(t-1)) e'
//	G_(t-1) ~ q(x_(t-1) | x_t, x = G(x_t, z, t))
//	D: min -E log s(D(x_(t-1), x_t, t)) - E log(1 - s(D(G_(t-1), x_t, t))) + gamma/2 E |grad D(x_(t-1), x_t, t)|^2
//	G: min -E log s(D(G_(t-1), x_t, t))
//
// t is uniform on the steps; the gradient is that by the first argument. Drawing makes a step for each of the schedule's, from noise.
type DDGAN struct{}

var _ Model = DDGAN{}

// Info gives four steps and no normalisation in the discriminator. The paper's penalty is taken every fifteenth update with a weight of 0.02; here it is taken in all. Points want a
// deep generator, of small batches many, more than a wide one.
func (DDGAN) Info() Info {
	images := map[string]string{"lr_g": "1.6e-4", "lr_d": "1.25e-4", "ema": "0.9999"}
	points := maps.Clone(images)
	maps.Copy(points, map[string]string{"steps": "10000", "batch": "256", "width": "128", "depth": "3", "gamma": "0.02"})
	settings := join(with(rivalry("1", normNone), map[string]string{"beta2": "0.9", "ema_warm": "on"}), []Setting{
		weightOf("gamma", "0.01", "0.02", "weight of the penalty"),
		{Name: "timesteps", Default: "4", Lo: 1, Hi: 1000, Integer: true, Doc: "steps of the schedule, and function evaluations a sample"},
		word("attention", "none", "self-attention of the U-Net at its coarsest resolution", "none", "coarse"),
	})
	own := map[string]map[datasets.Kind]string{"steps": byKind("20000", "2000"), "batch": byKind("64", "32"), "width": byKind("64", "16"), "depth": byKind("4", "2"),
		"lr_g": byKind("5e-4", "2e-4"), "lr_d": byKind("1e-3", "2e-4"), "ema": byKind("0.99", "0.999")}
	for i, s := range settings {
		if v, ok := own[s.Name]; ok {
			settings[i].ByKind = v
		}
		if s.Name == "width" {
			settings[i].Doc = "units of a hidden layer (points); channels of the finest resolution of the U-Net and of the finest convolution (images)"
		}
	}
	return Info{ID: "ddgan", Title: "Denoising diffusion GAN", Paper: "xiao2022", Family: Adversarial, Kinds: allKinds,
		Objective: "D: -E log s(D(x_(t-1), x_t, t)) - E log(1 - s(D(G_(t-1), x_t, t))) + gamma/2 E |grad D|^2; G: -E log s(D(G_(t-1), x_t, t)), G_(t-1) ~ q(x_(t-1) | x_t, G(x_t, z, t))",
		Settings:  published(settings, points, images)}
}

// Build puts the pair together.
func (DDGAN) Build(b *Builder) error {
	if err := b.checkShape(); err != nil {
		return err
	}
	p := &denoisingPair{b: b, gs: b.Scope("g"), jumps: jumpsOf(b.Settings.Int("timesteps"))}
	ds := b.Scope("d")
	guess := p.generator()
	judge := b.jointCritic(ds, 2*b.channelsIn(), len(p.jumps), b.Settings.Word("d_norm"))

	step := b.perSample("step", func(dst []float32, from *rng.Source) {
		for i := range dst {
			dst[i] = float32(from.IntN(len(p.jumps)))
		}
	})
	share := nn.Gather(p.table(), step)
	mix := func(x, y *nn.Node, i int) *nn.Node { // of the columns i and i+1
		column := func(i int) *nn.Node { return nn.Reshape(nn.Slice(share, 1, i, i+1), b.Batch) }
		return nn.Add(nn.MulRows(x, column(i)), nn.MulRows(y, column(i+1)))
	}
	before := mix(b.Real(), b.perValue("noise", normal), 0)
	after := nn.Detach(mix(before, b.perValue("more noise", normal), 2)) // the penalty is on what the first argument alone changes
	middle := mix(guess(after, b.Latent(), step), after, 4)
	last := nn.Reshape(nn.Slice(share, 1, 6, 7), b.Batch)
	fake := nn.Add(middle, nn.MulRows(b.perValue("noise of the way back", normal), last))

	at, axis := nn.OneHot(step, len(p.jumps)), len(b.Shape)
	onReal, onFake := judge(nn.Concat(axis, before, after), at), judge(nn.Concat(axis, fake, after), at)
	dLoss, gLoss := rivals("log", onReal, onFake)
	slope := nn.Mean(slopes(onReal, before))
	watch := probabilities(onReal, onFake)
	watch["squared slope"] = slope
	dLoss = nn.Add(dLoss, nn.Scale(slope, float32(b.Settings.Float("gamma")/2)))
	if err := b.duel(duel{d: ds, g: p.gs, dLoss: dLoss, gLoss: gLoss, watch: watch}); err != nil {
		return err
	}
	return p.drawn(guess)
}

// denoisingPair draws samples: x_t goes in, the guess of the data comes out.
type denoisingPair struct {
	b       *Builder
	gs      *nn.Scope
	jumps   []jump
	x, z, t *nn.Node
	clean   *nn.Node
	prog    *nn.Program
}

// generator guesses the data: a perceptron that reads point, latent vector and the step as a unit vector, or a U-Net that is told both.
func (p *denoisingPair) generator() func(x, z, step *nn.Node) *nn.Node {
	b, s := p.b, p.gs
	if b.Kind == datasets.Points {
		net := b.mlp(s, b.Shape[0]+b.Settings.Int("latent")+len(p.jumps), b.Shape[0], nn.SiLU)
		return func(x, z, step *nn.Node) *nn.Node {
			return net.Forward(nn.Concat(1, x, z, nn.OneHot(step, len(p.jumps))), nn.Train)
		}
	}
	width := b.Settings.Int("width")
	u := nn.NewUNet(s, nn.UNetConfig{
		In: b.channelsIn(), Out: b.channelsIn(), Width: width, Halvings: b.Settings.Int("depth"), Blocks: 1, Time: 4 * width,
		Attention: b.Settings.Word("attention") == "coarse", Beside: b.Settings.Int("latent"),
	})
	return func(x, z, step *nn.Node) *nn.Node {
		return b.squash(u.ForwardBeside(x, nn.Scale(step, 1/float32(len(p.jumps))), z, nn.Train))
	}
}

// jump is one step of the schedule: shares of data and noise before it, shares of what was there before and of noise in it, and the mean and deviation of
// q(x_(t-1) | x_t, x) by shares of x and x_t.
type jump struct{ data, noise, keep, add, clean, noisy, deviation float64 }

// Constants of the authors' schedule: the rates of the variance-preserving equation at both ends, and the time that the first step begins at.
const (
	jumpFirst, jumpLast = 0.1, 20
	jumpStart           = 1e-3
)

// jumpsOf are the steps of the schedule, from the data on.
func jumpsOf(steps int) []jump {
	left := func(i int) float64 { // what is left of the data's variance at a time in [0, 1]
		t := float64(i)/float64(steps)*(1-jumpStart) + jumpStart
		return math.Exp(-0.5*t*t*(jumpLast-jumpFirst) - t*jumpFirst)
	}
	all := make([]jump, steps)
	for i := range all {
		before, after := left(i)/left(0), left(i+1)/left(0)
		ratio := after / before
		all[i] = jump{data: math.Sqrt(before), noise: math.Sqrt(1 - before), keep: math.Sqrt(ratio), add: math.Sqrt(1 - ratio),
			clean: math.Sqrt(before) * (1 - ratio) / (1 - after), noisy: math.Sqrt(ratio) * (1 - before) / (1 - after),
			deviation: math.Sqrt((1 - before) * (1 - ratio) / (1 - after))}
	}
	return all
}

// table are the shares of every step, a row each.
func (p *denoisingPair) table() *nn.Node {
	n := p.b.graph.Input("schedule", len(p.jumps), 7)
	if p.b.Measuring() {
		return n
	}
	for i, j := range p.jumps {
		for k, v := range []float64{j.data, j.noise, j.keep, j.add, j.clean, j.noisy, j.deviation} {
			nn.Data(n)[7*i+k] = float32(v)
		}
	}
	return n
}

// drawn hands in the drawer.
func (p *denoisingPair) drawn(guess func(x, z, step *nn.Node) *nn.Node) (err error) {
	p.x, p.t, p.z = p.b.canvas("state"), p.b.moment("at"), p.b.graph.Input("latent of the state", p.b.Batch, p.b.Settings.Int("latent"))
	p.clean = guess(p.x, p.z, p.t)
	if p.prog, err = nn.Compile(p.clean); err == nil {
		p.b.Drawn(p, p.gs.Params())
	}
	return err
}

// Draw implements Drawer.
func (p *denoisingPair) Draw(ctx context.Context, d Draft) error {
	y := normals(d.Random, (&datasets.Samples{Shape: p.b.Shape}).Dim(), 1)
	for i := len(p.jumps) - 1; i >= 0; i-- {
		if err := ctx.Err(); err != nil {
			return err
		}
		fillRows(p.x, p.b.Batch, y)
		for r := range y {
			normal(rowOfBatch(p.z, r, p.b.Batch), d.Random[r])
			nn.Data(p.t)[r] = float32(i)
			d.Evaluations[r]++
		}
		if err := p.prog.Run(); err != nil {
			return err
		}
		for r := range y {
			p.jumps[i].back(y[r], rowOf(p.prog.Get(p.clean), r, len(y[r])), d.Random[r])
		}
	}
	for r, row := range d.Rows {
		p.b.keep(row, y[r])
	}
	return nil
}

// back makes one step from x_t, given the guess of the data.
func (j jump) back(y []float64, clean []float32, r *rng.Source) {
	for k := range y {
		y[k] = j.clean*float64(clean[k]) + j.noisy*y[k]
		if j.deviation > 0 { // the last step ends at the guess
			y[k] += j.deviation * r.Normal()
		}
	}
}
