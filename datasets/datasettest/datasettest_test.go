package datasettest_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/datasets/datasettest"
)

// small are options that every data set of this module loads in a moment.
func small(t *testing.T, d datasets.Dataset) datasets.Options {
	o := datasets.Options{Seed: 5, Train: 20, Test: 15, Hold: 8} // twice that fits into the fixtures: two domains may share their files
	switch info := d.Info(); {
	case info.Files != "":
		o.Dir = datasettest.Fixture(t, info.ID)
	case info.Kind == datasets.Points:
		o.Train, o.Test, o.Hold = 6000, 4000, 1000
	}
	return o
}

// TestLaws walks the catalog: nothing opts in.
func TestLaws(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range datasets.All() {
		id := d.Info().ID
		t.Run(id, func(t *testing.T) { datasettest.Laws(t, d, small(t, d)) })
		if seen[id] {
			t.Errorf("%s is listed twice", id)
		}
		seen[id] = true
	}
}

// planted is a data set with one fault.
type planted struct {
	datasets.Dataset
	fault func(*datasets.Set)
}

func (p planted) Load(ctx context.Context, o datasets.Options) (*datasets.Set, error) {
	s, err := p.Dataset.Load(ctx, o)
	if err == nil {
		p.fault(s)
	}
	return s, err
}

// half is a density that adds up to 1/2.
type half struct{ datasets.Law }

func (h half) LogDensity(x []float32) float64 { return h.Law.LogDensity(x) - math.Ln2 }

// TestLawsFindPlantedFaults: a law that cannot fail checks nothing.
func TestLawsFindPlantedFaults(t *testing.T) {
	calls := 0
	for _, c := range []struct {
		name  string
		base  datasets.Dataset
		want  string
		fault func(*datasets.Set)
	}{
		{"value out of range", datasets.Glyphs{}, "256 levels", func(s *datasets.Set) { s.Train.Data[5] = 1.01 }},
		{"value between levels", datasets.Glyphs{}, "256 levels", func(s *datasets.Set) { s.Train.Data[5] = 0.0001 }},
		{"NaN", datasets.Ring{}, "NaN", func(s *datasets.Set) { s.Test.Data[1] = float32(math.NaN()) }},
		{"label out of range", datasets.Glyphs{}, "10 classes", func(s *datasets.Set) { s.Test.Labels[3] = 10 }},
		{"a row in two splits", datasets.Polygons{}, "too", func(s *datasets.Set) { copy(s.Hold.Row(2), s.Train.Row(7)) }},
		{"sigma half as large", datasets.Ring{}, "squared distance", func(s *datasets.Set) { s.Truth.Sigma /= 2 }},
		{"one mode of double weight", datasets.Ring{}, "chi-square", func(s *datasets.Set) {
			for i := range s.Test.Len() {
				if s.Test.Label(i) == 3 {
					s.Test.Labels[i] = 4
					s.Test.Row(i)[0] += float32(s.Truth.Modes[4][0] - s.Truth.Modes[3][0])
					s.Test.Row(i)[1] += float32(s.Truth.Modes[4][1] - s.Truth.Modes[3][1])
				}
			}
		}},
		{"another law", datasets.Spirals{}, "chi-square", func(s *datasets.Set) {
			for i := range s.Test.Len() {
				s.Test.Row(i)[0] *= 1.1
			}
		}},
		{"half of a law", datasets.Moons{}, "adds up to", func(s *datasets.Set) { s.Law = half{s.Law} }},
		{"a point that could not be", datasets.Checkerboard{}, "could not belong", func(s *datasets.Set) { s.Hold.Row(3)[0] += 2 }},
		{"paired domains", datasets.GlyphsInverted(), "paired", func(s *datasets.Set) { copy(s.Target.Train.Row(0), s.Target.Correspond(s.Train.Row(1))) }},
		{"wrong map", datasets.RingShifted(), "image of train", func(s *datasets.Set) {
			s.Target.Correspond, s.Target.Inverse = func(x []float32) []float32 { return []float32{x[0], x[1]} }, nil
		}},
		{"no such token", datasets.OracleSet{}, "not one of the tokens", func(s *datasets.Set) { s.Train.Data[3] = 100 }},
		{"half a token", datasets.OracleSet{}, "not one of the tokens", func(s *datasets.Set) { s.Hold.Data[3] = 0.5 }},
		{"on after the end", datasets.Verses{}, "after its end", func(s *datasets.Set) { s.Test.Row(0)[1] = 0 }},
		{"another language", datasets.OracleSet{}, "mean log-probability", func(s *datasets.Set) { s.Oracle = datasets.NewOracle(100, 32, 20, 2) }},
		{"no vocabulary", datasets.Verses{}, "vocabulary false", func(s *datasets.Set) { s.Vocabulary = nil }},
		{"wrong inverse", datasets.RingShifted(), "Inverse", func(s *datasets.Set) { s.Target.Inverse = s.Target.Correspond }},
		{"a wrong partner", datasets.Edges{}, "right answers", func(s *datasets.Set) { copy(s.Target.Test.Row(3), s.Target.Test.Row(4)) }},
		{"one branch only", datasets.Branches{}, "fair share", func(s *datasets.Set) {
			for i, v := range s.Target.Test.Data {
				s.Target.Test.Data[i] = max(v, -v)
			}
		}},
		{"a way that does not lead back", datasets.RingPlaces(), "there and back", func(s *datasets.Set) {
			s.Move = func(x []float32, from, to int) []float32 {
				return []float32{x[0] + float32(to*to-from), x[1] + float32((to+1)*(to-from))}
			}
		}},
		{"another result on each load", datasets.Ring{}, "second load", func(s *datasets.Set) { calls++; s.Train.Data[0] += float32(calls) }},
		{"a split too short", datasets.Ring{}, "asked for", func(s *datasets.Set) { s.Hold = s.Hold.Slice(0, 3) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := planted{c.base, c.fault}
			for _, err := range datasettest.Check(t.Context(), d, small(t, d)) {
				if strings.Contains(err.Error(), c.want) {
					return
				}
			}
			t.Errorf("not found: want a breach that says %q", c.want)
		})
	}
}

// TestGolden: published values of the generator and of the two golden point sets.
func TestGolden(t *testing.T) {
	s := datasettest.SplitMix{State: 1}
	for i, want := range []uint64{0x910a2dec89025cc1, 0xbeeb8da1658eec67, 0xf893a2eefb32555e} {
		if v := s.Uint64(); v != want {
			t.Errorf("word %d is %x, want %x", i, v, want)
		}
	}
	s = datasettest.SplitMix{State: 1}
	for i, want := range []float64{1.4243480905156511, -.6189042598785681, -.5907667571367323} {
		if v := s.Normal(); v != want {
			t.Errorf("normal %d is %v, want %v", i, v, want)
		}
	}
	for _, c := range []struct {
		name   string
		make   func(uint64, int) ([][2]float64, []int)
		seed   uint64
		set    datasets.Dataset
		counts []int // of high-quality points per mode
		share  float64
		kl     float64
	}{
		{"ring", datasettest.GoldenRing, 7, datasets.Ring{}, []int{290, 325, 318, 330, 297, 303, 322, 295}, .992, .001090759253417806},
		{"grid", datasettest.GoldenGrid, 8, datasets.Grid{}, nil, .9904, .006044708832468973},
	} {
		points, _ := c.make(c.seed, 2500)
		set, err := c.set.Load(t.Context(), datasets.Options{Train: 1, Test: 1, Hold: 1})
		if err != nil {
			t.Fatal(err)
		}
		// Our modes are the golden ones: high quality is within 3 sigma of the nearest of them.
		counts, high := make([]int, len(set.Truth.Modes)), 0
		for _, p := range points {
			best, at := math.Inf(1), 0
			for k, m := range set.Truth.Modes {
				if d := math.Hypot(p[0]-m[0], p[1]-m[1]); d < best {
					best, at = d, k
				}
			}
			if best < 3*set.Truth.Sigma {
				counts[at]++
				high++
			}
		}
		for k, want := range c.counts {
			if counts[k] != want {
				t.Errorf("%s: %d high-quality points at mode %d, want %d", c.name, counts[k], k, want)
			}
		}
		var kl float64
		for _, v := range counts {
			p := float64(v) / float64(high)
			kl += p * math.Log(p*float64(len(counts)))
		}
		if share := float64(high) / 2500; share != c.share || math.Abs(kl-c.kl) > 1e-14 {
			t.Errorf("%s: high-quality share %v, KL %v, want %v and %v", c.name, share, kl, c.share, c.kl)
		}
	}
}
