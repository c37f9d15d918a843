package metrics

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/internal/rng"
	"gonum.org/v1/gonum/mat"
)

// PRD returns the two summaries of the precision-recall curve of distributions [sajjadi2018]: F8 weighs recall, F1/8 weighs precision. Real and
// fake rows are clustered together, the curve of the two histograms is taken at equally spaced angles, and the curves of several clusterings are
// averaged:
//
//	precision(l) = sum_k min(l real_k, fake_k),  recall(l) = precision(l)/l,  l = tan(angle)
//	F_b = (1 + b^2) P R / (b^2 P + R), its maximum over the curve
//
// Both are 1 for equal histograms. The larger set is cut to the size of the smaller one, as in the original. Clusters depend on the seed. The
// curve of two samples of one distribution lies below 1 and that of resamples lower still, so that the interval is for the mean at these N.
type PRD struct {
	Clusters, Angles, Repeats, Init int
	Beta                            float64
}

func (m *PRD) settings() settings {
	return settings{
		intSetting("clusters", &m.Clusters, 2, "clusters of the joint set"),
		intSetting("angles", &m.Angles, 3, "points of the curve"),
		intSetting("repeats", &m.Repeats, 1, "clusterings averaged"),
		intSetting("init", &m.Init, 1, "restarts of each clustering"),
		floatSetting("beta", &m.Beta, 1, 1000, "weight of recall in F_beta; 1/beta in the other"),
	}
}

var _ Metric = PRD{}

// With returns a copy with one option changed.
func (m PRD) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m PRD) Info() Info {
	return Info{ID: "prd", Title: "precision-recall curve of distributions", Values: []string{"prd_f8", "prd_f1_8"}, Better: Higher, Ideal: 1, Lo: 0, Hi: 1,
		Needs: []Need{NeedFeatures}, Paper: "sajjadi2018", Options: m.settings().options()}
}

// Compute implements Metric.
func (m PRD) Compute(ctx context.Context, p Pair) (Result, error) {
	c, runs, err := m.curve(ctx, p)
	if err != nil {
		return Result{}, err
	}
	r := newResult(m.settings())
	for _, s := range []struct {
		name string
		beta float64
	}{{"prd_f8", m.Beta}, {"prd_f1_8", 1 / m.Beta}} {
		v, at := c.peak(s.beta)
		r.Values = append(r.Values, value(s.name, v, Higher).within(c.interval(runs, at, s.beta)))
	}
	if n, f := rows(p.Real), rows(p.Fake); n != f {
		r.note("%d real and %d fake rows: the larger set was cut to the first %d", n, f, min(n, f))
	}
	if n := min(rows(p.Real), rows(p.Fake)); n < 50*m.Clusters {
		r.warn("%d rows a side for %d clusters: draw at least %d or lower prd.clusters", n, m.Clusters, 50*m.Clusters)
	}
	return r, nil
}

// PRDCurve is precision against recall at equally spaced angles from 0 to 90 degrees.
type PRDCurve struct{ Precision, Recall []float64 }

// Curve returns the averaged curve.
func (m PRD) Curve(ctx context.Context, p Pair) (PRDCurve, error) {
	c, _, err := m.curve(ctx, p)
	return c, err
}

// prdRun is one clustering: the histograms of both sides and every row's cluster, reals first.
type prdRun struct {
	real, fake []float64
	assign     []int
}

func (m PRD) curve(ctx context.Context, p Pair) (PRDCurve, []prdRun, error) {
	if err := Check(m.Info(), p); err != nil {
		return PRDCurve{}, nil, err
	}
	p = inOrder(p) // what is drawn must not depend on the order of files
	n := min(rows(p.Real), rows(p.Fake))
	if m.Clusters > n {
		return PRDCurve{}, nil, fmt.Errorf("prd: %d clusters of %d rows a side: lower prd.clusters: %w", m.Clusters, n, ErrTooFew)
	}
	var both mat.Dense
	both.Stack(choose(p.Real, n, p.Seed, "prd real"), choose(p.Fake, n, p.Seed, "prd fake"))
	sum := PRDCurve{make([]float64, m.Angles), make([]float64, m.Angles)}
	var runs []prdRun
	for rep := range m.Repeats {
		src := rng.Stream(p.Seed, "metrics", "prd", fmt.Sprint(rep))
		c, err := numeric.KMeans{K: m.Clusters, Init: m.Init}.Fit(ctx, engine(), &both, src)
		if err != nil {
			return PRDCurve{}, nil, err
		}
		run := prdRun{real: make([]float64, m.Clusters), fake: make([]float64, m.Clusters), assign: c.Assign}
		for i, k := range c.Assign {
			if i < n {
				run.real[k] += 1 / float64(n)
			} else {
				run.fake[k] += 1 / float64(n)
			}
		}
		one := PRDOf(run.fake, run.real, m.Angles)
		for i := range sum.Precision {
			sum.Precision[i] += one.Precision[i] / float64(m.Repeats)
			sum.Recall[i] += one.Recall[i] / float64(m.Repeats)
		}
		runs = append(runs, run)
	}
	return sum, runs, nil
}

// prdSlope is the slope of an angle of the curve; angles run from 1e-10 to pi/2 - 1e-10.
func prdSlope(angle, angles int) float64 {
	const eps = 1e-10
	return math.Tan(eps + (math.Pi/2-2*eps)*float64(angle)/float64(angles-1))
}

// PRDOf returns the curve of two histograms over the same bins, each summing to 1 [sajjadi2018]. Angles run from 1e-10 to pi/2 - 1e-10.
func PRDOf(fake, real []float64, angles int) PRDCurve {
	c := PRDCurve{make([]float64, angles), make([]float64, angles)}
	for a := range angles {
		slope := prdSlope(a, angles)
		s := 0.0
		for k := range real {
			s += min(slope*real[k], fake[k])
		}
		c.Precision[a], c.Recall[a] = min(1, s), min(1, s/slope)
	}
	return c
}

// peak is the largest F_beta of the curve and its angle.
func (c PRDCurve) peak(beta float64) (best float64, at int) {
	for i := range c.Precision {
		if f := fBeta(c.Precision[i], c.Recall[i], beta); f > best {
			best, at = f, i
		}
	}
	return best, at
}

// interval is normal around F_beta at its best angle, with the variance of the rows' first-order influence through the shares of their clusters. The
// clusters are held fixed, and the angle is, as the derivative along it is 0 there.
func (c PRDCurve) interval(runs []prdRun, at int, beta float64) *Interval {
	p, r, b2 := c.Precision[at], c.Recall[at], beta*beta
	slope := prdSlope(at, len(c.Precision))
	down := (b2*p + r) * (b2*p + r)
	if down == 0 {
		return &Interval{Level: confidence, Method: "normal, fixed clusters" + atTheseN} // no cluster holds rows of both: 0 whatever a row does
	}
	gain := (1 + b2) * (r*r + b2*p*p/slope) / down // of F for a unit more of sum_k min(slope real_k, fake_k)
	n := len(runs[0].assign) / 2
	real, fake := make([]float64, n), make([]float64, n)
	for _, run := range runs {
		for i, k := range run.assign {
			if slope*run.real[k] < run.fake[k] {
				if i < n {
					real[i] += gain * slope / float64(len(runs))
				}
			} else if i >= n {
				fake[i-n] += gain / float64(len(runs))
			}
		}
	}
	_, se := meanSE(real)
	_, seFake := meanSE(fake)
	return around(fBeta(p, r, beta), math.Hypot(se, seFake), 0, 1, "normal, fixed clusters"+atTheseN)
}

// fBeta is (1 + b^2) P R / (b^2 P + R), 0 if both are 0.
func fBeta(p, r, beta float64) float64 {
	if b2 := beta * beta; b2*p+r > 0 {
		return (1 + b2) * p * r / (b2*p + r)
	}
	return 0
}
