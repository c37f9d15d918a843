package datasets

import (
	"context"
	"fmt"
	"maps"
	"math"
	"strconv"

	"github.com/assay-gan/assay/rng"
)

// ManyDomains is a set of more than two domains for one translator of all of them [choi2018]: every sample of the base set was sent to one of the domains, drawn
// with equal odds, and its label says to which. The way between any two domains is known (Set.Move), and can be undone.
type ManyDomains struct {
	base   domainLoader
	id     string
	title  string
	names  []string
	params []Param
	move   func(p map[string]float64, shape []int) Move
}

var _ Dataset = ManyDomains{}

// RingPlaces is the ring at three places, the corners of a triangle with the origin as the first: the label is the place.
func RingPlaces() ManyDomains {
	return ManyDomains{Ring{}, "ring-places", "the ring at three places: three domains", []string{"east", "north-west", "south-west"},
		[]Param{{"apart", 3, 0.01, 1e6, false, "distance of the places from the middle of their triangle"}},
		func(p map[string]float64, _ []int) Move {
			return func(x []float32, from, to int) []float32 {
				out := []float32{x[0], x[1]}
				if from == to {
					return out
				}
				s0, c0 := math.Sincos(2 * math.Pi * float64(from) / 3)
				s1, c1 := math.Sincos(2 * math.Pi * float64(to) / 3)
				out[0] += float32(p["apart"] * (c1 - c0))
				out[1] += float32(p["apart"] * (s1 - s0))
				return out
			}
		}}
}

// GlyphsStyles is glyphs in three styles: as they are, black on white, and black on white in two rows of every four. Each style is its own inverse.
func GlyphsStyles() ManyDomains {
	return ManyDomains{Glyphs{}, "glyphs-styles", "digits in three styles: three domains", []string{"plain", "inverted", "banded"}, nil,
		func(_ map[string]float64, shape []int) Move {
			width := shape[1] * shape[2]
			black := func(style, at int) bool { return style == 1 || style == 2 && at/width%4 < 2 }
			return func(x []float32, from, to int) []float32 {
				out := make([]float32, len(x))
				for i, v := range x {
					if black(from, i) != black(to, i) {
						v = -v
					}
					out[i] = v
				}
				return out
			}
		}}
}

// Info describes the set: the base's, with its own name, and the domains as classes.
func (m ManyDomains) Info() Info {
	info := m.base.Info()
	info.ID, info.Title, info.Classes, info.Domains, info.Known, info.Paper = m.id, m.title, m.names, true, false, "choi2018"
	info.Params = append(append([]Param{}, info.Params...), m.params...)
	return info
}

// Load loads the base set and sends every sample to a domain.
func (m ManyDomains) Load(ctx context.Context, o Options) (*Set, error) {
	p, err := resolve(m.Info(), o.Params)
	if err != nil {
		return nil, err
	}
	if _, err := sizes(m.Info(), o); err != nil {
		return nil, err
	}
	o.Params = maps.Clone(p)
	for _, own := range m.params {
		delete(o.Params, own.Name)
	}
	set, err := m.base.loadDomain(ctx, o, m.id)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.id, err)
	}
	move := m.move(p, set.Info.Shape)
	for _, s := range []struct {
		name string
		s    **Samples
	}{{"train", &set.Train}, {"test", &set.Test}, {"hold", &set.Hold}} {
		out := &Samples{Shape: (*s.s).Shape, Labels: make([]int, (*s.s).Len())}
		for i := range out.Labels {
			out.Labels[i] = rng.Stream(o.Seed, "dataset", m.id, "domain", s.name, strconv.Itoa(i)).IntN(len(m.names))
			out.Data = append(out.Data, move((*s.s).Row(i), 0, out.Labels[i])...)
		}
		*s.s = out
	}
	set.Info, set.Truth, set.Move = m.Info(), nil, move
	return set, nil
}
