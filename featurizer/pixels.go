package featurizer

import (
	"context"
	"errors"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
)

// ErrShape is wrapped by the errors about samples that a featurizer does not accept.
var ErrShape = errors.New("samples not accepted")

// identity gives the samples' own values as features.
type identity struct {
	id     string
	images bool // images only
}

var _ Featurizer = identity{}

func noneMaker() Maker {
	return Maker{
		Name: "none", Usage: "none", Title: "the samples' own values: points, or features computed elsewhere", Trial: "none",
		Open: func(_ context.Context, s Spec, _ Env) (Featurizer, error) {
			return identity{id: "none"}, s.args(0, 0, "none")
		},
	}
}

func pixelsMaker() Maker {
	return Maker{
		Name: "pixels", Usage: "pixels", Title: "raw pixel values in [-1, 1], row after row, channels last", Trial: "pixels",
		Open: func(_ context.Context, s Spec, _ Env) (Featurizer, error) {
			return identity{id: "pixels", images: true}, s.args(0, 0, "pixels")
		},
	}
}

func (p identity) ID() string          { return p.id }
func (p identity) Fingerprint() string { return p.id }
func (p identity) Dim() int            { return 0 }

// Featurize copies the values into float64 rows.
func (p identity) Featurize(ctx context.Context, s *datasets.Samples) (*Output, error) {
	if p.images && s != nil && !s.IsImage() {
		return nil, fault.Of(ErrShape, "%s: samples of shape %v, want images of H x W x C (use none for points)", p.id, s.Shape)
	}
	if err := accept(ctx, p.id, s); err != nil {
		return nil, err
	}
	m := mat.NewDense(s.Len(), s.Dim(), nil)
	for i, v := range s.Data {
		m.RawMatrix().Data[i] = float64(v)
	}
	return &Output{Features: m}, nil
}

// accept refuses a cancelled context and sets without samples, for which no matrix exists.
func accept(ctx context.Context, id string, s *datasets.Samples) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s == nil || s.Len() == 0 {
		return fault.Of(ErrShape, "%s: no samples", id)
	}
	return nil
}
