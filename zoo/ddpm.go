package zoo

import (
	"context"
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// DDPM learns the noise in samples that were noised by so many steps, and takes it out again step by step [ho2020].
//
//	min E |e(x_t, t) - e|^2 / values,   x_t = sqrt(a_t) x + sqrt(1 - a_t) e,   e ~ N(0, I), t uniform on the steps
//
// a_t falls from nearly 1 to nearly 0 by the schedule: linear in the variance that a step adds [ho2020], or by a cosine [nichol2021].
//
// Drawing takes as many steps as it is asked for, evenly spaced in the schedule; from step t to the earlier one s,
//
//	x_s = sqrt(a_s) x0 + sqrt(1 - a_s - v) e(x_t, t) + sqrt(v) z,   x0 = (x_t - sqrt(1 - a_t) e(x_t, t)) / sqrt(a_t)
//
// v is the posterior's variance with sampler = ancestral, and 0 with sampler = ddim, whose samples are a function of the first noise alone [song2021ddim].
type DDPM struct{}

var _ Model = DDPM{}

// Info gives a thousand steps in training, as in the paper, and a hundred in drawing; the preset paper draws with all.
func (DDPM) Info() Info {
	drawing := func(s Setting) Setting { s.Drawing = true; return s }
	paper := map[string]string{"lr": "2e-4", "lr_hold": "1e9", "ema": "0.9999", "nfe": "1000"}
	settings := join(timedSettings("3"), []Setting{
		{Name: "timesteps", Default: "1000", Lo: 1, Hi: 100000, Integer: true, Doc: "steps of the schedule"},
		word("schedule", "linear", "how the data fade: variance linear in the step, or a cosine", "linear", "cosine"),
		drawing(word("sampler", "ancestral", "how a sample is drawn: with fresh noise at every step, or from the first noise alone", "ancestral", "ddim")),
		drawing(Setting{Name: "nfe", Default: "100", Lo: 1, Hi: 100000, Integer: true, Doc: "function evaluations a sample: steps of drawing, at most those of the schedule"}),
	})
	return Info{ID: "ddpm", Title: "Denoising diffusion, noise prediction", Paper: "ho2020", Family: Diffusion, Kinds: allKinds,
		Objective: "E |e(x_t, t) - e|^2 / values, x_t = sqrt(a_t) x + sqrt(1 - a_t) e",
		Settings:  published(settings, paper, paper)}
}

// Build puts the network together.
func (DDPM) Build(b *Builder) error {
	s := b.Scope("net")
	net, err := b.timed(s)
	if err != nil {
		return err
	}
	p := &diffusion{b: b, kept: schedule(b.Settings.Word("schedule"), b.Settings.Int("timesteps"))}
	if err := p.check(); err != nil {
		return err
	}
	steps := len(p.kept)
	x, e := b.Real(), b.perValue("noise", normal)
	step := b.perSample("step", func(dst []float32, from *rng.Source) {
		for i := range dst {
			dst[i] = float32(from.IntN(steps))
		}
	})
	share := nn.Gather(p.table(), step)
	column := func(i int) *nn.Node { return nn.Reshape(nn.Slice(share, 1, i, i+1), b.Batch) }
	noised := nn.Add(nn.MulRows(x, column(0)), nn.MulRows(e, column(1)))
	loss := nn.Mean(nn.Square(nn.Sub(net(noised, nn.Scale(step, 1/float32(steps))), e)))
	if err := b.field("noise", loss, s); err != nil {
		return err
	}
	p.x, p.t = b.canvas("state"), b.moment("at")
	p.e = net(p.x, p.t)
	if p.prog, err = nn.Compile(p.e); err != nil {
		return err
	}
	b.Drawn(p, s.Params())
	return nil
}

// Constants of the schedules: the variances of the first and the last of a thousand steps, the cosine's offset, and the most a step may add.
const (
	linearFirst, linearLast = 1e-4, 0.02
	cosineOffset            = 0.008
	mostVariance            = 0.999
)

// schedule gives a_t, the share of the data's variance that is left after each step.
func schedule(name string, steps int) []float64 {
	kept, left := make([]float64, steps), 1.0
	for t := range kept {
		added := 0.0
		if name == "cosine" {
			f := func(t float64) float64 {
				return math.Pow(math.Cos((t/float64(steps)+cosineOffset)/(1+cosineOffset)*math.Pi/2), 2)
			}
			added = 1 - f(float64(t+1))/f(float64(t))
		} else {
			added = 1000 / float64(steps) * (linearFirst + (linearLast-linearFirst)*float64(t)/math.Max(1, float64(steps-1)))
		}
		left *= 1 - min(added, mostVariance)
		kept[t] = left
	}
	return kept
}

// diffusion takes the noise out of samples.
type diffusion struct {
	b    *Builder
	kept []float64 // a_t
	x, t *nn.Node
	e    *nn.Node // the noise that the network sees
	prog *nn.Program
}

// table are sqrt(a_t) and sqrt(1 - a_t) of every step.
func (p *diffusion) table() *nn.Node {
	n := p.b.graph.Input("schedule", len(p.kept), 2)
	if p.b.Measuring() {
		return n
	}
	for t, a := range p.kept {
		nn.Data(n)[2*t], nn.Data(n)[2*t+1] = float32(math.Sqrt(a)), float32(math.Sqrt(1-a))
	}
	return n
}

// check says whether the schedule has as many steps as drawing is to take.
func (p *diffusion) check() error {
	if nfe := p.b.Settings.Int("nfe"); nfe > len(p.kept) {
		return fault.Of(ErrSetting, "nfe = %d: the schedule has %d steps: ask for at most %d, or train with timesteps = %d", nfe, len(p.kept), len(p.kept), nfe)
	}
	return nil
}

// Draw implements Drawer.
func (p *diffusion) Draw(ctx context.Context, d Draft) error {
	if err := p.check(); err != nil {
		return err
	}
	n, share := p.b.Settings.Int("nfe"), 0.0
	if p.b.Settings.Word("sampler") == "ancestral" {
		share = 1
	}
	y := normals(d.Random, len(nn.Data(p.x))/p.b.Batch, 1)
	for i := n; i > 0; i-- {
		if err := ctx.Err(); err != nil {
			return err
		}
		at, before := i*len(p.kept)/n-1, 1.0
		if i > 1 {
			before = p.kept[(i-1)*len(p.kept)/n-1]
		}
		fillRows(p.x, p.b.Batch, y)
		for r := range y {
			nn.Data(p.t)[r] = float32(at) / float32(len(p.kept))
			d.Evaluations[r]++
		}
		if err := p.prog.Run(); err != nil {
			return err
		}
		for r := range y {
			p.step(y[r], rowOf(p.prog.Get(p.e), r, len(y[r])), p.kept[at], before, share, d.Random[r])
		}
	}
	for r, row := range d.Rows {
		p.b.keep(row, y[r])
	}
	return nil
}

// step goes from a share a of the data's variance to the larger share before. The guess of the data is held within the range of images, as in the authors' code.
func (p *diffusion) step(y []float64, e []float32, a, before, share float64, r *rng.Source) {
	v := share * (1 - before) / (1 - a) * (1 - a/before)
	noise := math.Sqrt(max(0, 1-before-v))
	for j := range y {
		seen := float64(e[j])
		x0 := (y[j] - math.Sqrt(1-a)*seen) / math.Sqrt(a)
		if p.b.Kind == datasets.Images {
			x0 = min(1, max(-1, x0))
			seen = (y[j] - math.Sqrt(a)*x0) / math.Sqrt(1-a)
		}
		y[j] = math.Sqrt(before)*x0 + noise*seen
		if v > 0 {
			y[j] += math.Sqrt(v) * r.Normal()
		}
	}
}

// normals are rows of normal noise, each from a stream of its own.
func normals(from []*rng.Source, width int, deviation float64) [][]float64 {
	y := make([][]float64, len(from))
	for i, r := range from {
		y[i] = make([]float64, width)
		for j := range y[i] {
			y[i][j] = deviation * r.Normal()
		}
	}
	return y
}

// fillRows writes states into the first rows of an input.
func fillRows(n *nn.Node, batch int, y [][]float64) {
	for i := range y {
		row := rowOfBatch(n, i, batch)
		for j := range row {
			row[j] = float32(y[i][j])
		}
	}
}

func rowOf(x []float32, i, width int) []float32 { return x[i*width : (i+1)*width] }
