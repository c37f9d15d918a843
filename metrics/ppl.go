package metrics

import (
	"context"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/numeric"
)

// PPL returns the perceptual path length in the space of the given features [karras2019]:
//
//	mean of |f(G(z_t)) - f(G(z_t+eps))|^2 / eps^2
//
// over segments between the Lower and Upper percentile of these, whose bounds are order statistics (the lower and the higher neighbour); ppl_raw has
// no such trimming. Values from images stored in bytes are dominated by rounding at small eps: pass floats. The interval is over segments kept.
type PPL struct{ Lower, Upper float64 }

func (m *PPL) settings() settings {
	return settings{
		floatSetting("lower", &m.Lower, 1, 0, 50, "percentile below which segments are dropped"),
		floatSetting("upper", &m.Upper, 99, 50, 100, "percentile above which segments are dropped"),
	}
}

var _ Metric = PPL{}

// With returns a copy with one option changed.
func (m PPL) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m PPL) Info() Info {
	return Info{ID: "ppl", Domain: anywhere(2), Title: "perceptual path length", Values: []string{"ppl", "ppl_raw"}, Better: Lower, Ideal: 0, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedEnds}, Paper: "karras2019", Options: m.settings().options()}
}

// Compute implements Metric.
func (m PPL) Compute(_ context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	d := make([]float64, rows(p.Path.A))
	for i := range d {
		d[i] = numeric.SqDist(p.Path.A.RawRowView(i), p.Path.B.RawRowView(i)) / (p.Path.Eps * p.Path.Eps)
	}
	slices.Sort(d)
	last := float64(len(d) - 1)
	from, to := int(math.Floor(m.Lower/100*last)), int(math.Ceil(m.Upper/100*last))+1
	mean, _ := meanSE(d[from:to])
	se := trimmedSE(d, from, to)
	raw, seRaw := meanSE(d)
	r := newResult(m.settings(), value("ppl", mean, Lower).within(around(mean, se, 0, math.Inf(1), "normal, trimmed mean")),
		value("ppl_raw", raw, Lower).within(around(raw, seRaw, 0, math.Inf(1), "normal")))
	r.convention("eps", "%g", p.Path.Eps)
	if d[len(d)-1] == 0 {
		r.degenerate("no segment moves: the generator ignores its latent code or eps is lost in rounding")
	}
	return r, nil
}

// trimmedSE is the standard error of the mean of sorted[from:to]: that of all n with the dropped ones set to the nearest kept one, times n over the
// number kept [tukey1963]. The kept ones' own spread would say too little.
func trimmedSE(sorted []float64, from, to int) float64 {
	w := slices.Clone(sorted)
	for i := range w {
		w[i] = min(max(w[i], sorted[from]), sorted[to-1])
	}
	_, se := meanSE(w)
	return se * float64(len(w)) / float64(to-from)
}
