package datasets_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/datasets/datasettest"
)

// TestStackedMNIST: every channel of an image is a digit of the right part of MNIST's files, and the label is made of their labels; no digit is in two splits; as
// many modes turn up as independent digits meet.
func TestStackedMNIST(t *testing.T) {
	dir := datasettest.Fixture(t, "stacked-mnist")
	single, err := datasets.MNIST{}.Load(t.Context(), datasets.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	set, err := datasets.StackedMNIST{}.Load(t.Context(), datasets.Options{Dir: dir, Seed: 2, Train: 5000, Test: 300, Hold: 200})
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]map[int]bool{}
	modes := map[int]bool{}
	for name, p := range map[string][2]*datasets.Samples{"train": {set.Train, single.Train}, "hold": {set.Hold, single.Train}, "test": {set.Test, single.Test}} {
		used[name] = map[int]bool{}
		for i := range p[0].Len() {
			label := 0
			for c := range 3 {
				digit := make([]float32, 784)
				for j := range digit {
					digit[j] = p[0].Row(i)[3*j+c]
				}
				k := 0
				for ; k < p[1].Len() && !slices.Equal(digit, p[1].Row(k)); k++ {
				}
				if k == p[1].Len() {
					t.Fatalf("%s: channel %d of image %d is no digit of its part", name, c, i)
				}
				used[name][k] = true
				label = 10*label + p[1].Label(k)
			}
			if p[0].Label(i) != label {
				t.Fatalf("%s: image %d has label %d, its digits say %d", name, i, p[0].Label(i), label)
			}
			if name == "train" {
				modes[label] = true
			}
		}
	}
	for k := range used["hold"] {
		if used["train"][k] {
			t.Errorf("digit %d is in the hold-out and in training", k)
		}
	}
	if want, missed := expectedModes(single.Train, used["train"], set.Train.Len()); math.Abs(float64(len(modes))-want) > 1+4*math.Sqrt(missed) {
		t.Errorf("%d modes, independent digits give %.1f", len(modes), want)
	}
	if len(set.Warnings) == 0 || !strings.Contains(set.Warnings[0], "do not publish") {
		t.Errorf("the noise of the fixture is taken for MNIST: %v", set.Warnings)
	}
}

// expectedModes is how many of the modes n draws of three independent digits meet in the mean, and how many that can be met they miss, which bounds the variance. Digits are
// drawn from those in use.
func expectedModes(single *datasets.Samples, used map[int]bool, n int) (met, missed float64) {
	var share [10]float64
	for k := range used {
		share[single.Label(k)] += 1 / float64(len(used))
	}
	for _, r := range share {
		for _, g := range share {
			for _, b := range share {
				if p := r * g * b; p > 0 {
					missed += math.Pow(1-p, float64(n))
					met += 1 - math.Pow(1-p, float64(n))
				}
			}
		}
	}
	return met, missed
}

// Without files one line says what to do.
func TestStackedMNISTWithoutFiles(t *testing.T) {
	t.Setenv("ASSAY_DATA", "")
	_, err := datasets.StackedMNIST{}.Load(t.Context(), datasets.Options{})
	if !errors.Is(err, datasets.ErrMissing) || err.Error() != "stacked-mnist: no data folder: name it by Options.Dir or ASSAY_DATA" {
		t.Error(err)
	}
	dir := t.TempDir()
	_, err = datasets.StackedMNIST{}.Load(t.Context(), datasets.Options{Dir: dir})
	if want := "stacked-mnist: no train-images-idx3-ubyte[.gz] in " + dir + " or its folder mnist: put the four IDX files there, or name their folder by Options.Dir or ASSAY_DATA"; !errors.Is(err, datasets.ErrMissing) || err.Error() != want {
		t.Error(err)
	}
}
