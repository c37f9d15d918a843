package zoo

import (
	"context"
	"math"

	"github.com/assay-gan/assay/nn"
)

// EDM learns to take noise of any size s out of samples [karras2022], with inputs and outputs of a network F brought to unit size at every s:
//
//	D(x; s) = c_skip x + c_out F(c_in x; ln(s) / 4),   c_skip = sd^2 / (s^2 + sd^2), c_out = s sd / sqrt(s^2 + sd^2), c_in = 1 / sqrt(s^2 + sd^2)
//	min E |D(x + s z; s) - x|^2 / (c_out^2 values),   z ~ N(0, I), ln s ~ N(mean, spread^2)
//
// Drawing goes down sizes s_i = (s_max^(1/rho) + i/(n-1) (s_min^(1/rho) - s_max^(1/rho)))^rho, s_n = 0, by Heun's method on dx/ds = (x - D(x; s)) / s, the last step by Euler's;
// churn puts fresh noise in before each step.
//
// The likelihood is that of the same equation between s_min and s_max [song2021sde], so that of data with noise of size s_min on them.
type EDM struct{}

var _ Model = EDM{}

// Info gives the paper's constants but for the sizes of noise that points are trained with: their modes are narrower than what images have.
func (EDM) Info() Info {
	drawing := func(s Setting) Setting { s.Drawing = true; return s }
	paper := map[string]string{"lr": "1e-3", "lr_hold": "1e9", "ema": "0.999", "log_mean": "-1.2", "log_spread": "1.2"}
	settings := join(with(timedSettings("3"), map[string]string{"waves": "4"}), []Setting{
		{Name: "sigma_data", ByKind: byKind("1", "0.5"), Lo: 1e-6, Hi: 1e6, Doc: "size of the data, sd"},
		{Name: "log_mean", ByKind: byKind("-1.8", "-1.2"), Lo: -100, Hi: 100, Doc: "mean of ln s in training"},
		{Name: "log_spread", ByKind: byKind("1.4", "1.2"), Lo: 1e-3, Hi: 100, Doc: "standard deviation of ln s in training"},
		number("sigma_min", "0.002", 1e-6, 1, "smallest size of the noise"),
		number("sigma_max", "80", 1, 1e6, "largest size of the noise, which samples begin with"),
		drawing(number("rho", "7", 1, 100, "how much shorter the steps are where the noise is small")),
		drawing(number("churn", "0", 0, 1000, "fresh noise in all steps together")),
	}, solverSettings("35", false))
	for i := range settings { // a rate of 3e-3 loses the modes on some seeds
		if settings[i].Name == "lr" {
			settings[i].ByKind = byKind("2e-3", "1e-3")
		}
	}
	return Info{ID: "edm", Title: "Diffusion with preconditioned denoising (EDM)", Paper: "karras2022", Family: Diffusion, Kinds: allKinds,
		Objective: "E |D(x + s z; s) - x|^2 / (c_out(s)^2 values), ln s ~ N(mean, spread^2)",
		Settings:  published(settings, paper, paper)}
}

// Build puts the denoiser together.
func (EDM) Build(b *Builder) error {
	s := b.Scope("net")
	net, err := b.timed(s)
	if err != nil {
		return err
	}
	d := denoiser{net, float32(b.Settings.Float("sigma_data"))}
	x, z := b.Real(), b.perValue("noise", normal)
	log := nn.Affine(b.perSample("size", normal), float32(b.Settings.Float("log_spread")), float32(b.Settings.Float("log_mean")))
	noised := nn.Add(x, nn.MulRows(z, nn.Exp(log)))
	c := d.scales(log)
	want := nn.MulRows(nn.Sub(x, nn.MulRows(noised, c.skip)), nn.Pow(c.out, -1))
	loss := nn.Mean(nn.Square(nn.Sub(d.inner(noised, log, c), want)))
	if err := b.field("denoise", loss, s); err != nil {
		return err
	}
	f := fieldFlow{b: b, x: b.canvas("state"), t: b.moment("log size"), deviation: b.Settings.Float("sigma_max"),
		noise: math.Log(b.Settings.Float("sigma_max")), data: math.Log(b.Settings.Float("sigma_min"))}
	f.v = nn.Sub(f.x, d.clean(f.x, f.t)) // dx / d ln s
	field, err := newFlow(f)
	if err != nil {
		return err
	}
	field.follow = field.byHeun
	field.likelihood()
	b.Drawn(field, s.Params())
	return nil
}

// denoiser is D.
type denoiser struct {
	net timed
	sd  float32
}

// scales are the coefficients of every sample of a batch: {Batch}.
type scales struct{ skip, out, in *nn.Node }

func (d denoiser) scales(log *nn.Node) scales {
	s := nn.Exp(log)
	total := nn.AddConst(nn.Square(s), d.sd*d.sd)
	in := nn.Pow(total, -0.5)
	return scales{skip: nn.Scale(nn.Pow(total, -1), d.sd*d.sd), out: nn.Scale(nn.Mul(s, in), d.sd), in: in}
}

// inner is F. The paper's ln(s)/4 is what it is told; TimeEmbedding counts in thousandths.
func (d denoiser) inner(x, log *nn.Node, c scales) *nn.Node {
	return d.net(nn.MulRows(x, c.in), nn.Scale(log, 0.25))
}

func (d denoiser) clean(x, log *nn.Node) *nn.Node {
	c := d.scales(log)
	return nn.Add(nn.MulRows(x, c.skip), nn.MulRows(d.inner(x, log, c), c.out))
}

// sizes are the noise's sizes on the way down, the last one 0.
func sizes(n int, lo, hi, rho float64) []float64 {
	s := make([]float64, n+1)
	for i := range n {
		share := 0.0
		if n > 1 {
			share = float64(i) / float64(n-1)
		}
		s[i] = math.Pow(math.Pow(hi, 1/rho)+share*(math.Pow(lo, 1/rho)-math.Pow(hi, 1/rho)), rho)
	}
	return s
}

// byHeun is the paper's sampler.
func (f *fieldFlow) byHeun(ctx context.Context, d Draft, y [][]float64) error {
	set := f.b.Settings
	way := sizes((set.Int("nfe")+1)/2, set.Float("sigma_min"), set.Float("sigma_max"), set.Float("rho"))
	churn := min(set.Float("churn")/float64(len(way)-1), math.Sqrt2-1)
	slope, second, ahead := blankLike(y), blankLike(y), blankLike(y)
	for i := range len(way) - 1 {
		from, to := way[i], way[i+1]
		if churn > 0 {
			more := from * (1 + churn)
			for r := range y {
				for j := range y[r] {
					y[r][j] += math.Sqrt(more*more-from*from) * d.Random[r].Normal()
				}
			}
			from = more
		}
		if err := f.slopes(ctx, d, from, y, slope); err != nil {
			return err
		}
		for r := range y {
			for j := range y[r] {
				ahead[r][j] = y[r][j] + (to-from)*slope[r][j]
			}
		}
		if to > 0 {
			if err := f.slopes(ctx, d, to, ahead, second); err != nil {
				return err
			}
			for r := range y {
				for j := range y[r] {
					ahead[r][j] = y[r][j] + (to-from)*0.5*(slope[r][j]+second[r][j])
				}
			}
		}
		for r := range y {
			copy(y[r], ahead[r])
		}
	}
	return nil
}

// slopes is dx/ds of all rows at one size.
func (f *fieldFlow) slopes(ctx context.Context, d Draft, size float64, y, dy [][]float64) error {
	at := make([]float64, len(y))
	for i := range at {
		at[i] = math.Log(size)
		d.Evaluations[i]++
	}
	if err := f.field(ctx, at, y, dy); err != nil {
		return err
	}
	for i := range dy {
		for j := range dy[i] {
			dy[i][j] /= size
		}
	}
	return nil
}
