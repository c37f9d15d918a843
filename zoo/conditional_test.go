package zoo_test

import (
	"errors"
	"math"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/testutil"
)

// namer is a classifier that was trained elsewhere, on data without any model of this package.
func namer(t *testing.T, id, dataDir string) func(x *datasets.Samples) []int {
	t.Helper()
	f, err := featurizer.Open(t.Context(), id, featurizer.Env{DataDir: dataDir})
	if err != nil {
		t.Fatal(err)
	}
	return func(x *datasets.Samples) []int {
		out, err := f.Featurize(t.Context(), x)
		if err != nil {
			t.Fatal(err)
		}
		names := make([]int, x.Len())
		for i := range names {
			best := math.Inf(-1)
			for k, v := range out.Logits.RawRowView(i) {
				if v > best {
					names[i], best = k, v
				}
			}
		}
		return names
	}
}

// agree is the share of equal labels.
func agree(a, b []int) float64 {
	n := 0
	for i := range a {
		if a[i] == b[i] {
			n++
		}
	}
	return float64(n) / float64(len(a))
}

// What is asked for is what comes, as a classifier sees it that knows the data alone (GAN-test), and less often if the discriminator never sees a real sample with a
// wrong class.
func TestMismatchedPairsTeachTheClass(t *testing.T) {
	long(t)
	for _, c := range []struct {
		set        datasets.Dataset
		classifier string
	}{{datasets.Glyphs{}, "glyphnet"}, {datasets.MNIST{}, "mnistnet"}} {
		t.Run(c.set.Info().ID, func(t *testing.T) {
			dir := testutil.DataDir(t)
			set, err := c.set.Load(t.Context(), datasets.Options{Seed: 1, Dir: dir})
			if errors.Is(err, datasets.ErrMissing) {
				t.Skipf("%v: put the four IDX files of MNIST in a folder and set ASSAY_DATA to it", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			name := namer(t, c.classifier, dir)
			if real := agree(name(set.Test.Slice(0, 1000)), set.Test.Labels[:1000]); real < 0.97 {
				t.Fatalf("the classifier knows only %.3f of real samples", real)
			}
			accuracy := func(mismatch string) float64 {
				s := trainedOn(t, "cgan", set, map[string]string{"mismatch": mismatch, "steps": "600", "batch": "64", "width": "16", "latent": "16", "lr_g": "1e-3", "lr_d": "1e-3"})
				x := drawn(t, s, 1000, nil)
				return agree(name(x), x.Labels)
			}
			with, without := accuracy("0.5"), accuracy("0")
			t.Logf("%.3f of the samples are of the class asked for, %.3f without mismatched pairs", with, without)
			if with < 0.8 || with < without+0.02 {
				t.Errorf("%.3f of the samples are of the class asked for, %.3f without mismatched pairs", with, without)
			}
		})
	}
}
