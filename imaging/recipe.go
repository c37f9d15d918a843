package imaging

import (
	"fmt"
	"math"

	"github.com/assay-gan/assay/internal/fault"
)

// StepKind is one thing that a preparation does to an image.
type StepKind string

// The kinds of steps.
const (
	StepHalve  StepKind = "halve"  // both sides become their half, rounded down, by Pillow's box filter, while the shorter one is at least twice Step.H
	StepShort  StepKind = "short"  // the shorter side becomes Step.H, the other keeps the proportion
	StepResize StepKind = "resize" // the image becomes Step.H x Step.W, whatever its proportion
	StepSquare StepKind = "square" // the centre square of the shorter side
	StepCrop   StepKind = "crop"   // the centre of Step.H x Step.W
)

// Rounding is what becomes of half a pixel, in the longer side of StepShort and in the margin of a centre crop.
type Rounding string

// The roundings.
const (
	Down    Rounding = "down"    // as Python's int and //
	Nearest Rounding = "nearest" // as Python's round: halves to the even neighbour
)

// Step is one step of a Recipe.
type Step struct {
	Kind   StepKind
	H, W   int       // see the kinds
	Filter Resampler // of StepShort and StepResize
	Round  Rounding  // of StepShort, StepSquare and StepCrop
}

// Recipe is a preparation of images, step by step. Every step gives 8-bit pixels, as a chain of Pillow's calls does.
type Recipe struct {
	Channels int // 1 or 3; 0 leaves them as they are
	Steps    []Step
	H, W     int // what every image must be in the end; 0 where it may be anything
}

// Apply returns the prepared image; the one given is not changed. It errors with ErrShape where a crop is larger than the image, or where the image is not of the
// size in the end that the recipe states.
func (r Recipe) Apply(m *Image) (*Image, error) {
	var err error
	if r.Channels != 0 {
		if m, err = m.Channels(r.Channels); err != nil {
			return nil, err
		}
	}
	for _, s := range r.Steps {
		if m, err = s.apply(m); err != nil {
			return nil, err
		}
	}
	if r.H != 0 && (m.H != r.H || m.W != r.W) {
		return nil, fault.Of(ErrShape, "image of %d x %d after the last step, the recipe states %d x %d", m.H, m.W, r.H, r.W)
	}
	return m, nil
}

func (s Step) apply(m *Image) (*Image, error) {
	switch s.Kind {
	case StepHalve:
		var err error
		for min(m.H, m.W) >= 2*s.H && err == nil {
			m, err = PillowBox.resize(m, m.H/2, m.W/2)
		}
		return m, err
	case StepShort:
		h, w, err := s.keeping(m.H, m.W)
		if err != nil {
			return nil, err
		}
		return s.Filter.resize(m, h, w)
	case StepResize:
		return s.Filter.resize(m, s.H, s.W)
	case StepSquare:
		side := min(m.H, m.W)
		return m.centre(side, side, s.Round)
	case StepCrop:
		return m.centre(s.H, s.W, s.Round)
	}
	return nil, fault.Of(ErrShape, "unknown step %q", s.Kind)
}

// keeping is the size at which the shorter side is s.H. The quotient is computed as the tools compute it: round(x * (size / shorter)), or size * x // shorter.
func (s Step) keeping(h, w int) (rh, rw int, err error) {
	short := min(h, w)
	scale := func(x int) float64 {
		if s.Round == Nearest {
			return math.RoundToEven(float64(x) * (float64(s.H) / float64(short)))
		}
		return math.Floor(float64(s.H) * float64(x) / float64(short))
	}
	a, b := scale(h), scale(w)
	if a*b > maxResized {
		return 0, 0, fault.Of(ErrLimit, "image of %d x %d with the shorter side at %d is over %d pixels: crop it first", h, w, s.H, int(maxResized))
	}
	return int(a), int(b), nil
}

// maxResized bounds the image between resize and crop: 64 million pixels.
const maxResized = 1 << 26

// resize does nothing where the size is right, as Pillow does.
func (r Resampler) resize(m *Image, h, w int) (*Image, error) {
	if m.H == h && m.W == w {
		return m, nil
	}
	plan, err := r.Plan(m.H, m.W, h, w)
	if err != nil {
		return nil, err
	}
	return plan.Image(m)
}

// centre crops to the middle.
func (m *Image) centre(h, w int, round Rounding) (*Image, error) {
	if h > m.H || w > m.W {
		return nil, fault.Of(ErrShape, "image of %d x %d: a crop of %d x %d is larger", m.H, m.W, h, w)
	}
	start := func(rest int) int {
		if round == Nearest {
			return int(math.RoundToEven(float64(rest) / 2))
		}
		return rest / 2
	}
	top, left := start(m.H-h), start(m.W-w)
	out, err := New(h, w, m.C)
	if err != nil {
		return nil, err
	}
	for y := range h {
		copy(out.Pix[y*w*m.C:(y+1)*w*m.C], m.Pix[((top+y)*m.W+left)*m.C:])
	}
	return out, nil
}

// String is the step in a few words: "short 256 by pillow-bicubic, rounded to nearest".
func (s Step) String() string {
	switch s.Kind {
	case StepHalve:
		return fmt.Sprintf("halve while at least %d", 2*s.H)
	case StepShort:
		return fmt.Sprintf("shorter side %d by %s, rounded %s", s.H, s.Filter, s.Round)
	case StepResize:
		return fmt.Sprintf("resize to %d x %d by %s", s.H, s.W, s.Filter)
	case StepSquare:
		return "centre square, rounded " + string(s.Round)
	case StepCrop:
		return fmt.Sprintf("centre crop %d x %d, rounded %s", s.H, s.W, s.Round)
	}
	return string(s.Kind)
}
