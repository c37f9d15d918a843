package imaging

import (
	"math"

	"github.com/assay-gan/assay/internal/suggest"
)

// Resampler names one tool's way to change an image's size. The choice moves a Frechet distance by whole points, so it is part of every
// protocol and no two tools share a name here unless they share the arithmetic.
type Resampler string

// The resamplers. Those marked uint8 work on 8-bit pixels in fixed point and round after each pass; the others work on float32.
const (
	TF1Bilinear     Resampler = "tf1-bilinear"      // TensorFlow 1: source = i in/out, no half-pixel shift, lerp along x, then y
	TorchBilinear   Resampler = "torch-bilinear"    // PyTorch, align_corners=False, antialias=False: half-pixel centres clamped at 0
	TorchBilinearAA Resampler = "torch-bilinear-aa" // PyTorch, antialias=True: the triangle widened by in/out when shrinking
	TorchBicubic    Resampler = "torch-bicubic"     // PyTorch, antialias=False: cubic with a = -0.75, edge pixels repeated
	TorchBicubicAA  Resampler = "torch-bicubic-aa"  // PyTorch, antialias=True: cubic with a = -0.5, widened by in/out when shrinking; EDM2's choice for DINOv2
	TorchNearest    Resampler = "torch-nearest"     // PyTorch nearest: source = floor(i in/out)
	Area            Resampler = "area"              // adaptive average: the mean of the cells floor(i in/out) .. ceil((i+1) in/out) - 1

	PillowNearest  Resampler = "pillow-nearest"  // uint8: source = floor((i + 1/2) in/out), accumulated as Pillow does
	PillowBox      Resampler = "pillow-box"      // uint8
	PillowBilinear Resampler = "pillow-bilinear" // uint8
	PillowHamming  Resampler = "pillow-hamming"  // uint8
	PillowBicubic  Resampler = "pillow-bicubic"  // uint8, a = -0.5
	PillowLanczos  Resampler = "pillow-lanczos"  // uint8, three lobes

	PillowBoxFloat      Resampler = "pillow-box-float"      // Pillow on a float image (mode F): float64 sums, float32 between the passes
	PillowBilinearFloat Resampler = "pillow-bilinear-float" //
	PillowHammingFloat  Resampler = "pillow-hamming-float"  //
	PillowBicubicFloat  Resampler = "pillow-bicubic-float"  // clean-fid's choice
	PillowLanczosFloat  Resampler = "pillow-lanczos-float"  //
)

// engine is the arithmetic a resampler runs in.
type engine uint8

const (
	lerpTF  engine = iota // two float32 interpolations
	pick                  // copies one source pixel
	sum32                 // weighted sums in float32
	sum64                 // weighted sums in float64, float32 between the passes
	fixed22               // weighted sums of bytes in 22-bit fixed point, bytes between the passes
)

type method struct {
	name   Resampler
	engine engine
	axis   func(in, out int) axis
}

func methods() []method {
	return []method{
		{TF1Bilinear, lerpTF, tfAxis},
		{TorchBilinear, sum32, halfPixelAxis},
		{TorchBilinearAA, sum32, func(in, out int) axis { return windows32(in, out, triangle) }},
		{TorchBicubic, sum32, cubicAxis},
		{TorchBicubicAA, sum32, func(in, out int) axis { return windows32(in, out, keys32) }},
		{TorchNearest, pick, floorAxis},
		{Area, sum32, areaAxis},
		{PillowNearest, pick, pillowNearestAxis},
		{PillowBox, fixed22, windows64(box)},
		{PillowBilinear, fixed22, windows64(triangle)},
		{PillowHamming, fixed22, windows64(hamming)},
		{PillowBicubic, fixed22, windows64(keys)},
		{PillowLanczos, fixed22, windows64(lanczos3)},
		{PillowBoxFloat, sum64, windows64(box)},
		{PillowBilinearFloat, sum64, windows64(triangle)},
		{PillowHammingFloat, sum64, windows64(hamming)},
		{PillowBicubicFloat, sum64, windows64(keys)},
		{PillowLanczosFloat, sum64, windows64(lanczos3)},
	}
}

// Resamplers lists every resampler by name.
func Resamplers() []Resampler {
	var names []Resampler
	for _, m := range methods() {
		names = append(names, m.name)
	}
	return names
}

func (r Resampler) method() (method, error) {
	var names []string
	for _, m := range methods() {
		if m.name == r {
			return m, nil
		}
		names = append(names, string(m.name))
	}
	return method{}, suggest.Unknown("resampler", string(r), names)
}

// filter is a symmetric window function with its half width.
type filter struct {
	half float64
	at   func(float64) float64
}

var (
	box      = filter{0.5, boxAt}
	triangle = filter{1, triangleAt}
	hamming  = filter{1, hammingAt}
	keys     = filter{2, keysAt}
	lanczos3 = filter{3, lanczosAt}
	keys32   = filter{2, keys32At}
)

func boxAt(x float64) float64 {
	if x > -0.5 && x <= 0.5 {
		return 1
	}
	return 0
}

func triangleAt(x float64) float64 { return max(0, 1-math.Abs(x)) }

// hammingAt is a sinc of one lobe under the raised cosine 0.54 + 0.46 cos(pi x).
func hammingAt(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x == 0:
		return 1
	case x >= 1:
		return 0
	}
	x *= math.Pi
	return math.Sin(x) / x * (0.54 + float64(0.46*math.Cos(x)))
}

// keysAt is the cubic convolution of Keys with a = -1/2.
func keysAt(x float64) float64 {
	const a = -0.5
	x = math.Abs(x)
	switch {
	case x < 1:
		return float64((float64((a+2)*x)-(a+3))*x*x) + 1
	case x < 2:
		return (float64((float64((x-5)*x)+8)*x) - 4) * a
	}
	return 0
}

// keys32At is keysAt in float32, in PyTorch's order of operations.
func keys32At(v float64) float64 {
	const a = float32(-0.5)
	x := float32(math.Abs(v))
	switch {
	case x < 1:
		return float64(float32(float32(float32(float32((a+2)*x)-(a+3))*x)*x) + 1)
	case x < 2:
		return float64(float32(float32(float32(float32(float32(a*x)-5*a)*x)+8*a)*x) - 4*a)
	}
	return 0
}

func lanczosAt(x float64) float64 {
	if x < -3 || x >= 3 {
		return 0
	}
	return sinc(x) * sinc(x/3)
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}
