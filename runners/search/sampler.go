package search

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"

	"github.com/assay-gan/assay/rng"
)

// Sampler draws points of the unit cube.
type Sampler interface {
	// Name is the sampler with its constants, as it stands in records.
	Name() string
	// Batch is how many draws from number i on are drawn without knowing each other's values; 0 means all of them. A batch is drawn when the values of all draws
	// before it are known.
	Batch(i int) int
	// Point is draw i, from 0. told are the draws before its batch with their values.
	Point(s Space, stream Stream, i int, told []Trial) []float64
	// Most is how many draws there are in the space, 0 for no end.
	Most(s Space) int
}

// Stream opens the random stream of a name: one a draw, so that a draw does not depend on how many there are.
type Stream func(names ...string) *rng.Source

// Trial is a draw whose value is known. Values are ordered, less is better; a failure is +Inf.
type Trial struct {
	Point []float64
	Value float64
}

// Random draws independent uniform points.
type Random struct{}

var _ Sampler = Random{}

// Name is random.
func (Random) Name() string { return "random" }

// Batch is 0: no draw waits for another.
func (Random) Batch(int) int { return 0 }

// Most is 0.
func (Random) Most(Space) int { return 0 }

// Point is uniform, from draw i's own stream.
func (Random) Point(s Space, stream Stream, i int, _ []Trial) []float64 {
	src := stream("draw", strconv.Itoa(i))
	p := make([]float64, len(s))
	for k := range p {
		p[k] = src.Float64()
	}
	return p
}

// Halton draws the Halton sequence [halton1960], shifted at random modulo 1 so that each point alone is uniform [cranley1976]: the draws cover the space more evenly
// than independent ones. Beyond 16 axes the large bases need hundreds of draws to be even.
type Halton struct{}

var _ Sampler = Halton{}

// Name is halton.
func (Halton) Name() string { return "halton" }

// Batch is 0.
func (Halton) Batch(int) int { return 0 }

// Most is 0.
func (Halton) Most(Space) int { return 0 }

// Point is the sequence's i-th, shifted by a vector that all draws share.
func (Halton) Point(s Space, stream Stream, i int, _ []Trial) []float64 {
	src := stream("shift")
	p := make([]float64, len(s))
	base := 1
	for k := range p {
		base = nextPrime(base)
		v := radicalInverse(i+1, base) + src.Float64()
		p[k] = v - math.Floor(v)
	}
	return p
}

// radicalInverse mirrors the digits of i in a base at the decimal point.
func radicalInverse(i, base int) float64 {
	v, scale := 0.0, 1/float64(base)
	for ; i > 0; i /= base {
		v += float64(i%base) * scale
		scale /= float64(base)
	}
	return v
}

func nextPrime(n int) int {
next:
	for n++; ; n++ {
		for d := 2; d*d <= n; d++ {
			if n%d == 0 {
				continue next
			}
		}
		return n
	}
}

// Grid draws every combination of Levels values an axis, the first axis fastest: the middles of equal parts of a number's range, all values of a choice and of whole
// numbers up to Levels of them.
type Grid struct{ Levels int }

var _ Sampler = Grid{}

// Name is grid with its levels.
func (g Grid) Name() string { return fmt.Sprintf("grid(%d)", g.Levels) }

// Batch is 0.
func (Grid) Batch(int) int { return 0 }

// Most is the number of combinations.
func (g Grid) Most(s Space) int {
	n := 1
	for _, a := range s {
		hi, product := bits.Mul64(uint64(n), uint64(g.levels(a)))
		if hi != 0 || product > math.MaxInt32 {
			return math.MaxInt32
		}
		n = int(product)
	}
	return n
}

func (g Grid) levels(a Axis) int {
	switch a.Kind {
	case Choice:
		return len(a.Values)
	case Integer:
		return min(g.Levels, int(a.Hi-a.Lo)+1)
	case Continuous, Log:
	}
	return g.Levels
}

// Point is the i-th combination.
func (g Grid) Point(s Space, _ Stream, i int, _ []Trial) []float64 {
	p := make([]float64, len(s))
	for k, a := range s {
		n := g.levels(a)
		p[k] = (float64(i%n) + 0.5) / float64(n)
		i /= n
	}
	return p
}
