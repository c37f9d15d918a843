package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
)

// CFID is the conditional Frechet distance [soloveitchik2021]: the distance of the two distributions of features given the condition, each taken as a Gaussian with a mean
// that is linear in the condition x, averaged over the real conditions:
//
//	mean over x of |mu_r(x) - mu_f(x)|^2 + tr C_r|x + tr C_f|x - 2 tr (C_r|x^1/2 C_f|x C_r|x^1/2)^1/2
//
// Given classes that is the mean over real rows of the squared distance of the class means, and the covariances within classes pooled over them; it sees features that are
// right for another class, which fd does not. Covariances divide by N. Conditions of any kind: ConditionalDistance. Needs features and labels on both sides and every class
// on both. Unit of the features squared, range [0, inf), biased upwards. Interval: group jackknife where there are at most 256 features and 40 rows a side. Equals the
// authors' formula where both sides have the same conditions.
type CFID struct{}

var _ Metric = CFID{}

// With refuses every name: there are no options.
func (m CFID) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m CFID) Info() Info {
	return Info{ID: "cfid", Domain: anywhere(2), Title: "conditional Frechet distance given the class", Values: []string{"cfid"}, Better: Lower, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedFeatures, NeedRealLabels, NeedFakeLabels}, Paper: "soloveitchik2021", Table: FD{}.table}
}

// Compute implements Metric.
func (m CFID) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	full, err := classConditional(p)
	if err != nil {
		return Result{}, err
	}
	r := newResult(nil)
	iv, why, err := m.jackknife(ctx, p, full)
	if err != nil {
		return Result{}, err
	}
	r.Values = []Value{value("cfid", full, Lower).withinOr(iv, "%s", why)}
	describeSides(&r, p.Real, p.Fake)
	if n, d := p.Real.Dims(); min(n, rows(p.Fake)) <= d {
		r.warn("%s", singular(min(n, rows(p.Fake)), d))
	}
	if same(p) && full == 0 {
		r.degenerate("real and fake are the same rows: 0 by definition; compare with another sample of the real data")
	}
	return r, nil
}

// classConditional is the distance given the labels of p.
func classConditional(p Pair) (float64, error) {
	real, fake := byClass(p.RealLabels), byClass(p.FakeLabels)
	n, d := p.Real.Dims()
	gap := 0.0
	within := [2]*mat.SymDense{mat.NewSymDense(d, nil), mat.NewSymDense(d, nil)}
	for _, c := range classesIn(real, fake) {
		if len(real[c]) == 0 || len(fake[c]) == 0 {
			return 0, fault.Of(ErrTooFew, "cfid: class %d has %d real and %d fake rows, want at least 1 of each", c, len(real[c]), len(fake[c]))
		}
		var mean [2][]float64
		for s, x := range []*mat.Dense{pick(p.Real, real[c]), pick(p.Fake, fake[c])} {
			mu, cov := numeric.MeanCov(x, 0)
			mean[s] = mu
			cov.ScaleSym(float64(rows(x)), cov)
			within[s].AddSym(within[s], cov)
		}
		gap += float64(len(real[c])) / float64(n) * numeric.SqDist(mean[0], mean[1])
	}
	within[0].ScaleSym(1/float64(n), within[0])
	within[1].ScaleSym(1/float64(rows(p.Fake)), within[1])
	f, err := bures(within[0], within[1])
	return gap + f, err
}

// bures is the squared Wasserstein-2 distance of two Gaussians around one mean.
func bures(a, b *mat.SymDense) (float64, error) {
	zero := make([]float64, a.SymmetricDim())
	f, err := numeric.FrechetStats(zero, a, zero, b, numeric.RouteAuto)
	if err != nil {
		return 0, fault.Of(ErrValue, "cfid: %w", err)
	}
	return max(0, f.Value), nil
}

// jackknife leaves out groups of rows of either side.
func (m CFID) jackknife(ctx context.Context, p Pair, full float64) (iv *Interval, why string, err error) {
	n, d := p.Real.Dims()
	switch {
	case d > jackknifeLimit:
		return nil, fmt.Sprintf("more than %d features: 40 more distances take too long", jackknifeLimit), nil
	case min(n, rows(p.Fake)) < 2*jackknifeGroups:
		return nil, fmt.Sprintf("fewer than %d rows a side for the jackknife", 2*jackknifeGroups), nil
	}
	var sides [2][]float64
	for s, x := range []*mat.Dense{p.Real, p.Fake} {
		groups := groupsOf(x, jackknifeGroups, p.Seed, "metrics", "cfid", []string{"real", "fake"}[s])
		for g := range jackknifeGroups {
			if err := ctx.Err(); err != nil {
				return nil, "", err
			}
			q := Pair{Real: p.Real, RealLabels: p.RealLabels, Fake: p.Fake, FakeLabels: p.FakeLabels}
			if keep := outside(groups, g); s == 0 {
				q.Real, q.RealLabels = gather(x, p.RealLabels, keep)
			} else {
				q.Fake, q.FakeLabels = gather(x, p.FakeLabels, keep)
			}
			v, err := classConditional(q)
			if err != nil {
				return nil, "a class has too few rows to leave some out", nil
			}
			sides[s] = append(sides[s], v)
		}
	}
	_, iv = twoSample(full, sides[0], sides[1], 0, math.Inf(1))
	return iv, jackknifeFails, nil
}

// ConditionalDistance is CFID for conditions of any kind, one row of real and of fake each beside the features of p: the mean of features is linear in the condition, the
// inverse of the conditions' covariance is the pseudo-inverse.
func ConditionalDistance(p Pair, real, fake *mat.Dense) (float64, error) {
	if err := checkConditions(p, real, fake); err != nil {
		return 0, fmt.Errorf("cfid: %w", err)
	}
	a, b := regress(p.Real, real), regress(p.Fake, fake)
	f, err := bures(a.rest, b.rest)
	if err != nil {
		return 0, err
	}
	// The difference of the two lines at the real conditions: at their mean, and along them.
	var slope, along, off mat.Dense
	slope.Sub(a.slope, b.slope)
	along.Mul(&slope, a.cond)
	off.Mul(&along, slope.T())
	shift := make([]float64, len(a.at))
	for j := range shift {
		shift[j] = a.at[j] - b.at[j]
	}
	var moved mat.VecDense
	moved.MulVec(b.slope, mat.NewVecDense(len(shift), shift))
	gap := 0.0
	for j, v := range a.mean {
		e := v - b.mean[j] - moved.AtVec(j)
		gap += e * e
	}
	return gap + mat.Trace(&off) + f, nil
}

// regression is features as a linear function of conditions, with what it leaves.
type regression struct {
	mean, at []float64     // of features and of conditions
	slope    *mat.Dense    // features x conditions
	cond     *mat.SymDense // covariance of the conditions
	rest     *mat.SymDense // of the features given the condition
}

func regress(y, x *mat.Dense) regression {
	_, d := y.Dims()
	_, w := x.Dims()
	mean, all := numeric.MeanCov(beside(y, x, 1), 0)
	r := regression{mean: mean[:d], at: mean[d:], slope: mat.NewDense(d, w, nil), cond: mat.NewSymDense(w, nil), rest: mat.NewSymDense(d, nil)}
	cross := mat.NewDense(d, w, nil)
	for i := range d {
		for j := range w {
			cross.Set(i, j, all.At(i, d+j))
		}
	}
	for i := range w {
		for j := i; j < w; j++ {
			r.cond.SetSym(i, j, all.At(d+i, d+j))
		}
	}
	r.slope.Mul(cross, pseudoInverse(r.cond))
	var explained mat.Dense
	explained.Mul(r.slope, cross.T())
	for i := range d {
		for j := i; j < d; j++ {
			r.rest.SetSym(i, j, all.At(i, j)-(explained.At(i, j)+explained.At(j, i))/2)
		}
		r.rest.SetSym(i, i, max(0, r.rest.At(i, i)))
	}
	return r
}

// pseudoInverse leaves out directions of no variance.
func pseudoInverse(c *mat.SymDense) *mat.Dense {
	n := c.SymmetricDim()
	out := mat.NewDense(n, n, nil)
	var e mat.EigenSym
	if !e.Factorize(c, true) {
		return out
	}
	l := e.Values(nil)
	var v, scaled mat.Dense
	e.VectorsTo(&v)
	inverse := mat.NewDiagDense(n, nil)
	for i, x := range l {
		if x > 1e-12*l[n-1] {
			inverse.SetDiag(i, 1/x)
		}
	}
	scaled.Mul(&v, inverse)
	out.Mul(&scaled, v.T())
	return out
}
