package datasets

import (
	"context"

	"github.com/assay-gan/assay/rng"
)

// Law is a distribution of points that is known: anyone may draw from it, and ask for its density.
type Law interface {
	// Dim is the number of values of a point.
	Dim() int
	// Draw fills one point of Dim values with numbers from src alone, and returns its label (-1 for a law without labels).
	Draw(x []float32, src *rng.Source) (label int)
	// LogDensity is ln p(x) in nats: -Inf where no point can lie, NaN for an x of another dimension.
	LogDensity(x []float32) float64
}

var _ Law = (*Mixture)(nil)

// Distribution is what the set's samples were drawn from: its Truth, or else its Law; nil where it is not known in closed form.
func (s *Set) Distribution() Law {
	if s.Truth != nil {
		return s.Truth
	}
	return s.Law
}

// DrawFrom makes n points of a law. It fails for a negative n.
func DrawFrom(l Law, n int, src *rng.Source) (*Samples, error) {
	if n < 0 {
		return nil, refuse("%d samples asked for", n)
	}
	d := l.Dim()
	data, labels := make([]float32, n*d), make([]int, n)
	for i := range n {
		label := l.Draw(data[i*d:(i+1)*d], src)
		if label < 0 {
			labels = nil
			continue
		}
		labels[i] = label
	}
	return NewSamples([]int{d}, data, labels)
}

// drawSplits fills the splits of a set of points from its law, each from a stream of its own.
func drawSplits(ctx context.Context, set *Set, o Options, l Law, domain string) (*Set, error) {
	n, err := sizes(set.Info, o)
	if err != nil {
		return nil, err
	}
	for _, s := range []struct {
		name string
		n    int
		to   **Samples
	}{{"train", n.Train, &set.Train}, {"test", n.Test, &set.Test}, {"hold", n.Hold, &set.Hold}} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if *s.to, err = DrawFrom(l, s.n, rng.Stream(o.Seed, "dataset", set.Info.ID, domain, s.name)); err != nil {
			return nil, err
		}
	}
	return set, nil
}
