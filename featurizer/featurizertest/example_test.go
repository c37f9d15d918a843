package featurizertest_test

import (
	"context"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/featurizertest"
)

// The test of a featurizer of one's own: what its family says, then the laws on samples that it takes.
func ExampleLaws() {
	_ = func(t *testing.T, mine featurizer.Maker) { // TestLaws in your module
		set, err := datasets.Ring{}.Load(context.Background(), datasets.Options{Train: 20, Test: 1, Hold: 1})
		if err != nil {
			t.Fatal(err)
		}
		featurizertest.Laws(t, featurizertest.Family(t, mine, featurizer.Env{Reference: set.Train}), set.Train)
	}
	// Output:
}
