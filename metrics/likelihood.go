package metrics

import (
	"context"
	"math"
)

// ELBO returns bounds of the log likelihood from densities at K draws z_k ~ q(z|x_n) [kingma2014, burda2016, theis2016]. With
// w_nk = log p(x_n|z_k) + log p(z_k) - log q(z_k|x_n),
//
//	elbo           mean over n and k of w: a lower bound of log p(x), nats
//	iwae           mean over n of log 1/K sum_k exp w: tighter, equal to elbo at K = 1
//	bits_per_dim   -(iwae + Offset) / (Dim ln 2)
//	reconstruction mean of log p(x|z);  kl  mean of log q(z|x) - log p(z), the sampled divergence of posterior and prior
//
// Intervals are over samples. Densities of rescaled or dequantised pixels shift all of them: state the offset.
type ELBO struct{}

var _ Metric = ELBO{}

// With refuses every name: there are no options.
func (m ELBO) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m ELBO) Info() Info {
	return Info{ID: "elbo", Domain: fixed("natural logarithms of densities"), Title: "likelihood bounds", Values: []string{"elbo", "iwae", "bits_per_dim", "reconstruction", "kl"}, Better: Higher,
		Ideal: math.Inf(1), Lo: math.Inf(-1), Hi: math.Inf(1), Needs: []Need{NeedTerms}, Paper: "burda2016"}
}

// Compute implements Metric.
func (m ELBO) Compute(_ context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	t := p.Terms
	n, k := t.PX.Dims()
	elbo, iwae, rec, kl, bits := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	w := make([]float64, k)
	for i := range n {
		px, pz, qz := t.PX.RawRowView(i), t.PZ.RawRowView(i), t.QZ.RawRowView(i)
		for j := range w {
			w[j] = px[j] + pz[j] - qz[j]
			elbo[i] += w[j] / float64(k)
			rec[i] += px[j] / float64(k)
			kl[i] += (qz[j] - pz[j]) / float64(k)
		}
		iwae[i] = logSumExp(w) - math.Log(float64(k))
		bits[i] = -(iwae[i] + t.Offset) / (float64(t.Dim) * math.Ln2)
	}
	r := newResult(nil)
	for _, v := range []struct {
		name, unit string
		x          []float64
		better     Direction
	}{{"elbo", "nats", elbo, Higher}, {"iwae", "nats", iwae, Higher}, {"bits_per_dim", "bits", bits, Lower}, {"reconstruction", "nats", rec, Higher}, {"kl", "nats", kl, None}} {
		mean, se := meanSE(v.x)
		r.Values = append(r.Values, value(v.name, mean, v.better).in(v.unit).within(around(mean, se, math.Inf(-1), math.Inf(1), "normal")))
	}
	r.convention("draws", "%d", k)
	r.convention("offset", "%g", t.Offset)
	return r, nil
}
