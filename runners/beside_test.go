package runners

import (
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/rng"
)

func someRows(n, d int, seed uint64) *mat.Dense {
	s := rng.Stream(seed, "rows")
	m := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			m.Set(i, j, s.Float64()*4-2)
		}
	}
	return m
}

// Logits and probabilities are held against the fakes and against their own name.
func TestSideFilesAreHeldAgainstTheSamples(t *testing.T) {
	fakes := &Side{Path: "fake.npy", Features: someRows(300, 4, 1)}
	probs := mat.NewDense(300, 2, nil)
	for i := range 300 {
		p := 0.1 + 0.8*float64(i)/300
		probs.SetRow(i, []float64{p, 1 - p})
	}
	for _, tt := range []struct {
		q    ScoreRequest
		text string
	}{
		{ScoreRequest{Logits: someRows(5, 3, 2)}, "ScoreRequest.Logits has 5 rows, the fakes are 300"},
		{ScoreRequest{Probs: probs.Slice(0, 299, 0, 2).(*mat.Dense)}, "ScoreRequest.Probs has 299 rows, the fakes are 300"},
		{ScoreRequest{Logits: probs}, "give it as ScoreRequest.Probs"},
		{ScoreRequest{Logits: someRows(300, 3, 2)}, ""},
		{ScoreRequest{Probs: probs}, ""}, // the remedy works
	} {
		tt.q.Fake, tt.q.Featurizer, tt.q.Metrics = fakes, RawFeaturizer, []string{"is"}
		_, err := Score(t.Context(), DefaultKit(), tt.q)
		if (err == nil) != (tt.text == "") || err != nil && !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%v, want %q", err, tt.text)
		}
	}
}

// Statistics with the samples beside them say by which name those are read, and the name works.
func TestSamplesBesideStatistics(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ref.npz")
	x := someRows(40, 2, 3)
	z := featurizer.NPZ{"mu": featurizer.Float64Array([]int{2}, []float64{0, 0}), "sigma": featurizer.Float64Array([]int{2, 2}, []float64{1, 0, 0, 1}),
		"arr_0": featurizer.Float64Array([]int{40, 2}, x.RawMatrix().Data)}
	if err := z.Save(path); err != nil {
		t.Fatal(err)
	}
	ask := func(real string) error {
		_, err := Score(t.Context(), DefaultKit(), ScoreRequest{Real: openSide(t, real), Fake: &Side{Path: "f", Features: someRows(40, 2, 4)}, Featurizer: RawFeaturizer, Metrics: []string{"prdc"}})
		return err
	}
	if err := ask(path); err == nil || !strings.Contains(err.Error(), "its samples are named by "+path+":arr_0") {
		t.Errorf("statistics for prdc: %v", err)
	}
	if err := ask(path + ":arr_0"); err != nil {
		t.Errorf("the remedy: %v", err)
	}
}

// A class that one side lacks is named.
func TestMissingClassIsNamed(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"real/cat/1", "real/cat/2", "real/dog/3", "real/dog/4", "fake/cat/1", "fake/cat/2", "fake/cow/3", "fake/cow/4"} {
		savePNG(t, filepath.Join(dir, f+".png"), numbered(f[len(f)-1]))
	}
	_, err := Score(t.Context(), DefaultKit(), ScoreRequest{Real: openSide(t, filepath.Join(dir, "real")), Fake: openSide(t, filepath.Join(dir, "fake")), Featurizer: "pixels", Metrics: []string{"fd_class"}})
	if err == nil || !strings.Contains(err.Error(), "real has no class cow; fake has no class dog") {
		t.Errorf("other classes: %v", err)
	}
}
