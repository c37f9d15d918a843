package featurizer_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/featurizertest"
	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/rng"
)

// noise makes n images of 28 x 28 grey values in [-1, 1].
func noise(t testing.TB, n int) *datasets.Samples {
	t.Helper()
	data := make([]float32, n*28*28)
	rng.Stream(3, "featurizer laws").FillUniform(data, -1, 1)
	s, err := datasets.NewSamples([]int{28, 28, 1}, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLaws walks the catalog: every family with a Trial is checked unasked, and ids are unique.
func TestLaws(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range featurizer.All() {
		if seen[m.Name] {
			t.Errorf("two featurizers are called %q", m.Name)
		}
		seen[m.Name] = true
		t.Run(m.Name, func(t *testing.T) {
			if m.Slow && !testutil.Long() {
				t.Skip("minutes: set ASSAY_LONG=1")
			}
			s := noise(t, 11)
			if f := featurizertest.Family(t, m, featurizer.Env{Reference: s}); f != nil {
				featurizertest.Laws(t, f, s)
			}
		})
	}
}

// TestFileLaws puts a network of the user's weights, a narrow CLIP, through the same suite.
func TestFileLaws(t *testing.T) {
	w := featurizer.Weights{}
	r := rng.Stream(4, "featurizer laws", "clip")
	put := func(name string, base, scale float32, shape ...int) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		x := make([]float32, n)
		r.FillUniform(x, base-scale, base+scale)
		w["visual."+name] = featurizer.Tensor{Shape: shape, Data: x}
	}
	norm := func(name string) { put(name+".weight", 1, 0.2, 64); put(name+".bias", 0, 0.2, 64) }
	dense := func(name string, in, out int) { put(name+".weight", 0, 0.2, out, in); put(name+".bias", 0, 0.2, out) }
	put("class_embedding", 0, 1, 64)
	put("positional_embedding", 0, 1, 10, 64)
	put("conv1.weight", 0, 0.1, 64, 3, 16, 16)
	put("proj", 0, 1, 64, 24)
	put("transformer.resblocks.0.attn.in_proj_weight", 0, 0.2, 192, 64)
	put("transformer.resblocks.0.attn.in_proj_bias", 0, 0.2, 192)
	dense("transformer.resblocks.0.attn.out_proj", 64, 64)
	dense("transformer.resblocks.0.mlp.c_fc", 64, 256)
	dense("transformer.resblocks.0.mlp.c_proj", 256, 64)
	for _, name := range []string{"ln_pre", "ln_post", "transformer.resblocks.0.ln_1", "transformer.resblocks.0.ln_2"} {
		norm(name)
	}
	path := filepath.Join(t.TempDir(), "clip.safetensors")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := w.WriteSafetensors(f, true); err != nil {
		t.Fatal(err)
	}
	clip, err := featurizer.Open(context.Background(), "clip", featurizer.Env{Weights: path})
	if err != nil {
		t.Fatal(err)
	}
	featurizertest.Laws(t, clip, noise(t, 11))
}
