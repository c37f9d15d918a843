// Package golden makes the reference sets behind the published golden values. The generator is splitmix64 with sums of twelve uniforms in place of
// normal numbers: integer operations, additions and one scaling by a power of two, so every language and machine makes the same bits.
package golden

import (
	"fmt"

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
// L 1000 x 10 (logits), U 64 x 16 (projection directions, not normalised).
func Names() []string { return []string{"A", "B", "C", "E", "L", "U"} }

// Set returns a reference set, optionally its first rows only: "A", "B", "A[:400]".
func Set(name string) (*mat.Dense, error) {
	var base string
	var rows int
	if n, err := fmt.Sscanf(name, "%1s[:%d]", &base, &rows); n < 1 || (n == 1 && len(name) != 1) {
		return nil, fmt.Errorf("golden set %q is not a letter or letter[:rows]: %v", name, err)
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

// Must is Set for tests: it panics on an unknown name.
func Must(name string) *mat.Dense {
	m, err := Set(name)
	if err != nil {
		panic(err)
	}
	return m
}
