package imaging

import (
	"math"

	"github.com/assay-gan/assay/internal/fault"
)

// Quantiser is a rule from [-1, 1] to 8 bits. Generators' authors use different ones; they differ by up to one grey level, which moves scores.
type Quantiser string

// The quantisers. All clamp to 0..255. The truncating ones compute in float32, operation by operation, as their tools do: at whole grey levels the
// rounding of each operation decides.
const (
	RoundHalfUp Quantiser = "round-half-up" // floor((x+1) 127.5 + 0.5): the default, unbiased
	Trunc128    Quantiser = "trunc-128"     // floor(127.5 x + 128), as StyleGAN's own tools (stylegan2-ada)
	TruncHalf   Quantiser = "trunc-half"    // floor((x+1)/2 255), as torchmetrics on (x+1)/2: never reaches 255 but at x = 1
)

// Quantisers lists the rules by name.
func Quantisers() []Quantiser { return []Quantiser{RoundHalfUp, Trunc128, TruncHalf} }

// Quantise maps one value of [-1, 1] to 0..255 by RoundHalfUp. NaN becomes 0.
func Quantise(x float32) uint8 { return RoundHalfUp.Value(x) }

// Value maps one value of [-1, 1] to 0..255. NaN becomes 0. An unknown rule acts as RoundHalfUp.
func (q Quantiser) Value(x float32) uint8 {
	var v float64
	switch q {
	case Trunc128:
		v = float64(float32(float32(x*127.5) + 128))
	case TruncHalf:
		v = float64(float32(float32(float32(x+1)/2) * 255))
	default:
		v = math.Floor(float64((float64(x)+1)*127.5) + 0.5)
	}
	if !(v > 0) {
		return 0
	}
	return uint8(min(v, 255))
}

// FromFloat quantises h*w*c values of [-1, 1], channels last, by RoundHalfUp.
func FromFloat(h, w, c int, x []float32) (*Image, error) { return RoundHalfUp.Image(h, w, c, x) }

// Image quantises h*w*c values of [-1, 1], channels last. It errors with ErrShape if the sizes do not fit.
func (q Quantiser) Image(h, w, c int, x []float32) (*Image, error) {
	if len(x) != h*w*c {
		return nil, fault.Of(ErrShape, "%d values for an image of %d x %d x %d", len(x), h, w, c)
	}
	m, err := New(h, w, c)
	if err != nil {
		return nil, err
	}
	for i, v := range x {
		m.Pix[i] = q.Value(v)
	}
	return m, nil
}

// Float appends the pixels as values v/127.5 - 1 of [-1, 1] to dst. Quantise undoes it exactly.
func (m *Image) Float(dst []float32) []float32 {
	for _, v := range m.Pix {
		dst = append(dst, float32(float64(v)/127.5-1))
	}
	return dst
}
