package zootest

import (
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/zoo"
)

// Turn is the angle between the two domains of Points: 20 degrees, so that every cluster has one nearest counterpart.
const Turn = math.Pi / 9

// Points is a small labelled set of four clusters on the unit circle, with a second domain that is the first turned by Turn.
func Points() *datasets.Set {
	return small(datasets.Points, []int{2}, func(label int, turned bool, r *rng.Source, x []float32) {
		r.FillNormal(x)
		angle := float64(label) * math.Pi / 2
		if turned {
			angle += Turn
		}
		x[0], x[1] = float32(math.Cos(angle))+.05*x[0], float32(math.Sin(angle))+.05*x[1]
	})
}

// Images is a small labelled set of 8 x 8 grey images: a bright row whose height is the label, with a second domain of bright columns.
func Images() *datasets.Set {
	return small(datasets.Images, []int{8, 8, 1}, func(label int, turned bool, r *rng.Source, x []float32) {
		r.FillUniform(x, -1, -0.8)
		for i := range 8 {
			at := (2*label)*8 + i
			if turned {
				at = i*8 + 2*label
			}
			x[at] = 0.8 + 0.2*r.Float32()
		}
	})
}

// Sequences is a small labelled set of sentences of at most five of six tokens, of which 0 ends one and 1 is unknown: the first two words tell the label.
func Sequences() *datasets.Set {
	s := small(datasets.Sequences, []int{5}, func(label int, _ bool, r *rng.Source, x []float32) {
		clear(x)
		x[0], x[1] = float32(2+label), float32(2+(label+1)%4)
		for i := 2; i < 5 && r.Float64() < 0.7; i++ {
			x[i] = float32(2 + r.IntN(4))
		}
	})
	s.Vocabulary = &datasets.Vocabulary{Size: 6, Words: []string{"<end>", "<unk>", "roses", "are", "red", "too"}, End: 0, Unknown: 1}
	s.Target = nil
	return s
}

func small(kind datasets.Kind, shape []int, draw func(label int, turned bool, r *rng.Source, x []float32)) *datasets.Set {
	make := func(name string, n int, turned bool) *datasets.Samples {
		s := &datasets.Samples{Shape: shape, Labels: make([]int, n)}
		s.Data = make([]float32, n*s.Dim())
		r := rng.Stream(1, "zootest", string(kind), name)
		for i := range n {
			s.Labels[i] = i % 4
			draw(s.Labels[i], turned, r, s.Row(i))
		}
		return s
	}
	return &datasets.Set{
		Info:   datasets.Info{ID: "zootest-" + string(kind), Kind: kind, Shape: shape},
		Train:  make("train", 300, false),
		Test:   make("test", 100, false),
		Target: &datasets.Domain{Train: make("target", 300, true), Test: make("target-test", 100, true), Paired: true}, // by label, which is all the two sides share
	}
}

// sets are the fixtures of the kinds a model learns. Only translation models see the second domain.
func sets(info zoo.Info) []*datasets.Set {
	var all []*datasets.Set
	for _, kind := range info.Kinds {
		var s *datasets.Set
		switch kind {
		case datasets.Points:
			s = Points()
		case datasets.Images:
			s = Images()
		case datasets.Sequences:
			s = Sequences()
		}
		if info.Family != zoo.Translation || info.Conditional { // the domains of a conditional translation are its classes
			s.Target = nil
		}
		all = append(all, s)
	}
	return all
}

// Truth is the distribution that Points draws from.
func Truth() *datasets.Mixture {
	return &datasets.Mixture{Modes: [][]float64{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}, Sigma: 0.05}
}
