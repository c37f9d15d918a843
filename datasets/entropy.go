package datasets

import (
	"math"

	"github.com/assay-gan/assay/rng"
)

// Where the quadrature of Entropy runs: every mode's own coordinates, in units of sigma.
const (
	entropyReach = 9.0   // the weight left outside is below 1e-17
	entropyStep  = 0.125 // trapezoid rule: see Entropy for the error
	entropyFar   = 50.0  // modes further apart than this many sigmas do not overlap in float64
	entropyDraws = 1 << 16
)

// Entropy is the differential entropy -E ln p(x) in nats, and the error to expect of it.
//
//	H = ln K + D/2 ln(2 pi e sigma^2) - overlap,   overlap = 1/K sum_k E[-ln P(k | x)], x ~ mode k
//
// The first two terms alone are the entropy of modes that never meet; the overlap is what they share, between 0 and ln K. In one and two dimensions
// it is integrated by the trapezoid rule on a grid of sigma/8, whose error for a Gaussian-weighted analytic function falls exponentially: below 1e-9
// for every distance of the modes (the integrand's nearest pole is pi/distance off the real axis, and its weight there is known), which is the error returned.
// From three dimensions on it is a Monte-Carlo mean over 65 536 fixed draws, and the error is its standard error. NaN for an ill-formed mixture.
func (m *Mixture) Entropy() (nats, err float64) {
	if m.check() != nil {
		return math.NaN(), math.NaN()
	}
	d := float64(m.Dim())
	apart := math.Log(float64(len(m.Modes))) + d/2*math.Log(2*math.Pi*math.E*m.Sigma*m.Sigma)
	if m.Dim() > 2 {
		overlap, se := m.overlapByDraws()
		return apart - overlap, se
	}
	var overlap float64
	for k := range m.Modes {
		if near := m.neighbours(k); len(near) > 0 {
			overlap += overlapByGrid(near, m.Dim())
		}
	}
	return apart - overlap/float64(len(m.Modes)), 1e-9
}

// neighbours are the offsets, in sigmas, from mode k to the modes that overlap with it.
func (m *Mixture) neighbours(k int) [][]float64 {
	var near [][]float64
	for j, c := range m.Modes {
		offset, square := make([]float64, len(c)), 0.0
		for i := range c {
			offset[i] = (c[i] - m.Modes[k][i]) / m.Sigma
			square += offset[i] * offset[i]
		}
		if j != k && square < entropyFar*entropyFar {
			near = append(near, offset)
		}
	}
	return near
}

// overlapByGrid is E[ln(1 + sum_j exp(z.o_j - |o_j|^2/2))] over a standard normal z of one or two dimensions.
func overlapByGrid(offsets [][]float64, dim int) float64 {
	n := int(entropyReach / entropyStep)
	lo, hi := -n, n
	if dim == 1 {
		lo, hi = 0, 0 // a single line of the grid, whose weight is divided out below
	}
	z := make([]float64, 2)
	var sum, weight float64
	for a := -n; a <= n; a++ {
		z[0] = float64(a) * entropyStep
		for b := lo; b <= hi; b++ {
			z[1] = float64(b) * entropyStep
			w := math.Exp(-(z[0]*z[0] + z[1]*z[1]) / 2)
			weight += w
			sum += w * surprise(z[:dim], offsets)
		}
	}
	return sum / weight
}

// surprise is -ln P(own mode | z): ln(1 + sum_j exp(z.o_j - |o_j|^2/2)), without overflow.
func surprise(z []float64, offsets [][]float64) float64 {
	top := 0.0
	exponent := func(o []float64) (e float64) {
		for i, v := range o {
			e += v * (z[i] - v/2)
		}
		return e
	}
	for _, o := range offsets {
		top = math.Max(top, exponent(o))
	}
	sum := math.Exp(-top)
	for _, o := range offsets {
		sum += math.Exp(exponent(o) - top)
	}
	if top == 0 {
		return math.Log1p(sum - 1)
	}
	return top + math.Log(sum)
}

func (m *Mixture) overlapByDraws() (mean, se float64) {
	src := rng.Stream(0, "dataset", "mixture", "entropy")
	near := make([][][]float64, len(m.Modes))
	for k := range near {
		near[k] = m.neighbours(k)
	}
	z := make([]float64, m.Dim())
	var sum, square float64
	for i := range entropyDraws {
		for j := range z {
			z[j] = src.Normal()
		}
		v := surprise(z, near[i%len(near)])
		sum += v
		square += v * v
	}
	mean = sum / entropyDraws
	return mean, math.Sqrt(math.Max(0, square/entropyDraws-mean*mean) / (entropyDraws - 1))
}
