package runners

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/zoo"
)

// dotSet is black (-1) and white images of 2 x 2 pixels.
func dotSet() *datasets.Set {
	const b, w = -1, 1
	of := func(v ...float32) *datasets.Samples {
		return &datasets.Samples{Shape: []int{2, 2, 1}, Data: v}
	}
	return &datasets.Set{Info: datasets.Info{ID: "dots", Kind: datasets.Images}, Train: of(b, w, b, w, b, w, w, w), Test: of(b, w, b, b)}
}

func dotModel(t *testing.T, m zoo.Model, settings map[string]string) *Model {
	t.Helper()
	set := dotSet()
	s, err := zoo.New(m, zoo.Config{Set: set, Settings: settings, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return &Model{Cell: Cell{Model: m.Info().ID, Dataset: "dots", Settings: s.Settings()}, Set: set, Session: s}
}

// In training three pixels are black and five white: shares 4/10 and 6/10 with one more of each. The lower row repeats the upper in three of four pixels, so copying is right with
// 3/4, and its weight in a mixture with the shares is found here by trying all. Of the test image's lower row, black black below black white, copying meets one of two.
func TestCompletionMeasures(t *testing.T) {
	m := dotModel(t, zoo.PixelRNN{}, map[string]string{"width": "4", "batch": "2"})
	recs, err := Completion{Hide: 0.5, Seed: 1, Samples: 6}.Measure(context.Background(), m, Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, r := range recs {
		got[r.Metric] = r.Value
	}
	nats, _, err := m.Session.LogLikelihood(context.Background(), m.Set.Test)
	if err != nil {
		t.Fatal(err)
	}
	black, white := -math.Log2(0.4), -math.Log2(0.6)
	best, most := 0.0, math.Inf(-1) // the weight of copying: three of the four pixels are as above, one black and two white; the fourth is white
	for a := 0.0; a < 1; a += 1e-5 {
		if l := math.Log(a+(1-a)*0.4) + 2*math.Log(a+(1-a)*0.6) + math.Log((1-a)*0.6); l > most {
			best, most = a, l
		}
	}
	for name, want := range map[string]float64{
		"bits_per_pixel":         -nats[0] / math.Ln2 / 4,
		"bits_per_pixel_unigram": (3*black + white) / 4,
		"bits_hidden_unigram":    black,
		"bits_hidden_copy":       -(math.Log2(best+(1-best)*0.4) + math.Log2((1-best)*0.4)) / 2,
		"right_hidden_copy":      0.5,
		"twins_t0":               1,
	} {
		if v, ok := got[name]; !ok || math.Abs(v-want) > 1e-4 {
			t.Errorf("%s = %v, want %v", name, v, want)
		}
	}
	if b := got["bits_hidden"]; !(b > 0 && b < 3) {
		t.Errorf("bits_hidden = %v", b)
	}
	if m.Session.Settings()["temperature"] != "1" {
		t.Error("the temperature was left changed")
	}
	if _, err := (Completion{Hide: 0.5}).Measure(context.Background(), dotModel(t, zoo.Memoriser{}, nil), Provenance{}); !errors.Is(err, zoo.ErrHook) || !strings.Contains(err.Error(), "pixelcnn") {
		t.Errorf("a model that cannot: %v", err)
	}
}

// Two of five are the same; of pixels (1, -1, 0) and (0.5, 0.5, 0.5) the saturations are 1 and 0.
func TestTwinsAndSaturation(t *testing.T) {
	x := &datasets.Samples{Shape: []int{1}, Data: []float32{1, 2, 3, 2, 4}}
	if v := twins(x); v != 0.4 {
		t.Errorf("twins %v", v)
	}
	x = &datasets.Samples{Shape: []int{1, 2, 3}, Data: []float32{1, -1, 0, 0.5, 0.5, 0.5}}
	if mean, vivid := saturation(x); mean != 0.5 || vivid != 0.5 {
		t.Errorf("saturation %v, vivid %v", mean, vivid)
	}
}

// A sheet has a row of original, given and completions for each image, as wide as they are with a border of one pixel.
func TestCompletionSheet(t *testing.T) {
	m := dotModel(t, zoo.PixelCNN{}, map[string]string{"width": "4", "batch": "2", "depth": "1"})
	sheet, err := CompletionSheet(context.Background(), m, Completion{Hide: 0.5, Seed: 1}, 8, 3)
	if err != nil {
		t.Fatal(err)
	}
	if sheet.W != 5*(2+1)+1 || sheet.H != 2+2 {
		t.Errorf("%d x %d", sheet.W, sheet.H)
	}
	at := func(x, y int) uint8 { return sheet.Pix[(y*sheet.W+x)*sheet.C] }
	if at(1, 1) != 0 || at(2, 1) != 255 || at(1, 2) != 0 || at(4, 1) != 0 || at(5, 1) != 255 || at(4, 2) != 128 && at(4, 2) != 127 || at(7, 1) != 0 || at(8, 1) != 255 {
		t.Errorf("pixels %v", sheet.Pix)
	}
}
