package datasets

import (
	"context"
	"fmt"
	"maps"
	"math"
)

// domainLoader is a data set that can draw an independent second copy of itself: the same distribution from streams that carry the domain's name.
type domainLoader interface {
	Dataset
	loadDomain(ctx context.Context, o Options, domain string) (*Set, error)
}

// Translated is an unpaired translation set [zhu2017] built on another set. The source domain is the base set itself, sample for sample (half of
// it where the base is files); the target domain is an independent draw of the base set, or its other half, sent through a known map. So no target sample is the image of a source sample, yet the true
// image of every source sample is known (Target.Correspond).
type Translated struct {
	base   domainLoader
	id     string
	title  string
	params []Param // of the map, added to the base set's
	link   func(p map[string]float64, shape []int) link
}

// link is a map between the domains, its inverse (nil where there is none), and what it does to the centres of a mixture (nil for images).
type link struct {
	forward, inverse func([]float32) []float32
	centre           func([]float64) []float64
}

var _ Dataset = Translated{}

// RingRotated is ring -> the ring turned by an angle about its centre. The marginals allow every symmetry of the ring: a model that turns by
// angle + 360/modes, or mirrors, matches the target as well. The default of 15 degrees makes the smallest of those turns unique.
func RingRotated() Translated {
	return Translated{Ring{}, "ring-rotated", "ring to rotated ring, unpaired",
		[]Param{{"angle", 15, -360, 360, false, "degrees of rotation, counter-clockwise"}},
		func(p map[string]float64, _ []int) link {
			sin, cos := math.Sincos(p["angle"] * math.Pi / 180)
			return planar(
				func(x, y float64) (float64, float64) { return x*cos - y*sin, x*sin + y*cos },
				func(x, y float64) (float64, float64) { return x*cos + y*sin, y*cos - x*sin })
		}}
}

// RingShifted is ring -> the ring moved to another place. The symmetries of the ring remain: see RingRotated.
func RingShifted() Translated {
	return Translated{Ring{}, "ring-shifted", "ring to translated ring, unpaired",
		[]Param{{"dx", 1.5, -1e6, 1e6, false, "shift along x"}, {"dy", 0.5, -1e6, 1e6, false, "shift along y"}},
		func(p map[string]float64, _ []int) link {
			return planar(
				func(x, y float64) (float64, float64) { return x + p["dx"], y + p["dy"] },
				func(x, y float64) (float64, float64) { return x - p["dx"], y - p["dy"] })
		}}
}

// GlyphsInverted is glyphs -> black digits on white: x -> -x, its own inverse.
func GlyphsInverted() Translated {
	return Translated{Glyphs{}, "glyphs-inverted", "digits to black digits on white, unpaired", nil, negative}
}

// MNISTInverted is MNIST -> black digits on white: x -> -x, its own inverse. Its domains are the two halves of the files, so that no digit is in both.
func MNISTInverted() Translated {
	return Translated{halves{MNIST{}}, "mnist-inverted", "MNIST digits to black digits on white, unpaired", nil, negative}
}

func negative(map[string]float64, []int) link {
	negate := func(s []float32) []float32 {
		out := make([]float32, len(s))
		for i, v := range s {
			out[i] = -v
		}
		return out
	}
	return link{forward: negate, inverse: negate}
}

// GlyphsOutlined is glyphs -> the outline just outside of their strokes: the grey-scale dilation by a plus of five pixels minus the image.
func GlyphsOutlined() Translated {
	return Translated{Glyphs{}, "glyphs-outlined", "digits to their outlines, unpaired", nil,
		func(_ map[string]float64, shape []int) link {
			return link{forward: func(s []float32) []float32 { return outline(s, shape) }}
		}}
}

// planar lifts a map of the plane to samples and to mode centres.
func planar(forward, inverse func(x, y float64) (float64, float64)) link {
	lift := func(f func(x, y float64) (float64, float64)) func([]float32) []float32 {
		return func(s []float32) []float32 {
			x, y := f(float64(s[0]), float64(s[1]))
			return []float32{float32(x), float32(y)}
		}
	}
	return link{lift(forward), lift(inverse), func(c []float64) []float64 {
		x, y := forward(c[0], c[1])
		return []float64{x, y}
	}}
}

// outline is dilation minus image, both in [0, 1], on a background of black.
func outline(s []float32, shape []int) []float32 {
	h, w, c := shape[0], shape[1], shape[2]
	out := make([]float32, len(s))
	for y := range h {
		for x := range w {
			for k := range c {
				at := (y*w+x)*c + k
				top := s[at]
				if x > 0 {
					top = max(top, s[at-c])
				}
				if x < w-1 {
					top = max(top, s[at+c])
				}
				if y > 0 {
					top = max(top, s[at-w*c])
				}
				if y < h-1 {
					top = max(top, s[at+w*c])
				}
				out[at] = top - s[at] - 1
			}
		}
	}
	return out
}

// Info describes the set: the base's, with its own name and the parameters of the map.
func (t Translated) Info() Info {
	info := t.base.Info()
	info.ID, info.Title, info.Target, info.Paper = t.id, t.title, true, "zhu2017"
	info.Params = append(append([]Param{}, info.Params...), t.params...)
	return info
}

// Load loads the base set twice, from independent streams, and sends the second through the map.
func (t Translated) Load(ctx context.Context, o Options) (*Set, error) {
	p, err := resolve(t.Info(), o.Params)
	if err != nil {
		return nil, err
	}
	if _, err := sizes(t.Info(), o); err != nil {
		return nil, err
	}
	o.Params = maps.Clone(p)
	for _, own := range t.params {
		delete(o.Params, own.Name)
	}
	set, err := t.base.loadDomain(ctx, o, "")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.id, err)
	}
	other, err := t.base.loadDomain(ctx, o, "target")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.id, err)
	}
	l := t.link(p, set.Info.Shape)
	classes := set.Info.Classes
	set.Info = t.Info()
	set.Info.Classes = classes
	set.Target = &Domain{
		Train: sent(other.Train, l.forward), Test: sent(other.Test, l.forward), Hold: sent(other.Hold, l.forward),
		Correspond: l.forward, Inverse: l.inverse,
	}
	if set.Truth != nil {
		m := &Mixture{Sigma: set.Truth.Sigma}
		for _, c := range set.Truth.Modes {
			m.Modes = append(m.Modes, l.centre(c))
		}
		set.Target.Truth = m
	}
	return set, nil
}

// sent maps every sample, keeping the labels.
func sent(s *Samples, f func([]float32) []float32) *Samples {
	out := &Samples{Shape: s.Shape, Data: make([]float32, 0, len(s.Data)), Labels: s.Labels}
	for i := range s.Len() {
		out.Data = append(out.Data, f(s.Row(i))...)
	}
	return out
}
