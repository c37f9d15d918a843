package metrictest

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
)

// The toy of the planted failures: eight normal modes on the unit circle.
const (
	ringModes = 8
	ringSigma = 0.05
)

// Failure is a generator with one known fault. Sample draws n fakes; train is what it was trained on.
type Failure struct {
	ID, Title string
	Sample    func(s *rng.Source, n int, train *mat.Dense) *mat.Dense
}

// Failures returns the perfect generator and then the ten planted failures.
func Failures() []Failure {
	return []Failure{
		{"perfect", "perfect", mixed(1, all)},
		{"drop2", "2 of 8 modes dropped", mixed(1, func(s *rng.Source) int { return s.IntN(6) })},
		{"drop4", "every other mode dropped", mixed(1, func(s *rng.Source) int { return 2 * s.IntN(4) })},
		{"single", "one mode only", mixed(1, func(*rng.Source) int { return 0 })},
		{"rare4", "4 modes at 2 % each", mixed(1, rare)},
		{"narrow", "modes a fifth as wide", mixed(0.2, all)},
		{"points", "8 points only", mixed(0, all)},
		{"blur", "modes twice as wide", mixed(2, all)},
		{"copies200", "copies of 200 training rows", copies(200, 0)},
		{"copies", "copies of training rows + 1e-4", copies(math.MaxInt, 1e-4)},
		{"bridges", "10 % on bridges between modes", bridges},
	}
}

func all(s *rng.Source) int { return s.IntN(ringModes) }

// rare gives the odd modes 2 % each and the even ones the rest.
func rare(s *rng.Source) int {
	if u := s.Float64(); u < 0.08 {
		return 2*int(u/0.02) + 1
	}
	return 2 * s.IntN(4)
}

func centre(k int) (x, y float64) {
	y, x = math.Sincos(2 * math.Pi * float64(k) / ringModes)
	return x, y
}

// mixed draws from modes chosen by mode, their width scaled.
func mixed(scale float64, mode func(*rng.Source) int) func(*rng.Source, int, *mat.Dense) *mat.Dense {
	return func(s *rng.Source, n int, _ *mat.Dense) *mat.Dense {
		x := mat.NewDense(n, 2, nil)
		for i := range n {
			a, b := centre(mode(s))
			x.SetRow(i, []float64{a + scale*ringSigma*s.Normal(), b + scale*ringSigma*s.Normal()})
		}
		return x
	}
}

// copies draws training rows among the first of them, with noise.
func copies(among int, noise float64) func(*rng.Source, int, *mat.Dense) *mat.Dense {
	return func(s *rng.Source, n int, train *mat.Dense) *mat.Dense {
		have, _ := train.Dims()
		order := s.Perm(have)
		x := mat.NewDense(n, 2, nil)
		for i := range n {
			at := order[i%have]
			if among < have {
				at = order[s.IntN(among)]
			}
			row := train.RawRowView(at)
			x.SetRow(i, []float64{row[0] + noise*s.Normal(), row[1] + noise*s.Normal()})
		}
		return x
	}
}

// bridges puts a tenth on the segments between neighbouring modes.
func bridges(s *rng.Source, n int, _ *mat.Dense) *mat.Dense {
	x := mat.NewDense(n, 2, nil)
	for i := range n {
		k := s.IntN(ringModes)
		a, b := centre(k)
		if s.Float64() < 0.1 {
			c, d := centre(k + 1)
			u := s.Float64()
			a, b = a+u*(c-a), b+u*(d-b)
		}
		x.SetRow(i, []float64{a + ringSigma*s.Normal(), b + ringSigma*s.Normal()})
	}
	return x
}

// Planted is the pair of n test, training and generated rows of a failure. Class probabilities are the exact posteriors of the modes, labels the
// nearest mode.
func Planted(f Failure, n int, seed uint64) metrics.Pair {
	real := mixed(1, all)
	p := metrics.Pair{
		Real:  real(rng.Stream(seed, "planted", "test"), n, nil),
		Train: real(rng.Stream(seed, "planted", "train"), n, nil),
		Modes: mat.NewDense(ringModes, 2, nil), Sigma: ringSigma, Seed: seed,
	}
	p.Fake = f.Sample(rng.Stream(seed, "planted", f.ID), n, p.Train)
	for k := range ringModes {
		a, b := centre(k)
		p.Modes.SetRow(k, []float64{a, b})
	}
	p.RealProbs, p.RealLabels = posterior(p.Real)
	p.FakeProbs, p.FakeLabels = posterior(p.Fake)
	return p
}

func posterior(x *mat.Dense) (*mat.Dense, []int) {
	n, _ := x.Dims()
	probs, labels := mat.NewDense(n, ringModes, nil), make([]int, n)
	for i := range n {
		row, best := probs.RawRowView(i), math.Inf(1)
		for k := range row {
			a, b := centre(k)
			row[k] = (x.At(i, 0)-a)*(x.At(i, 0)-a) + (x.At(i, 1)-b)*(x.At(i, 1)-b)
			if row[k] < best {
				best, labels[i] = row[k], k
			}
		}
		sum := 0.0
		for k, d2 := range row {
			row[k] = math.Exp((best - d2) / (2 * ringSigma * ringSigma))
			sum += row[k]
		}
		for k := range row {
			row[k] /= sum
		}
	}
	return probs, labels
}
