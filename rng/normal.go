package rng

import "math"

// The ziggurat: the normal density is covered by layers of equal area, of which all but a sliver lie under the curve, so that almost every draw costs one comparison
// [marsaglia2000]. Layer and position come from separate bits of one 64-bit number, which removes the correlation of the original [doornik2005].
const (
	layers = 128
	tailAt = 3.442619855899      // where the tail begins
	area   = 9.91256303526217e-3 // of every layer, and of the base with the tail
)

// ziggurat holds the layers' right edges and the share of each that is surely under the curve.
var ziggurat = newZiggurat()

type zigguratTable struct{ edge, sure [layers + 1]float64 }

func newZiggurat() (z zigguratTable) {
	f := math.Exp(-0.5 * tailAt * tailAt)
	z.edge[0], z.edge[1] = area/f, tailAt
	for i := 2; i < layers; i++ {
		z.edge[i] = math.Sqrt(-2 * math.Log(area/z.edge[i-1]+f))
		f = math.Exp(-0.5 * z.edge[i] * z.edge[i])
	}
	for i := range layers {
		z.sure[i] = z.edge[i+1] / z.edge[i]
	}
	return z
}

// Normal returns one standard normal number.
func (s *Source) Normal() float64 {
	for {
		bits := s.Uint64()
		i := bits & (layers - 1)
		u := float64(int64(bits)>>11) * 0x1p-52 // [-1, 1), 53 bits apart from those of the layer
		if math.Abs(u) < ziggurat.sure[i] {
			return u * ziggurat.edge[i]
		}
		if i == 0 {
			return math.Copysign(s.tail(), u)
		}
		x := u * ziggurat.edge[i]
		high := math.Exp(-0.5 * (ziggurat.edge[i]*ziggurat.edge[i] - x*x))
		low := math.Exp(-0.5 * (ziggurat.edge[i+1]*ziggurat.edge[i+1] - x*x))
		if high+s.Float64()*(low-high) < 1 {
			return x
		}
	}
}

// tail draws beyond tailAt by rejection from exponentials [marsaglia1964].
func (s *Source) tail() float64 {
	for {
		x := -math.Log(1-s.Float64()) / tailAt
		if y := -math.Log(1 - s.Float64()); y+y > x*x {
			return tailAt + x
		}
	}
}

// FillNormal fills x with standard normal numbers: those that Normal gives, one after the other.
func (s *Source) FillNormal(x []float32) {
	used := s.used
	for i := range x {
		if used > len(s.buf)-2 {
			if used < len(s.buf) { // an odd word is left: the number lies across two blocks
				s.used = used
				x[i] = float32(s.Normal())
				used = s.used
				continue
			}
			s.fill()
			used = 0
		}
		bits := uint64(s.buf[used&31]) | uint64(s.buf[(used+1)&31])<<32
		layer := bits & (layers - 1)
		u := float64(int64(bits)>>11) * 0x1p-52
		if math.Abs(u) < ziggurat.sure[layer] { // as in Normal; all else is left to it
			x[i] = float32(u * ziggurat.edge[layer])
			used += 2
			continue
		}
		s.used = used
		x[i] = float32(s.Normal())
		used = s.used
	}
	s.used = used
}
