package zoo

import (
	"context"
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/nn"
)

// fieldFlow is a field of velocities along which noise becomes data, dx/dt = v(x, t), with what is needed to follow it: both ways, and with the change of density on the way back,
//
//	log p(x(data)) = log p(x(noise)) + integral from data to noise of div v dt   [grathwohl2019]
type fieldFlow struct {
	b           *Builder
	x, t        *nn.Node // inputs of the field
	v           *nn.Node
	noise, data float64 // times at the two ends
	deviation   float64 // of the noise, in the units of the scaled data
	velocity    *nn.Program
	spread      *spreading // made when a likelihood is first asked for
	follow      func(ctx context.Context, d Draft, y [][]float64) error
	possible    func(s Settings) error // whether the settings of drawing are; nil where any are
}

// newFlow compiles the field.
func newFlow(f fieldFlow) (*fieldFlow, error) {
	var err error
	f.velocity, err = nn.Compile(f.v)
	return &f, err
}

// values of a sample.
func (f *fieldFlow) width() int { return (&datasets.Samples{Shape: f.b.Shape}).Dim() }

// present fills the field's inputs with the rows' states and times; the rest of the batch keeps what it had.
func (f *fieldFlow) present(t []float64, y [][]float64) {
	fillRows(f.x, f.b.Batch, y)
	for i, v := range t {
		nn.Data(f.t)[i] = float32(v)
	}
}

// check implements checker.
func (f *fieldFlow) check() error {
	if f.possible == nil {
		return nil
	}
	return f.possible(f.b.Settings)
}

// field gives the velocities.
func (f *fieldFlow) field(ctx context.Context, t []float64, y, dy [][]float64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f.present(t, y)
	if err := f.velocity.Run(); err != nil {
		return err
	}
	f.velocities(f.velocity, dy)
	return nil
}

func (f *fieldFlow) velocities(p *nn.Program, dy [][]float64) {
	v, width := p.Get(f.v), f.width()
	for i := range dy {
		for j := range width {
			dy[i][j] = float64(v[i*width+j])
		}
	}
}

// Draw implements Drawer: each row from noise of its own stream along the field.
func (f *fieldFlow) Draw(ctx context.Context, d Draft) error {
	y := normals(d.Random, f.width(), f.deviation)
	if err := f.check(); err != nil {
		return err
	}
	if err := f.follow(ctx, d, y); err != nil {
		return err
	}
	for i, row := range d.Rows {
		f.b.keep(row, y[i])
	}
	return nil
}

// exactDivergence is the number of values up to which the divergence is summed value by value; beyond it is estimated.
const exactDivergence = 16

// spreading computes the divergence of the field beside the velocity: exactly, by a derivative for each value, or without bias as e.(J e) with random signs e [hutchinson1990].
type spreading struct {
	prog  *nn.Program
	div   *nn.Node // {Batch}
	signs *nn.Node // nil where the divergence is exact
}

func (f *fieldFlow) exact() bool { return f.b.Kind == datasets.Points && f.width() <= exactDivergence }

func (f *fieldFlow) newSpreading() (*spreading, error) {
	s := &spreading{}
	return s, nn.Try(func() (err error) {
		if f.exact() {
			s.div, err = f.trace()
		} else {
			s.signs = f.b.canvas("divergence signs")
			s.div, err = f.probe(s.signs)
		}
		if err == nil {
			s.prog, err = nn.Compile(f.v, s.div)
		}
		return err
	})
}

// probe is Hutchinson's estimate of the divergence, {Batch}: signs J signs.
func (f *fieldFlow) probe(signs *nn.Node) (*nn.Node, error) {
	g, err := nn.Grad(nn.Dot(f.v, signs), f.x)
	if err != nil {
		return nil, err
	}
	return nn.RowDot(g[0], signs), nil
}

// trace is the divergence, {Batch}: one derivative for each value.
func (f *fieldFlow) trace() (*nn.Node, error) {
	var div *nn.Node
	for j := range f.width() {
		g, err := nn.Grad(nn.Sum(nn.Slice(f.v, 1, j, j+1)), f.x)
		if err != nil {
			return nil, err
		}
		part := nn.Slice(g[0], 1, j, j+1)
		if div != nil {
			part = nn.Add(div, part)
		}
		div = part
	}
	return div, nil
}

// likelihood hands in the density that the field gives samples.
func (f *fieldFlow) likelihood() {
	d := Density{Exact: f.exact(), Sites: f.width(), Estimated: !f.exact(), LogP: f.logP}
	f.b.Likelihood(d)
}

// logP follows the rows back to noise with their divergences, one value of the state for each probe behind those of the sample.
func (f *fieldFlow) logP(ctx context.Context, e Evidence) error {
	if f.spread == nil {
		s, err := f.newSpreading()
		if err != nil {
			return err
		}
		f.spread = s
	}
	probes, width := 1, f.width()
	if f.spread.signs != nil {
		probes = f.b.Settings.Int("probes")
	}
	y, scaled := make([][]float64, len(e.Rows)), make([]float32, width)
	for i, row := range e.Rows {
		y[i] = make([]float64, width+probes)
		f.b.scale.apply(scaled, row)
		for j, v := range scaled {
			y[i][j] = float64(v)
		}
	}
	took := make([]int, len(y))
	if err := solveAdaptive(ctx, f.densities(e, probes), y, f.data, f.noise, f.b.Settings.Float("tolerance"), took); err != nil {
		return err
	}
	for i := range y {
		mean, se := meanAndError(y[i][width:])
		e.Nats[i] = f.logNoise(y[i][:width]) + mean + f.b.scale.logVolume(width)
		if e.Errors != nil {
			e.Errors[i] = se
		}
	}
	return nil
}

// logNoise is the log-density of the noise.
func (f *fieldFlow) logNoise(y []float64) float64 {
	sum := 0.0
	for _, v := range y {
		sum += v * v
	}
	s2 := f.deviation * f.deviation
	return -0.5 * (sum/s2 + float64(len(y))*math.Log(2*math.Pi*s2))
}

// meanAndError are the mean and its standard error, 0 of a single value.
func meanAndError(x []float64) (mean, se float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	if len(x) == 1 {
		return mean, 0
	}
	for _, v := range x {
		se += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(se / float64(len(x)*(len(x)-1)))
}

// densities is the field with the divergence under every probe. A row's signs stay the same all the way [grathwohl2019].
func (f *fieldFlow) densities(e Evidence, probes int) derivatives {
	width := f.width()
	signs := make([][]float32, len(e.Rows))
	for i := range signs {
		if f.spread.signs == nil {
			continue
		}
		signs[i] = make([]float32, probes*width)
		for j := range signs[i] {
			signs[i][j] = float32(2*e.Random[i].IntN(2) - 1)
		}
	}
	return func(ctx context.Context, t []float64, y, dy [][]float64) error {
		f.present(t, y)
		for k := range probes {
			if err := ctx.Err(); err != nil {
				return err
			}
			for i, s := range signs {
				if s != nil {
					copy(rowOfBatch(f.spread.signs, i, f.b.Batch), s[k*width:(k+1)*width])
				}
			}
			if err := f.spread.prog.Run(); err != nil {
				return err
			}
			for i := range dy {
				dy[i][width+k] = float64(f.spread.prog.Get(f.spread.div)[i])
			}
		}
		f.velocities(f.spread.prog, dy)
		return nil
	}
}

// solverSettings are how a trained field is followed.
func solverSettings(nfe string, solvers bool) []Setting {
	drawing := func(s Setting) Setting { s.Drawing = true; return s }
	var all []Setting
	if solvers {
		all = append(all, drawing(word("solver", "midpoint", "how samples follow the field: steps of equal length, or dopri5, which chooses them by the tolerance", solverNames()...)))
	}
	return append(all,
		drawing(Setting{Name: "nfe", Default: nfe, Lo: 1, Hi: 1e6, Integer: true, Doc: "most function evaluations a sample, of solvers with fixed steps"}),
		drawing(number("tolerance", "1e-5", 1e-9, 1, "error a step that dopri5 allows, in samples and likelihoods, relative to 1 + |value|")),
		drawing(Setting{Name: "probes", Default: "2", Lo: 1, Hi: 1000, Integer: true, Doc: "random directions a sample that the divergence is estimated with, for likelihoods of images and of points of more than 16 values"}),
	)
}

// checkSolver says whether the evaluations make a step.
func checkSolver(s Settings) error {
	m, ok := fixedMethod(s.Word("solver"))
	if nfe := s.Int("nfe"); ok && nfe < m.stages() {
		return fault.Of(ErrSetting, "nfe = %d: a step of %s takes %d function evaluations: ask for at least as many, or set solver = euler", nfe, m.name, m.stages())
	}
	return nil
}

// bySolver follows the field from noise to data as the settings say.
func (f *fieldFlow) bySolver(ctx context.Context, d Draft, y [][]float64) error {
	s := f.b.Settings
	m, ok := fixedMethod(s.Word("solver"))
	if !ok {
		return solveAdaptive(ctx, f.field, y, f.noise, f.data, s.Float("tolerance"), d.Evaluations)
	}
	steps := s.Int("nfe") / m.stages()
	for i := range d.Evaluations {
		d.Evaluations[i] += steps * m.stages()
	}
	return solveFixed(ctx, m, f.field, y, f.noise, f.data, steps)
}
