package featurizer_test

import (
	"context"
	"os"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/featurizertest"
	"github.com/assay-gan/assay/internal/rng"
)

// noise makes n images of 28 x 28 grey values in [-1, 1].
func noise(t testing.TB, n int) *datasets.Samples {
	t.Helper()
	data := make([]float32, n*28*28)
	rng.Stream(3, "featurizer laws").FillUniform(data, -1, 1)
	s, err := datasets.NewSamples([]int{28, 28, 1}, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLaws walks the catalog: every family with a Trial is checked unasked, and ids are unique.
func TestLaws(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range featurizer.All() {
		if seen[m.Name] {
			t.Errorf("two featurizers are called %q", m.Name)
		}
		seen[m.Name] = true
		if m.Trial == "" {
			if m.Needs == "" {
				t.Errorf("%s needs nothing and yet has no Trial", m.Name)
			}
			continue
		}
		t.Run(m.Trial, func(t *testing.T) {
			if m.Slow && os.Getenv("ASSAY_LONG") == "" {
				t.Skip("minutes: set ASSAY_LONG=1")
			}
			s := noise(t, 11)
			f, err := featurizer.Open(context.Background(), m.Trial, featurizer.Env{Reference: s})
			if err != nil {
				t.Fatal(err)
			}
			if f.ID() != m.Trial {
				t.Errorf("opened %q, its id is %q", m.Trial, f.ID())
			}
			featurizertest.Laws(t, f, s)
		})
	}
}
