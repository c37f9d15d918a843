package featurizer

import (
	"context"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
)

// Output is what a featurizer saw: one row per sample. Logits and Probs are nil for featurizers that are no classifiers.
type Output struct {
	Features *mat.Dense
	Logits   *mat.Dense
	Probs    *mat.Dense
}

// Featurizer turns samples into features.
type Featurizer interface {
	// ID names the featurizer and everything that decides its numbers, e.g. "pca(64,pixels)"; charset [a-z0-9.,()-].
	ID() string
	// Fingerprint is ID plus the hash of its weights (equal to ID where there are none): the key of feature caches.
	Fingerprint() string
	// Dim is the number of features, 0 where the samples decide.
	Dim() int
	// Featurize maps samples of the shape the featurizer accepts; an error names the accepted shapes.
	Featurize(ctx context.Context, s *datasets.Samples) (*Output, error)
}
