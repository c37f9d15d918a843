package metrics

import (
	"context"
	"math"
)

// CycleError returns how far round trips end from where they began [zhu2017]: cycle_error is the mean absolute difference of a number, the paper's own
// loss, and cycle_error_rms the root of the mean square, both in the samples' unit. Any paired reconstruction will do. Intervals are over samples.
type CycleError struct{}

var _ Metric = CycleError{}

// With refuses every name: there are no options.
func (m CycleError) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m CycleError) Info() Info {
	return Info{ID: "cycle_error", Domain: pixels(1), Title: "round-trip error", Values: []string{"cycle_error", "cycle_error_rms"}, Better: Lower, Ideal: 0, Lo: 0,
		Hi: math.Inf(1), Needs: []Need{NeedTarget}, Paper: "zhu2017"}
}

// Compute implements Metric.
func (m CycleError) Compute(_ context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	abs, sq := make([]float64, p.Target.N), make([]float64, p.Target.N)
	for i := range abs {
		a, b := p.Target.At(i), p.Recon.At(i)
		for k := range a {
			d := math.Abs(float64(a[k]) - float64(b[k]))
			abs[i] += d / float64(len(a))
			sq[i] += d * d / float64(len(a))
		}
	}
	l1, se := meanSE(abs)
	l2, se2 := meanSE(sq)
	rms := math.Sqrt(l2)
	r := newResult(nil, value("cycle_error", l1, Lower).within(around(l1, se, 0, math.Inf(1), "normal")))
	v := value("cycle_error_rms", rms, Lower)
	if rms > 0 {
		v = v.within(around(rms, se2/(2*rms), 0, math.Inf(1), "delta"))
	} else {
		r.degenerate("every round trip is exact: the two sides may be the same data")
	}
	r.Values = append(r.Values, v)
	return r, nil
}
