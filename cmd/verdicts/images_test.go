package main

import (
	"errors"
	"slices"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
)

// wanted are faults that every set of labelled images must show by their words with n fakes.
func wanted() []fault {
	return []fault{
		{perfect, 0, "", is(metrics.Healthy)},
		{"one class lost (7)", 0, "", is(metrics.Dropped)},
		{"two classes lost (1 and 7)", 0, "", is(metrics.Dropped)},
		{"blur", 1, "", is(metrics.Blurred)},
		{"salt and pepper", .1, "", is(metrics.Noisy, metrics.OffData)},
		{"mean of two images", 1, "", is(metrics.Blurred)},
		{"copies shifted by a pixel", 1, "", is(metrics.Memorised)},
		{"inverted", 1, "", is(metrics.OffData)},
	}
}

func judged(t *testing.T, w *images, n int, seed uint64) {
	t.Helper()
	for _, f := range wanted() {
		p, err := w.pair(t.Context(), rng.Stream(seed, "test of the words"), f, n)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(f.words, metrics.Memorised) {
			p.Train, p.TrainImages = nil, nil
		}
		if v, err := metrics.Judge(t.Context(), p, metrics.DefaultThresholds()); err != nil || !slices.Contains(f.words, v.Word) {
			t.Errorf("%s: want %v, have %s, %v\n%v", f.name, f.words, v, err, v.Readings)
		}
	}
}

// Glyphs are drawn and need no file.
func TestDrawnImagesGetTheirWords(t *testing.T) {
	if testing.Short() {
		t.Skip("eight verdicts on images")
	}
	d, err := datasets.Lookup("glyphs")
	if err != nil {
		t.Fatal(err)
	}
	set, err := d.Load(t.Context(), datasets.Options{Seed: 2, Train: 6000, Test: 1})
	if err != nil {
		t.Fatal(err)
	}
	w := &images{spec: "pca(32,pixels)", labelled: true}
	if err := w.fill(t.Context(), set.Train, 1000, 1000, 5000, options{}); err != nil {
		t.Fatal(err)
	}
	judged(t, w, 800, 1)
}

// Real digits, 1000 fakes against 2000 real ones: each of these was called healthy or unclear once.
func TestRealDigitsGetTheirWords(t *testing.T) {
	if testing.Short() {
		t.Skip("eight verdicts on images")
	}
	w := &images{set: "mnist", spec: "pca(32,pixels)", labelled: true}
	switch err := w.open(t.Context(), options{}); {
	case errors.Is(err, datasets.ErrMissing):
		t.Skipf("%v: put the four IDX files of MNIST in a folder and set ASSAY_DATA to it", err)
	case err != nil:
		t.Fatal(err)
	}
	judged(t, w, 1000, 1)
}

// The fakes, the held-out and the training samples of a trial have no image in common, and a lost class is lost.
func TestTrialsTakeDifferentImages(t *testing.T) {
	s := &datasets.Samples{Shape: []int{1, 1, 1}}
	for i := range 1000 {
		s.Data, s.Labels = append(s.Data, float32(i)), append(s.Labels, i%10)
	}
	w := &images{spec: "pixels", labelled: true}
	if err := w.fill(t.Context(), s, 100, 100, 900, options{}); err != nil {
		t.Fatal(err)
	}
	p, err := w.pair(t.Context(), rng.Stream(1, "test"), fault{name: "one class lost (7)"}, 100)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[float32]bool{}
	for _, m := range []*metrics.Images{p.RealImages, p.FakeImages, p.TrainImages} {
		for _, v := range m.Pix {
			if seen[v] {
				t.Fatalf("image %v is there twice", v)
			}
			seen[v] = true
		}
	}
	for _, v := range p.FakeImages.Pix {
		if int(v)%10 == 7 {
			t.Errorf("fake %v is of the lost class", v)
		}
	}
	if len(seen) != 500 || p.RealLabels[3] != int(p.RealImages.Pix[3])%10 {
		t.Errorf("%d images; label %d of image %v", len(seen), p.RealLabels[3], p.RealImages.Pix[3])
	}
	if _, err := w.pair(t.Context(), rng.Stream(1, "test"), fault{name: perfect}, 200); !errors.Is(err, errPool) {
		t.Errorf("1000 images of 900: %v", err)
	}
}
