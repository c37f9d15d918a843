package datasets_test

import (
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/testutil"
)

// realData is the folder with real files, or skips the test.
func realData(t *testing.T, sub string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("real files are read in the full test run only")
	}
	return testutil.DataDir(t, sub)
}

func TestRealMNIST(t *testing.T) {
	s, err := datasets.MNIST{}.Load(t.Context(), datasets.Options{Dir: realData(t, "mnist"), Hold: 10_000, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if s.Train.Len() != 50_000 || s.Hold.Len() != 10_000 || s.Test.Len() != 10_000 {
		t.Errorf("%d, %d, %d samples", s.Train.Len(), s.Hold.Len(), s.Test.Len())
	}
	if len(s.Warnings) != 0 {
		t.Errorf("the md5 sums are those of the original files, yet: %q", s.Warnings)
	}
	// The published numbers of test images per class.
	want := []int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}
	have := make([]int, 10)
	for _, l := range s.Test.Labels {
		have[l]++
	}
	for c := range want {
		if have[c] != want[c] {
			t.Errorf("class %d: %d test images, want %d", c, have[c], want[c])
		}
	}
	// The published mean pixel of the 60 000 training images is 0.1307 on [0, 1].
	var sum float64
	for _, part := range []*datasets.Samples{s.Train, s.Hold} {
		for _, v := range part.Data {
			sum += (float64(v) + 1) / 2
		}
	}
	near(t, "mean pixel", sum/60_000/784, 0.1307, 5e-5)
}

func TestRealCIFAR10(t *testing.T) {
	dir := realData(t, "cifar10-jpeg")
	if !testutil.Long() {
		t.Skip("60 000 JPEG files take 700 MB: set ASSAY_LONG=1")
	}
	s, err := datasets.CIFAR10{}.Load(t.Context(), datasets.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if s.Train.Len() != 50_000 || s.Test.Len() != 10_000 {
		t.Errorf("%d, %d samples", s.Train.Len(), s.Test.Len())
	}
	counts := make([]int, 10)
	for _, l := range s.Train.Labels {
		counts[l]++
	}
	for c, n := range counts {
		if n != 5000 {
			t.Errorf("class %d has %d training images, want 5000", c, n)
		}
	}
	if len(s.Warnings) != 2 || !strings.Contains(s.Warnings[0], "50000 of 50000") {
		t.Errorf("warnings %q: want one about JPEG for each archive", s.Warnings)
	}
	// The published channel means of the training images are 0.4914, 0.4822, 0.4465 on [0, 1]; JPEG keeps them to a few thousandths.
	var sum [3]float64
	for i, v := range s.Train.Data {
		sum[i%3] += (float64(v) + 1) / 2
	}
	for k, want := range []float64{0.4914, 0.4822, 0.4465} {
		near(t, "channel mean", sum[k]/50_000/1024, want, 0.005)
	}
}

func TestRealPokemon(t *testing.T) {
	s, err := datasets.Pokemon{}.Load(t.Context(), datasets.Options{Dir: realData(t, "pokemon"), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if n := s.Train.Len() + s.Test.Len(); n != 792 || s.Test.Len() != 79 || s.Hold.Len() != 0 {
		t.Errorf("%d pictures, %d of them for testing, want 792 and 79", n, s.Test.Len())
	}
	if len(s.Tokens.Palette) != 167 || len(s.Tokens.Train)+len(s.Tokens.Test) != 792*400 {
		t.Errorf("%d colours, %d tokens", len(s.Tokens.Palette), len(s.Tokens.Train)+len(s.Tokens.Test))
	}
	used := map[uint16]bool{}
	for _, v := range append(s.Tokens.Train, s.Tokens.Test...) {
		used[v] = true
	}
	if len(used) != 167 {
		t.Errorf("%d colours in use, want all 167", len(used))
	}
}
