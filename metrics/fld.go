package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/numeric"
)

// FLD returns the feature likelihood divergence [jiralerspong2023]: features are standardised by the held-out (real) rows, a normal distribution of its own width is put
// at every fake, the widths are fitted to the training rows, and the held-out rows are read under the mixture:
//
//	fld     = 100 (mean nll of held-out rows - the same under a mixture at half of the training rows fitted to the other half), nll per feature in nats
//	fld_gap = 100 (mean nll of training rows - mean nll of held-out rows) under the fakes' mixture; well below 0: the fakes sit on training rows
//
// The fit is that of the authors' code: Adam at rate .5 on the logarithms of the squared widths, at most Epochs steps over all training rows at once, stopped when the last
// losses agree to 5e-4, with one more component at the training mean that is left out afterwards. Widths of copies go to 0, which is what makes copying dear. Lower is
// better; below 0 is possible and means better than half of the training set, above 100 too (the code promises 0 to 100). Rows caps fakes and training rows at a random
// choice each, as the work is their product times Epochs (the authors use 10 000 fakes). Needs 2 rows a side, 4 for training. The interval of fld is over held-out rows,
// fits held fixed. Equals the authors' code for rows in the given order.
type FLD struct {
	Rows, Epochs int
	Order        string // random, given
}

var _ Metric = FLD{}

func (m *FLD) settings() settings {
	return settings{
		intSetting("rows", &m.Rows, 2000, 4, "fakes and training rows used at most"),
		intSetting("epochs", &m.Epochs, 50, 1, "steps of the fit at most"),
		enumSetting("order", &m.Order, []string{"random", "given"}, "how the training set is halved"),
	}
}

// With returns a copy with one option changed.
func (m FLD) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m FLD) Info() Info {
	return Info{ID: "fld", Domain: Domain{Input: "features of any origin and unit", Shift: true, Scale: true, Rounding: 1e-6}, Title: "feature likelihood divergence",
		Values: []string{"fld", "fld_gap"}, Better: Lower, Lo: math.Inf(-1), Hi: math.Inf(1), Needs: []Need{NeedFeatures, NeedTrain}, Paper: "jiralerspong2023",
		Options: m.settings().options(), Table: m.table}
}

// table is the distances between fakes and training rows, of which there are as many as real ones for all that is known.
func (m FLD) table(e Extent) Table {
	n, f := min(m.Rows, e.Real), min(m.Rows, e.Fake)
	return Table{fmt.Sprintf("distances of %d x %d rows", n, f), 8 * float64(n) * float64(f), "lower fld.rows"}
}

// Compute implements Metric.
func (m FLD) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	if rows(p.Train) < 4 {
		return Result{}, fault.Of(ErrTooFew, "fld: %d training rows, want at least 4 to halve", rows(p.Train))
	}
	if m.Order == "random" {
		p = inOrder(p) // what is drawn must not depend on the order of files
	}
	r := newResult(m.settings())
	if n, f := rows(p.Train), rows(p.Fake); max(n, f) > m.Rows {
		r.note("at most %d of %d training rows and %d fakes used: the value depends on both numbers; set fld.rows to change it", m.Rows, n, f)
	}
	test, train, fake := m.standardised(p)
	mix, err := fitMixture(ctx, fake, train, m.Epochs)
	if err != nil {
		return Result{}, err
	}
	order := identity(rows(train))
	if m.Order == "random" {
		order = shuffle(order, p.Seed, "metrics", "fld")
	}
	half := min(rows(fake), len(order)/2)
	floor, err := once(p.Shared, fact{fmt.Sprint("fld baseline ", half, m.Rows, m.Order, p.Seed), p.Real, p.Train, m.Epochs}, func() ([]float64, error) {
		base, failed := fitMixture(ctx, pick(train, order[:half]), pick(train, order[half:]), m.Epochs)
		if failed != nil {
			return nil, failed
		}
		return base.nll(test), nil
	})
	if err != nil {
		return Result{}, err
	}
	unseen, seen := mix.nll(test), mix.nll(train)
	diff := make([]float64, len(unseen))
	for i, v := range unseen {
		diff[i] = 100 * (v - floor[i])
	}
	mean, se := meanSE(diff)
	gap := 100 * (numeric.Sum(seen)/float64(len(seen)) - numeric.Sum(unseen)/float64(len(unseen)))
	r.Values = []Value{value("fld", mean, Lower).withinOr(around(mean, se, math.Inf(-1), math.Inf(1), "normal over held-out rows, fits held fixed"), "fewer than 2 held-out rows"),
		value("fld_gap", gap, Near).withinOr(nil, "the widths were fitted to the training rows: their likelihoods are not independent of it")}
	if gap < -100 {
		r.note("training rows are far likelier than held-out ones under the fakes: look for copies (duplicates, auth_pct)")
	}
	r.heldOut(ctx, p)
	return r, nil
}

// standardised is the three sets in standard deviations (ddof 1) of the held-out rows; a feature that is constant there keeps its unit.
func (m FLD) standardised(p Pair) (test, train, fake *mat.Dense) {
	v := marginalsOf(p.Real)
	scale := make([]float64, len(v.mean))
	for j, s := range v.square {
		if scale[j] = math.Sqrt(s / float64(v.n-1)); scale[j] == 0 {
			scale[j] = 1
		}
	}
	of := func(x *mat.Dense) *mat.Dense {
		out := mat.DenseCopyOf(x)
		out.Apply(func(_, j int, c float64) float64 { return (c - v.mean[j]) / scale[j] }, out)
		return out
	}
	return of(p.Real), of(choose(p.Train, m.Rows, p.Seed, "fld train")), of(choose(p.Fake, m.Rows, p.Seed, "fld fake"))
}

// gaussians is equal normal distributions of squared widths exp(width) at the rows of centres.
type gaussians struct {
	centres *mat.Dense
	width   []float64
}

// Constants of the authors' fit.
const (
	fldRate     = .5
	fldOrigin   = .81 // squared distances to the training mean are shrunk by this
	fldStop     = 5e-4
	fldClamp    = 40
	fldLeast    = 1e-3 // added to the squared distance to the nearest row before the first width is made of it
	adamBeta1   = .9
	adamBeta2   = .999
	adamEpsilon = 1e-8
)

// fitMixture fits the widths to x by Adam; see FLD.
func fitMixture(ctx context.Context, centres, x *mat.Dense, epochs int) (gaussians, error) {
	d2 := numeric.SqDists(x, centres)
	n, d := x.Dims()
	m := gaussians{centres: centres, width: make([]float64, rows(centres))}
	for j := range m.width {
		least := math.Inf(1)
		for i := range n {
			least = min(least, d2.At(i, j))
		}
		m.width[j] = math.Log((least + fldLeast) / float64(d))
	}
	origin := toCentre(x, x)
	for i := range origin {
		origin[i] *= fldOrigin
	}
	params := append(slices.Clone(m.width), 0) // the last is the origin's
	adam := newAdam(len(params))
	var losses []float64
	for range epochs {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		loss, grad := mixtureGradient(d2, origin, params, float64(d))
		adam.step(params, grad)
		for j := range m.width {
			params[j] = max(-fldClamp, min(fldClamp, params[j]))
		}
		losses = append(losses, loss)
		if len(losses) > 6 && settled(losses) {
			break
		}
	}
	copy(m.width, params)
	return m, nil
}

// settled says whether the last five losses agree.
func settled(losses []float64) bool {
	last := losses[len(losses)-1]
	for _, v := range losses[len(losses)-5:] {
		if math.Abs(last-v) >= fldStop {
			return false
		}
	}
	return true
}

// mixtureGradient is the mean nll per feature of rows at these squared distances and its gradient in the widths, the origin's last. Rows are dealt to a fixed number of
// strands, so that sums do not depend on the thread count.
func mixtureGradient(d2 *mat.Dense, origin, params []float64, d float64) (float64, []float64) {
	const strands = 16
	n, k := d2.Dims()
	inverse, offset := make([]float64, k+1), make([]float64, k+1)
	for j, w := range params {
		inverse[j] = math.Exp(-w)
		offset[j] = -d/2*w - d/2*math.Log(2*math.Pi) - math.Log(float64(k))
	}
	offset[k] += math.Log(float64(k)) // the origin's weight is 1
	var loss [strands]float64
	var grads [strands][]float64
	kernel.Par(strands, func(s int) {
		a, g := make([]float64, k+1), make([]float64, k+1)
		for i := s; i < n; i += strands {
			row := d2.RawRowView(i)
			top := math.Inf(-1)
			for j, v := range row {
				a[j] = -.5*v*inverse[j] + offset[j]
				top = max(top, a[j])
			}
			a[k] = -.5*origin[i]*inverse[k] + offset[k]
			top = max(top, a[k])
			sum := 0.0
			for j, v := range a {
				a[j] = math.Exp(v - top)
				sum += a[j]
			}
			loss[s] -= top + math.Log(sum)
			for j, v := range row {
				g[j] += a[j] / sum * (.5*v*inverse[j] - d/2)
			}
			g[k] += a[k] / sum * (.5*origin[i]*inverse[k] - d/2)
		}
		grads[s] = g
	})
	total, grad := 0.0, make([]float64, k+1)
	for s := range strands {
		total += loss[s]
		for j, v := range grads[s] {
			grad[j] -= v / (float64(n) * d)
		}
	}
	return total / (float64(n) * d), grad
}

// adam is the optimiser [kingma2015] in float64.
type adam struct {
	m, v []float64
	t    float64
}

func newAdam(n int) *adam { return &adam{m: make([]float64, n), v: make([]float64, n)} }

func (a *adam) step(params, grad []float64) {
	a.t++
	c1, c2 := 1-math.Pow(adamBeta1, a.t), 1-math.Pow(adamBeta2, a.t)
	for j, g := range grad {
		a.m[j] += (1 - adamBeta1) * (g - a.m[j])
		a.v[j] = adamBeta2*a.v[j] + (1-adamBeta2)*g*g
		params[j] -= fldRate / c1 * a.m[j] / (math.Sqrt(a.v[j])/math.Sqrt(c2) + adamEpsilon)
	}
}

// nll is minus the log density of every row, per feature.
func (m gaussians) nll(x *mat.Dense) []float64 {
	n, d := x.Dims()
	k := len(m.width)
	const block = 2048
	out := make([]float64, n)
	for lo := 0; lo < n; lo += block {
		d2 := numeric.SqDists(x.Slice(lo, min(lo+block, n), 0, d).(*mat.Dense), m.centres)
		kernel.Par(rows(d2), func(i int) {
			row := d2.RawRowView(i)
			top, sum := math.Inf(-1), 0.0
			for j, v := range row {
				row[j] = -.5*v*math.Exp(-m.width[j]) - float64(d)/2*(m.width[j]+math.Log(2*math.Pi)) - math.Log(float64(k))
				top = max(top, row[j])
			}
			for _, v := range row {
				sum += math.Exp(v - top)
			}
			out[lo+i] = -(top + math.Log(sum)) / float64(d)
		})
	}
	return out
}
