package datasets

import (
	"math"

	"github.com/assay-gan/assay/rng"
)

// Mixture is an isotropic Gaussian mixture with equal weights: the truth behind ring and grid.
//
//	p(x) = 1/K sum_k N(x; Modes[k], Sigma^2 I)
type Mixture struct {
	Modes [][]float64 // K centres of dimension D
	Sigma float64     // standard deviation in every coordinate of every mode
}

// Dim is the dimension of the space, 0 without modes.
func (m *Mixture) Dim() int {
	if len(m.Modes) == 0 {
		return 0
	}
	return len(m.Modes[0])
}

// check says whether the mixture is a distribution at all.
func (m *Mixture) check() error {
	d := m.Dim()
	if d == 0 || !(m.Sigma > 0) || math.IsInf(m.Sigma, 0) {
		return refuse("mixture of %d modes of dimension %d with sigma %v: want at least one of each, and sigma above 0", len(m.Modes), d, m.Sigma)
	}
	for k, c := range m.Modes {
		if len(c) != d {
			return refuse("mixture: mode %d has dimension %d, mode 0 has %d", k, len(c), d)
		}
	}
	return nil
}

// Sample draws n points; their labels are the modes they came from. It fails for an ill-formed mixture or a negative n.
func (m *Mixture) Sample(n int, src *rng.Source) (*Samples, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	if n < 0 {
		return nil, refuse("mixture: %d samples asked for", n)
	}
	return DrawFrom(m, n, src)
}

// Draw fills one point and returns the mode it came from. The mixture must be well-formed.
func (m *Mixture) Draw(x []float32, src *rng.Source) (mode int) {
	mode = src.IntN(len(m.Modes))
	for i, c := range m.Modes[mode] {
		x[i] = float32(c + m.Sigma*src.Normal())
	}
	return mode
}

// LogDensity is ln p(x) in nats, exact to rounding (log-sum-exp over the modes). It is NaN for an x of another dimension.
func (m *Mixture) LogDensity(x []float32) float64 {
	d := m.Dim()
	if len(x) != d || d == 0 {
		return math.NaN()
	}
	best := math.Inf(1)
	for _, c := range m.Modes {
		best = math.Min(best, squaredDistance(x, c))
	}
	var sum float64
	inv := 1 / (2 * m.Sigma * m.Sigma)
	for _, c := range m.Modes {
		sum += math.Exp((best - squaredDistance(x, c)) * inv)
	}
	return math.Log(sum/float64(len(m.Modes))) - best*inv - float64(d)/2*math.Log(2*math.Pi*m.Sigma*m.Sigma)
}

// Nearest is the mode closest to x and the distance to it in units of Sigma (the first of equal ones; -1 for an x of another dimension).
func (m *Mixture) Nearest(x []float32) (mode int, sigmas float64) {
	mode, best := -1, math.Inf(1)
	if len(x) == m.Dim() {
		for k, c := range m.Modes {
			if d := squaredDistance(x, c); d < best {
				mode, best = k, d
			}
		}
	}
	return mode, math.Sqrt(best) / m.Sigma
}

func squaredDistance(x []float32, c []float64) float64 {
	var s float64
	for i, v := range x {
		d := float64(v) - c[i]
		s += d * d
	}
	return s
}
