package zoo_test

import (
	"context"
	"math"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/zoo"
	"github.com/assay-gan/assay/zoo/zootest"
)

func TestControlLaws(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range zoo.All() {
		seen[m.Info().ID] = true
	}
	for _, m := range zoo.Controls() {
		id := m.Info().ID
		if seen[id] {
			t.Errorf("%s is listed twice", id)
		}
		seen[id] = true
		t.Run(id, func(t *testing.T) { zootest.ControlLaws(t, m) })
	}
}

// draw makes 4000 samples of a control of the four clusters.
func draw(t *testing.T, m zoo.Model, settings map[string]string) (*datasets.Set, *datasets.Samples) {
	t.Helper()
	set := zootest.Points()
	set.Target, set.Truth = nil, zootest.Truth()
	s, err := zoo.New(m, zoo.Config{Set: set, Seed: 3, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	x, err := s.Sample(context.Background(), 4000, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	return set, x
}

// census counts the samples of each mode, and measures their mean squared distance to it.
func census(truth *datasets.Mixture, x *datasets.Samples) (count [4]int, square float64) {
	for i := range x.Len() {
		k, sigmas := truth.Nearest(x.Row(i))
		count[k]++
		square += sigmas * sigmas * truth.Sigma * truth.Sigma / float64(x.Len())
	}
	return count, square
}

// Sampling errors: counts of 4000 with probability 1/4 have a standard deviation of 27, mean squares of chi^2_2 one of 1.6 %. The bounds are five of them.
const (
	countError  = 140
	squareError = 0.08
)

func TestControlsDoWhatTheySay(t *testing.T) {
	sigma2 := 2 * 0.05 * 0.05
	set, x := draw(t, zoo.Perfect{}, nil)
	count, square := census(set.Truth, x)
	for _, n := range count {
		if math.Abs(float64(n)-1000) > countError {
			t.Errorf("perfect: %v of 4000 in the modes", count)
		}
	}
	if math.Abs(square/sigma2-1) > squareError {
		t.Errorf("perfect: mean squared distance %v, want %v", square, sigma2)
	}

	_, x = draw(t, zoo.ModeDropper{}, map[string]string{"drop": "0.5"})
	kept := 0
	count, square = census(set.Truth, x)
	for _, n := range count {
		if n > 0 {
			kept++
		}
	}
	if kept != 2 || math.Abs(square/sigma2-1) > squareError {
		t.Errorf("mode-dropper: modes %v, mean squared distance %v", count, square)
	}

	_, x = draw(t, zoo.Memoriser{}, map[string]string{"keep": "20"})
	different := map[[2]float32]bool{}
	for i := range x.Len() {
		row := [2]float32(x.Row(i))
		different[row] = true
		best := math.Inf(1)
		for j := range 20 {
			best = min(best, math.Hypot(float64(row[0]-set.Train.Row(j)[0]), float64(row[1]-set.Train.Row(j)[1])))
		}
		if best > 1e-6 {
			t.Fatalf("memoriser: %v is none of the first 20 training samples", row)
		}
	}
	if len(different) != 20 {
		t.Errorf("memoriser: %d different samples, want 20", len(different))
	}

	_, x = draw(t, zoo.Collapser{}, nil)
	count, _ = census(set.Truth, x)
	for _, n := range count {
		if n != 0 && n != 4000 {
			t.Errorf("collapser: modes %v", count)
		}
	}

	// Four training samples a mode and all spread around them: noise of 0.3 rms, rms^2 = (1 + 2 * 0.0025) / 2 per coordinate, two coordinates.
	_, x = draw(t, zoo.Blurrer{}, map[string]string{"blur": "0.3"})
	if _, square = census(set.Truth, x); square < 0.8*(sigma2+0.09*1.005) || square > 1.1*(sigma2+0.09*1.005) { // a few cross the border between modes
		t.Errorf("blurrer: mean squared distance %v", square)
	}
}

// The normal fit has the data's mean and covariance: 0, and (1/2 + 0.0025) I up to what 300 training samples make of it, so the data's own moments are the reference.
func TestGaussianFitHasTheMoments(t *testing.T) {
	set, x := draw(t, zoo.GaussianFit{}, nil)
	a, b := moments(set.Train), moments(x)
	for i := range a {
		if math.Abs(a[i]-b[i]) > 0.07 { // five standard errors of a variance near 1/2 over 4000
			t.Errorf("moment %d: %v in the data, %v in the samples", i, a[i], b[i])
		}
	}
}

func moments(s *datasets.Samples) (m [5]float64) {
	n := float64(s.Len())
	for i := range s.Len() {
		x, y := float64(s.Row(i)[0]), float64(s.Row(i)[1])
		m[0] += x / n
		m[1] += y / n
		m[2] += x * x / n
		m[3] += y * y / n
		m[4] += x * y / n
	}
	return m
}

// The mixture fit finds the four clusters: a sample lies where the truth's would.
func TestMixtureFitFindsTheModes(t *testing.T) {
	set, x := draw(t, zoo.MixtureFit{}, nil)
	count, square := census(set.Truth, x)
	for _, n := range count {
		if math.Abs(float64(n)-1000) > countError {
			t.Errorf("%v of 4000 in the modes", count)
		}
	}
	if sigma2 := 2 * 0.05 * 0.05; math.Abs(square/sigma2-1) > 0.35 { // 75 training samples a mode: the fitted variance is off by 8 %, its mean by sigma/9
		t.Errorf("mean squared distance %v, want about %v", square, sigma2)
	}
}
