package metrics

import "math"

// entropy is -sum p ln p in nats.
func entropy(p []float64) float64 {
	h := 0.0
	for _, v := range p {
		if v > 0 {
			h -= v * math.Log(v)
		}
	}
	return h
}

// plogp is p ln p of ln p, with its limit 0 at p = 0.
func plogp(logp float64) float64 {
	if math.IsInf(logp, -1) {
		return 0
	}
	return math.Exp(logp) * logp
}

// jsd is the Jensen-Shannon divergence in nats: H((p+q)/2) - (H(p)+H(q))/2, at most ln 2.
func jsd(p, q []float64) float64 {
	mid := make([]float64, len(p))
	for i := range p {
		mid[i] = (p[i] + q[i]) / 2
	}
	return max(0, entropy(mid)-(entropy(p)+entropy(q))/2)
}

func shares(counts []int) []float64 {
	n := 0.0
	for _, c := range counts {
		n += float64(c)
	}
	p := make([]float64, len(counts))
	for i, c := range counts {
		p[i] = float64(c) / n
	}
	return p
}

func uniform(k int) []float64 {
	u := make([]float64, k)
	for i := range u {
		u[i] = 1 / float64(k)
	}
	return u
}

// klFrom is KL((sum - exp(without))/n || q).
func klFrom(sum, without []float64, n float64, q []float64) float64 {
	kl := 0.0
	for j, s := range sum {
		if without != nil {
			s -= math.Exp(without[j])
		}
		if s > 1e-300 {
			if q[j] == 0 {
				return math.Inf(1)
			}
			kl += s / n * math.Log(s/n/q[j])
		}
	}
	return kl
}
