package metrics

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// PRD returns the two summaries of the precision-recall curve of distributions [sajjadi2018]: F8 weighs recall, F1/8 weighs precision. Real and
// fake rows are clustered together, the curve of the two histograms is taken at equally spaced angles, and the curves of several clusterings are
// averaged:
//
//	precision(l) = sum_k min(l real_k, fake_k),  recall(l) = precision(l)/l,  l = tan(angle)
//	F_b = (1 + b^2) P R / (b^2 P + R), its maximum over the curve
//
// Both are 1 for equal histograms. The larger set is cut to the size of the smaller one, as in the original. Clusters depend on the seed. The
// prd_f8_spread and prd_f1_8_spread are the standard deviations of the two over the Repeats clusterings of the same rows: what the clustering alone makes
// of a single one; the average's own is smaller by the root of Repeats. The
// curve of two samples of one distribution lies below 1 and that of resamples lower still, so that intervals, from scoring halves of the rows,
// are for the mean at these N.
type PRD struct {
	Clusters, Angles, Repeats, Init int
	Beta                            float64
}

func (m *PRD) settings() settings {
	return settings{
		intSetting("clusters", &m.Clusters, 20, 2, "clusters of the joint set"),
		intSetting("angles", &m.Angles, 1001, 3, "points of the curve"),
		intSetting("repeats", &m.Repeats, 10, 1, "clusterings averaged"),
		intSetting("init", &m.Init, 1, 1, "restarts of each clustering"),
		floatSetting("beta", &m.Beta, 8, 1, 1000, "weight of recall in F_beta; 1/beta in the other"),
	}
}

var _ Metric = PRD{}

// With returns a copy with one option changed.
func (m PRD) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m PRD) Info() Info {
	return Info{ID: "prd", Domain: anywhere(0), Title: "precision-recall curve of distributions", Values: []string{"prd_f8", "prd_f1_8", "prd_f8_spread", "prd_f1_8_spread"}, Better: Higher, Ideal: 1, Lo: 0, Hi: 1,
		Needs: []Need{NeedFeatures}, Paper: "sajjadi2018", Options: m.settings().options()}
}

// Compute implements Metric.
func (m PRD) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	c, each, err := m.curves(ctx, p)
	if err != nil {
		return Result{}, err
	}
	r := m.summary(c)
	const rounds = 30 // of a clustering, about
	n, d := p.Real.Dims()
	work := float64(n+rows(p.Fake)) * float64(d) * float64(m.Clusters*m.Repeats*m.Init*rounds)
	switch {
	case m.Clusters > min(n, rows(p.Fake))/2:
		err = r.noIntervals(fmt.Sprintf("fewer than 2 * %d rows a side: too few to cluster halves of", m.Clusters))
	case work*halvings > resampleWork:
		err = r.noIntervals(fmt.Sprintf("%d curves of halves would take %.0e multiplications: score fewer rows or features, or lower prd.repeats", 2*halvings, work*halvings))
	default:
		err = r.resample(ctx, p, resampling{id: "prd", work: work, bounds: inUnit, score: m.pass, least: m.Clusters})
	}
	if err != nil {
		return Result{}, err
	}
	if m.Repeats > 1 {
		_, f8 := meanStd(m.over(each, m.Beta), 1)
		_, f1 := meanStd(m.over(each, 1/m.Beta), 1)
		r.Values = append(r.Values, value("prd_f8_spread", f8, None), value("prd_f1_8_spread", f1, None))
	}
	if n, f := rows(p.Real), rows(p.Fake); n != f {
		r.note("%d real and %d fake rows: the larger set was cut to the first %d", n, f, min(n, f))
	}
	if n := min(rows(p.Real), rows(p.Fake)); n < 50*m.Clusters {
		r.warn("%d rows a side for %d clusters: draw at least %d or lower prd.clusters", n, m.Clusters, 50*m.Clusters)
	}
	return r, nil
}

// pass is the values without intervals.
func (m PRD) pass(ctx context.Context, p Pair) (Result, error) {
	c, err := m.Curve(ctx, p)
	return m.summary(c), err
}

func (m PRD) summary(c PRDCurve) Result {
	return newResult(m.settings(), value("prd_f8", c.best(m.Beta), Higher), value("prd_f1_8", c.best(1/m.Beta), Higher))
}

// over is the best F of each curve.
func (m PRD) over(each []PRDCurve, beta float64) []float64 {
	out := make([]float64, len(each))
	for i, c := range each {
		out[i] = c.best(beta)
	}
	return out
}

// PRDCurve is precision against recall at equally spaced angles from 0 to 90 degrees.
type PRDCurve struct{ Precision, Recall []float64 }

// Curve returns the averaged curve.
func (m PRD) Curve(ctx context.Context, p Pair) (PRDCurve, error) {
	c, _, err := m.curves(ctx, p)
	return c, err
}

// curves are the average and the curve of each clustering.
func (m PRD) curves(ctx context.Context, p Pair) (sum PRDCurve, each []PRDCurve, err error) {
	if err := ready(&m, p); err != nil {
		return PRDCurve{}, nil, err
	}
	p = inOrder(p) // what is drawn must not depend on the order of files
	n := min(rows(p.Real), rows(p.Fake))
	if m.Clusters > n {
		return PRDCurve{}, nil, fault.Of(ErrTooFew, "prd: %d clusters of %d rows a side: lower prd.clusters", m.Clusters, n)
	}
	var both mat.Dense
	both.Stack(choose(p.Real, n, p.Seed, "prd real"), choose(p.Fake, n, p.Seed, "prd fake"))
	sum = PRDCurve{make([]float64, m.Angles), make([]float64, m.Angles)}
	for rep := range m.Repeats {
		src := rng.Stream(p.Seed, "metrics", "prd", fmt.Sprint(rep))
		c, err := numeric.KMeans{K: m.Clusters, Init: m.Init}.Fit(ctx, &both, src)
		if err != nil {
			return PRDCurve{}, nil, err
		}
		real, fake := make([]float64, m.Clusters), make([]float64, m.Clusters)
		for i, k := range c.Assign {
			if i < n {
				real[k] += 1 / float64(n)
			} else {
				fake[k] += 1 / float64(n)
			}
		}
		one := PRDOf(fake, real, m.Angles)
		each = append(each, one)
		for i := range sum.Precision {
			sum.Precision[i] += one.Precision[i] / float64(m.Repeats)
			sum.Recall[i] += one.Recall[i] / float64(m.Repeats)
		}
	}
	return sum, each, nil
}

// PRDOf returns the curve of two histograms over the same bins, each summing to 1 [sajjadi2018]. Angles run from 1e-10 to pi/2 - 1e-10.
func PRDOf(fake, real []float64, angles int) PRDCurve {
	const eps = 1e-10
	c := PRDCurve{make([]float64, angles), make([]float64, angles)}
	for a := range angles {
		slope := math.Tan(eps + (math.Pi/2-2*eps)*float64(a)/float64(angles-1))
		s := 0.0
		for k := range real {
			s += min(slope*real[k], fake[k])
		}
		c.Precision[a], c.Recall[a] = min(1, s), min(1, s/slope)
	}
	return c
}

func (c PRDCurve) best(beta float64) float64 {
	m := 0.0
	for i := range c.Precision {
		m = max(m, fBeta(c.Precision[i], c.Recall[i], beta))
	}
	return m
}

// fBeta is (1 + b^2) P R / (b^2 P + R), 0 if both are 0.
func fBeta(p, r, beta float64) float64 {
	if b2 := beta * beta; b2*p+r > 0 {
		return (1 + b2) * p * r / (b2*p + r)
	}
	return 0
}
