package zoo

import (
	"math"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// FlowMatching learns the velocities of straight ways from noise to data [lipman2023] [liu2023]; samples follow the learned field.
//
//	min E |v(x_t, t) - (x - z)|^2 / values,   x_t = (1 - t) z + t x + sigma e,   z, e ~ N(0, I), t ~ U(0, 1)
//
// With coupling = ot the noise of a batch is paired with its data so that the sum of squared distances is least: ways that hardly cross, so fewer steps do [tong2024]. The
// authors' code draws pairs from the optimal plan, with repetition; equal weights have an optimal plan that is a permutation, and that one is used whole here.
//
// The likelihood is that of the field, by the change of density along the way [grathwohl2019].
type FlowMatching struct{}

var _ Model = FlowMatching{}

// maxCoupled is the largest batch that optimal transport is solved for.
const maxCoupled = 512

// Info gives defaults found on validation seeds of the ring. The preset paper has TorchCFM's for points [tong2024]: three hidden layers of 64, the time as a number, drawn
// evenly, and one learning rate; the authors' SELU is SiLU here. For images it has the authors' rate and average on CIFAR-10.
func (FlowMatching) Info() Info {
	settings := join(timedSettings("4"), []Setting{
		word("coupling", "independent", "which noise belongs to which sample of a batch: any, or by optimal transport", "independent", "ot"),
		number("sigma", "0", 0, 10, "standard deviation of noise around the straight ways, in the units of the scaled data"),
		number("late", "2", 0.1, 10, "how training prefers times near the data: t = 1 - u^late, u uniform"),
	}, solverSettings("50", true))
	return Info{ID: "flow-matching", Title: "Conditional flow matching, straight paths", Paper: "tong2024", Family: Diffusion, Kinds: allKinds,
		Objective: "E |v(x_t, t) - (x - z)|^2 / values, x_t = (1 - t) z + t x + sigma e",
		Settings: published(settings,
			map[string]string{"depth": "3", "waves": "0", "lr": "1e-3", "lr_hold": "1e9", "ema": "0", "late": "1", "solver": "dopri5"},
			map[string]string{"lr": "2e-4", "lr_hold": "1e9", "ema": "0.9999", "late": "1", "solver": "dopri5"})}
}

// Build puts the field together.
func (FlowMatching) Build(b *Builder) error {
	if err := checkSolver(b.Settings); err != nil {
		return err
	}
	s := b.Scope("net")
	net, err := b.timed(s)
	if err != nil {
		return err
	}
	x := b.Real()
	z, err := b.coupled(x)
	if err != nil {
		return err
	}
	late := b.Settings.Float("late")
	t := b.perSample("time", func(dst []float32, from *rng.Source) {
		for i := range dst {
			u := 1 - from.Float64()
			if late == 2 { // the square to the bit, at a tenth of Pow's cost, which a small net's step feels
				dst[i] = float32(1 - u*u)
				continue
			}
			dst[i] = float32(1 - math.Pow(u, late))
		}
	})
	way := nn.Sub(x, z)
	at := nn.Add(z, nn.MulRows(way, t))
	if sigma := b.Settings.Float("sigma"); sigma > 0 {
		at = nn.Add(at, nn.Scale(b.perValue("around", normal), float32(sigma)))
	}
	loss := nn.Mean(nn.Square(nn.Sub(net(at, t), way)))
	if err := b.field("flow", loss, s); err != nil {
		return err
	}
	f := fieldFlow{b: b, x: b.canvas("state"), t: b.moment("at"), noise: 0, data: 1, deviation: 1}
	f.v = net(f.x, f.t)
	field, err := newFlow(f)
	if err != nil {
		return err
	}
	field.follow, field.possible = field.bySolver, checkSolver
	field.likelihood()
	b.Drawn(field, s.Params())
	return nil
}

// coupled is noise of the shape of the batch x, in the order that the setting coupling asks for.
func (b *Builder) coupled(x *nn.Node) (*nn.Node, error) {
	z := b.perValue("noise", normal)
	if b.Settings.Word("coupling") == "independent" {
		return z, nil
	}
	if b.Batch > maxCoupled {
		return nil, fault.Of(ErrSetting, "coupling = ot with batch = %d: it is solved for at most %d: set batch lower, or coupling = independent", b.Batch, maxCoupled)
	}
	last := &b.feeds[len(b.feeds)-1]
	last.feed = &transported{noise: last.feed.(*noise), data: nn.Data(x), rows: b.Batch}
	return z, nil
}

// transported is noise whose rows are brought into the order in which the sum of squared distances to the rows of the batch is least. It is filled after the batch.
type transported struct {
	*noise
	data []float32
	rows int
}

// fill draws the noise and orders it. Squared norms are the same in every order, so the cost is the negative inner product.
func (f *transported) fill() {
	f.noise.fill()
	n, d := f.rows, len(f.data)/f.rows
	inner := make([]float32, n*n)
	kernel.Gemm(false, true, n, n, d, f.data, d, f.into, d, inner, n, kernel.Epilogue{})
	cost := make([]float64, n*n)
	for i, v := range inner {
		cost[i] = -float64(v)
	}
	order, err := numeric.Assign(n, cost)
	if err != nil {
		return // numbers that are none: the loss will say so
	}
	drawn := append([]float32(nil), f.into...)
	for i, j := range order {
		copy(f.into[i*d:(i+1)*d], drawn[j*d:(j+1)*d])
	}
}
