package zoo

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// mixture is sum_k weight_k N(mean_k, variance_k I).
type mixture struct {
	weight, variance []float64
	mean             [][]float64
	floor            float64 // of the variances, so that no component shrinks onto one sample
}

// startMixture takes k samples as centres, each drawn with a probability in proportion to its squared distance from those before it [arthur2007].
func startMixture(x *mat.Dense, k int, r *rng.Source) *mixture {
	n, d := x.Dims()
	m := &mixture{}
	near := make([]float64, n) // squared distance to the nearest centre so far
	total := 0.0
	at := r.IntN(n)
	for c := range k {
		if c > 0 {
			at = pickBy(near, total, r)
		}
		centre := append([]float64(nil), x.RawRowView(at)...)
		m.mean = append(m.mean, centre)
		total = 0
		for i := range near {
			if s := squaredDistance(x.RawRowView(i), centre); c == 0 || s < near[i] {
				near[i] = s
			}
			total += near[i]
		}
	}
	spread := total/float64(n*d) + 1e-12
	m.floor = 1e-6 * spread
	for range k {
		m.weight, m.variance = append(m.weight, 1/float64(k)), append(m.variance, spread)
	}
	return m
}

func pickBy(p []float64, total float64, r *rng.Source) int {
	u := r.Float64() * total
	for i, v := range p {
		if u -= v; u < 0 {
			return i
		}
	}
	return len(p) - 1
}

func squaredDistance(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += (v - b[i]) * (v - b[i])
	}
	return s
}

// round does one round of EM and returns the mean log-likelihood before it.
func (m *mixture) round(x *mat.Dense) float64 {
	n, d := x.Dims()
	k := len(m.weight)
	mass, first, second := make([]float64, k), make([][]float64, k), make([]float64, k)
	for c := range first {
		first[c] = make([]float64, d)
	}
	part := make([]float64, k)
	likelihood := 0.0
	for i := range n {
		row := x.RawRowView(i)
		likelihood += m.responsibilities(row, part)
		for c, p := range part {
			if p == 0 {
				continue
			}
			mass[c] += p
			for j, v := range row {
				first[c][j] += p * (v - m.mean[c][j])
			}
			second[c] += p * squaredDistance(row, m.mean[c])
		}
	}
	for c := range k {
		m.weight[c] = mass[c] / float64(n)
		if mass[c] < 1e-9 {
			continue
		}
		moved := 0.0 // the variance is about the new mean: E|x - m|^2 - |m' - m|^2
		for j := range first[c] {
			step := first[c][j] / mass[c]
			m.mean[c][j] += step
			moved += step * step
		}
		m.variance[c] = max(m.floor, (second[c]/mass[c]-moved)/float64(d))
	}
	return likelihood / float64(n)
}

// responsibilities fills the posterior of the components and returns log p(row).
func (m *mixture) responsibilities(row, part []float64) float64 {
	top := math.Inf(-1)
	for c := range part {
		part[c] = math.Inf(-1)
		if m.weight[c] > 0 {
			d := float64(len(row))
			part[c] = math.Log(m.weight[c]) - 0.5*(d*math.Log(2*math.Pi*m.variance[c])+squaredDistance(row, m.mean[c])/m.variance[c])
		}
		top = max(top, part[c])
	}
	total := 0.0
	for c := range part {
		part[c] = math.Exp(part[c] - top)
		total += part[c]
	}
	for c := range part {
		part[c] /= total
	}
	return top + math.Log(total)
}

// density is log p(x) in closed form.
func (m *mixture) density() Density {
	d := len(m.mean[0])
	x, part := make([]float64, d), make([]float64, len(m.weight))
	return exact(d, func(row []float32) float64 {
		for i, v := range row {
			x[i] = float64(v)
		}
		return m.responsibilities(x, part)
	})
}
