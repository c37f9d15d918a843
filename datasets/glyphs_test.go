package datasets_test

import (
	"math"
	"runtime"
	"testing"

	"github.com/assay-gan/assay/datasets"
)

// TestContentHashes pins the synthetic sets: published scores belong to these bytes. A change here belongs under "Numbers" in the change log.
func TestContentHashes(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("pinned on amd64: other processors may round the last bit differently (fused multiply-add)")
	}
	for id, want := range map[string]string{
		"ring":            "879af72a7ade087b",
		"grid":            "025263d81ed7697a",
		"polygons":        "674d84c4435aef4a",
		"glyphs":          "081935a22dc8b0f9",
		"ring-rotated":    "432eed443c3c4759",
		"ring-shifted":    "1703cd39eda817ad",
		"glyphs-inverted": "dfc5963056dca1c9",
		"glyphs-outlined": "75a01ed47808696a",
		"moons":           "f9897f24a7b58b9a",
		"swiss-roll":      "3cf58e23f802dbdd",
		"spirals":         "f4ad24f0840c0682",
		"checkerboard":    "8fdf0fe25192288c",
	} {
		d, err := datasets.Lookup(id)
		if err != nil {
			t.Fatal(err)
		}
		s, err := d.Load(t.Context(), datasets.Options{Seed: 1, Train: 300, Test: 100, Hold: 50})
		if err != nil {
			t.Fatal(err)
		}
		if have := s.Hash(); have[:16] != want {
			t.Errorf("%s: content %q, pinned %q", id, have[:16], want)
		}
	}
}

// TestGlyphs checks what makes the digits usable: classes that can be told apart, variety within a class, and the customary layout.
func TestGlyphs(t *testing.T) {
	s, err := datasets.Glyphs{}.Load(t.Context(), datasets.Options{Seed: 2, Train: 3000, Test: 500, Hold: 1})
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i := range s.Test.Len() {
		best, label := math.Inf(1), -1
		for j := range s.Train.Len() {
			var d float64
			for k, v := range s.Train.Row(j) {
				e := float64(v - s.Test.Row(i)[k])
				if d += e * e; d >= best {
					break
				}
			}
			if d < best {
				best, label = d, s.Train.Label(j)
			}
		}
		if label == s.Test.Label(i) {
			right++
		}
		if best < 1 {
			t.Errorf("test image %d is nearly a copy of a training image (squared distance %v)", i, best)
		}
	}
	t.Logf("nearest neighbour in pixels: %d of %d right", right, s.Test.Len())
	// Seed 2: a nearest neighbour in pixels among 3000 must do well but not perfectly, else the set is too hard or too easy.
	if right < 465 || right > 499 {
		t.Errorf("nearest neighbour in pixels: %d of 500 right, want 465 to 499", right)
	}
	counts := make([]int, 10)
	for i := range s.Train.Len() {
		counts[s.Train.Label(i)]++
		layout(t, i, s.Train.Row(i))
	}
	for c, n := range counts { // 300 expected, standard deviation 16.4
		if n < 220 || n > 380 {
			t.Errorf("class %d has %d of 3000", c, n)
		}
	}
}

// layout: a black border, some ink but not too much, centre of mass near the middle.
func layout(t *testing.T, i int, x []float32) {
	t.Helper()
	var mass, mx, my float64
	for p, v := range x {
		r, c := p/28, p%28
		if v > -1 && (r == 0 || c == 0 || r == 27 || c == 27) {
			t.Fatalf("image %d has ink on its border", i)
		}
		w := (float64(v) + 1) / 2
		mass += w
		mx += w * (float64(c) + 0.5)
		my += w * (float64(r) + 0.5)
	}
	if mass < 20 || mass > 300 {
		t.Errorf("image %d has %.1f pixels of ink", i, mass)
	}
	if math.Abs(mx/mass-14) > 3 || math.Abs(my/mass-14) > 3 {
		t.Errorf("image %d has its centre of mass at (%.1f, %.1f)", i, mx/mass, my/mass)
	}
}

// TestGlyphsClean: without distortion the only variety left is face, weight, size and place.
func TestGlyphsClean(t *testing.T) {
	s, err := datasets.Glyphs{}.Load(t.Context(), datasets.Options{Train: 200, Test: 1, Hold: 1, Params: map[string]float64{"distortion": 0}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Train.Len() {
		layout(t, i, s.Train.Row(i))
	}
}

func BenchmarkGlyphs(b *testing.B) {
	for b.Loop() {
		if _, err := (datasets.Glyphs{}).Load(b.Context(), datasets.Options{Train: 1000, Test: 1, Hold: 1}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "us/image")
}

func BenchmarkPolygons(b *testing.B) {
	for b.Loop() {
		if _, err := (datasets.Polygons{}).Load(b.Context(), datasets.Options{Train: 1000, Test: 1, Hold: 1}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "us/image")
}
