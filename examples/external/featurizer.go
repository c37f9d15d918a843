package main

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
)

// polar maps points of the plane to radius, cosine and sine of the angle, where a spiral is nearly straight. The origin has the angle 0.
type polar struct{}

var _ featurizer.Featurizer = polar{}

func polarMaker() featurizer.Maker {
	return featurizer.Maker{
		Name: "polar", Usage: "polar", Title: "radius, cosine and sine of points of the plane", Trial: "polar",
		Open: func(_ context.Context, s featurizer.Spec, _ featurizer.Env) (featurizer.Featurizer, error) {
			if len(s.Args) > 0 {
				return nil, fmt.Errorf("featurizer %s: polar takes no arguments", s)
			}
			return polar{}, nil
		},
	}
}

func (polar) ID() string          { return "polar" }
func (polar) Fingerprint() string { return "polar" } // no weights
func (polar) Dim() int            { return 3 }

// Featurize implements featurizer.Featurizer.
func (polar) Featurize(ctx context.Context, s *datasets.Samples) (*featurizer.Output, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s == nil || s.Len() == 0 || s.IsImage() || s.Dim() != 2 {
		return nil, fmt.Errorf("polar: want points of shape [2]: %w", featurizer.ErrShape)
	}
	out := mat.NewDense(s.Len(), 3, nil)
	for i := range s.Len() {
		x, y := float64(s.Row(i)[0]), float64(s.Row(i)[1])
		sin, cos := math.Sincos(math.Atan2(y, x))
		out.SetRow(i, []float64{math.Hypot(x, y), cos, sin})
	}
	return &featurizer.Output{Features: out}, nil
}
