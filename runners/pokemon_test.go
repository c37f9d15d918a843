package runners

import (
	"context"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// spriteData is the folder of the creature sprites, or the test is skipped.
func spriteData(t *testing.T) string {
	t.Helper()
	if !testutil.Long() {
		t.Skip("set ASSAY_LONG=1 to train on the sprites: some minutes")
	}
	dir := testutil.DataDir(t)
	if _, err := (datasets.Pokemon{}).Load(context.Background(), datasets.Options{Dir: dir}); err != nil {
		t.Skipf("no sprites: %v", err)
	}
	return dir
}

// What the lecture says of its task, with numbers: a short training is well under the entropy of single colours, completes better than copying the last row given, by colours met
// and by likelihood, draws one image at temperature 0 and different ones at 1, and paints vivid pixels, which the same network that regresses on RGB
// hardly does: between colours lies mud. (The mean saturation does not tell: mud that spreads over the white has as much of it.)
func TestSprites(t *testing.T) {
	dir := spriteData(t)
	ctx := context.Background()
	measure := func(settings map[string]string) map[string]float64 {
		m, err := NewModel(ctx, DefaultKit(), Cell{Model: "pixelrnn", Dataset: "pokemon", Seed: 1, Data: DataKey{Seed: 1}, Settings: settings}, dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Session.Train(ctx, zoo.TrainOptions{}); err != nil {
			t.Fatal(err)
		}
		recs, err := Completion{Hide: 0.5, Seed: 1, Samples: 100}.Measure(ctx, m, Provenance{})
		if err != nil {
			t.Fatal(err)
		}
		return valuesOf(recs)
	}
	v := measure(map[string]string{"steps": "160"})
	rgb := measure(map[string]string{"steps": "80", "output": "rgb"})
	t.Logf("palette %v\nrgb %v", v, rgb)
	for what, ok := range map[string]bool{
		"bits well under the unigram's":   v["bits_per_pixel"] < 0.6*v["bits_per_pixel_unigram"],
		"likelier than copying":           v["bits_hidden"] < 0.8*v["bits_hidden_copy"],
		"meets more than copying":         v["right_hidden"] > v["right_hidden_copy"]+0.01,
		"one image at temperature 0":      v["twins_t0"] == 1,
		"different ones at temperature 1": v["twins_t1"] < 0.05,
		"vivid samples":                   v["vivid_t1"] > 0.3*v["vivid_data"] && v["vivid_hidden_t1"] > 0.5*v["vivid_hidden_data"],
		"regression is muddy":             rgb["vivid_t0"] < 0.2*v["vivid_t1"] && rgb["vivid_hidden_t0"] < 0.2*v["vivid_hidden_t1"],
	} {
		if !ok {
			t.Errorf("not: %s", what)
		}
	}
}

func valuesOf(recs []reports.Record) map[string]float64 {
	v := map[string]float64{}
	for _, r := range recs {
		v[r.Metric] = r.Value
	}
	return v
}
