package metrics

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// Features of more than wideFrom columns are clustered by so few random combinations of them that clusters cost the same whatever the featurizer.
const (
	wideFrom    = 128
	narrowWidth = 64
)

// narrowed are the rows that clusters of the data are found in and that fakes are given to them by.
type narrowed struct{ ref, held, fake *mat.Dense }

// clusterable are the sets themselves where they are narrow, else their products with one matrix of independent normal numbers of variance 1/narrowWidth: squared distances
// keep their mean, and have a relative standard error of sqrt(2/narrowWidth) = 18 % [johnson1984]. The spread within clusters is measured in the features themselves.
func clusterable(s *Shared, ref, held, fake *mat.Dense) narrowed {
	_, d := ref.Dims()
	if d <= wideFrom {
		return narrowed{ref, held, fake}
	}
	src := rng.Stream(0, "metrics", "verdict", "narrowed")
	axes := mat.NewDense(d, narrowWidth, nil)
	axes.Apply(func(_, _ int, _ float64) float64 { return src.Normal() / math.Sqrt(narrowWidth) }, axes)
	product := func(x *mat.Dense) *mat.Dense {
		p, _ := once(s, fact{what: "narrowed", a: x}, func() (*mat.Dense, error) {
			var p mat.Dense
			p.Mul(x, axes)
			if s.lasts(x) {
				s.Keep(&p)
			}
			return &p, nil
		})
		return p
	}
	return narrowed{product(ref), product(held), product(fake)}
}
