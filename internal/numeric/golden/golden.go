// Package golden makes the reference sets behind the published golden values. The generator is splitmix64 with sums of twelve uniforms in place of
// normal numbers: integer operations, additions and one scaling by a power of two, so every language and machine makes the same bits.
package golden

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Source is splitmix64.
type Source struct{ state uint64 }

// New starts the generator at a seed.
func New(seed uint64) *Source { return &Source{seed} }

// Uint64 returns the next 64 bits.
func (s *Source) Uint64() uint64 {
	s.state += 0x9E3779B97F4A7C15
	z := s.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// Uniform returns the next number on [0, 1): the upper 53 bits.
func (s *Source) Uniform() float64 { return float64(s.Uint64()>>11) * 0x1p-53 }

// Normal returns the sum of twelve successive uniforms, left to right, minus 6: mean 0, variance 1, bounded by 6.
func (s *Source) Normal() float64 {
	sum := 0.0
	for range 12 {
		sum += s.Uniform()
	}
	return sum - 6
}

// Matrix returns scale*Normal + shift in row-major order.
func Matrix(seed uint64, rows, cols int, scale, shift float64) *mat.Dense {
	s := New(seed)
	x := make([]float64, rows*cols)
	for i := range x {
		x[i] = float64(scale*s.Normal()) + shift
	}
	return mat.NewDense(rows, cols, x)
}

// Names lists the reference sets: A 500 x 16, B 400 x 16 (scaled and shifted), C 50 x 64, E 40 x 64 (both with fewer rows than columns),
// L 1000 x 10 (logits), U 64 x 16 (projection directions, not normalised), R 2500 x 2 (the ring), S 1881 x 2 (R without modes 6 and 7), G 2500 x 2 (the
// grid).
func Names() []string { return []string{"A", "B", "C", "E", "L", "U", "R", "S", "G"} }

// Set returns a reference set, optionally its first rows only: "A", "B", "A[:400]".
func Set(name string) (*mat.Dense, error) {
	var base string
	var rows int
	if n, err := fmt.Sscanf(name, "%1s[:%d]", &base, &rows); n < 1 || (n == 1 && len(name) != 1) {
		return nil, fmt.Errorf("golden set %q is not a letter or letter[:rows]: %w", name, err)
	}
	var m *mat.Dense
	switch base {
	case "A":
		m = Matrix(1, 500, 16, 1, 0)
	case "B":
		m = Matrix(2, 400, 16, 1.1, 0.3)
	case "C":
		m = Matrix(3, 50, 64, 1, 0)
	case "E":
		m = Matrix(4, 40, 64, 1.2, 0.1)
	case "L":
		m = Matrix(5, 1000, 10, 3, 0)
	case "U":
		m = Matrix(9, 64, 16, 1, 0)
	case "R", "S", "G":
		keep := map[string]int{"S": 6}[base]
		mixture, seed := "ring", uint64(7)
		if base == "G" {
			mixture, seed = "grid", 8
		}
		var err error
		if m, err = Mixture(mixture, seed, 2500, keep); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("unknown golden set %q: have %v", base, Names())
	}
	if r, c := m.Dims(); rows > 0 && rows < r {
		m = mat.DenseCopyOf(m.Slice(0, rows, 0, c))
	} else if rows > r {
		return nil, fmt.Errorf("golden set %q has %d rows, not %d", base, r, rows)
	}
	return m, nil
}

// Modes is the mode centres of a golden mixture and their standard deviation: "ring", eight on the unit circle from angle 0 anticlockwise, sigma 0.01, or
// "grid", 25 at {-4, -2, 0, 2, 4}^2 with the first coordinate outside, sigma 0.05.
func Modes(name string) (centres *mat.Dense, sigma float64, err error) {
	switch name {
	case "ring":
		m := mat.NewDense(8, 2, nil)
		for k := range 8 {
			y, x := math.Sincos(2 * math.Pi * float64(k) / 8)
			m.SetRow(k, []float64{x, y})
		}
		return m, .01, nil
	case "grid":
		m := mat.NewDense(25, 2, nil)
		for k := range 25 {
			m.SetRow(k, []float64{float64(k/5)*2 - 4, float64(k%5)*2 - 4})
		}
		return m, .05, nil
	}
	return nil, 0, fmt.Errorf("unknown golden mixture %q: have ring, grid", name)
}

// Mixture draws n rows: the mode floor(K Uniform()), then sigma*Normal() a coordinate. Rows of modes from keep on are left out; keep 0 keeps all.
func Mixture(name string, seed uint64, n, keep int) (*mat.Dense, error) {
	centres, sigma, err := Modes(name)
	if err != nil {
		return nil, err
	}
	modes, d := centres.Dims()
	s := New(seed)
	var x []float64
	for range n {
		k := int(float64(modes) * s.Uniform())
		row := make([]float64, d)
		for l := range row {
			row[l] = centres.At(k, l) + float64(sigma*s.Normal())
		}
		if keep == 0 || k < keep {
			x = append(x, row...)
		}
	}
	return mat.NewDense(len(x)/d, d, x), nil
}

// Must is Set for tests: it panics on an unknown name.
func Must(name string) *mat.Dense {
	m, err := Set(name)
	if err != nil {
		panic(err)
	}
	return m
}
