package metrics

import (
	"context"
	"math"
)

// PSNR returns the mean peak signal-to-noise ratio of reconstructions in dB, and the pooled mean squared error over the squared range:
//
//	psnr = mean over samples of 10 log10(L^2 / MSE),  L = Hi - Lo
//
// Exact reconstructions have no finite ratio and are left out of the mean with a warning. The interval is over samples.
type PSNR struct{}

var _ Metric = PSNR{}

// With refuses every name: there are no options.
func (m PSNR) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m PSNR) Info() Info {
	return Info{ID: "psnr", Domain: pixels(0), Title: "peak signal-to-noise ratio", Values: []string{"psnr", "psnr_mse"}, Better: Higher, Ideal: math.Inf(1), Lo: math.Inf(-1),
		Hi: math.Inf(1), Needs: []Need{NeedTarget}, Paper: "wang2004"}
}

// Compute implements Metric.
func (m PSNR) Compute(_ context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	span := p.Target.Hi - p.Target.Lo
	var scores []float64
	mse := make([]float64, p.Target.N)
	for i := range mse {
		a, b := p.Target.At(i), p.Recon.At(i)
		for k := range a {
			d := (float64(a[k]) - float64(b[k])) / span
			mse[i] += d * d / float64(len(a))
		}
		if mse[i] > 0 {
			scores = append(scores, -10*math.Log10(mse[i]))
		}
	}
	r := newResult(nil)
	if len(scores) > 0 {
		mean, se := meanSE(scores)
		r.Values = append(r.Values, value("psnr", mean, Higher).in("dB").within(around(mean, se, math.Inf(-1), math.Inf(1), "normal")))
	}
	all, se := meanSE(mse)
	r.Values = append(r.Values, value("psnr_mse", all, Lower).within(around(all, se, 0, math.Inf(1), "normal")))
	r.convention("range", "%g", span)
	switch left := len(mse) - len(scores); {
	case len(scores) == 0:
		r.degenerate("all %d reconstructions are exact: the ratio is infinite", left)
	case left > 0:
		r.note("%d of %d reconstructions are exact, where the ratio is infinite; the mean leaves them out", left, len(mse))
	}
	return r, nil
}
