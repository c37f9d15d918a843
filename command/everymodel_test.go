package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/zoo"
)

// smallest is a data set a model learns, with the flags that make it and the networks as small as they go.
func smallest(m zoo.Model) (set string, flags []string) {
	i := m.Info()
	sets := map[datasets.Kind]string{datasets.Points: "ring", datasets.Images: "glyphs", datasets.Sequences: "oracle"}
	if i.Family == zoo.Translation {
		sets = map[datasets.Kind]string{datasets.Points: "ring-shifted", datasets.Images: "glyphs-inverted"}
	}
	set = sets[i.Kinds[0]]
	switch i.ID {
	case "cgan-pairs", "cvae-pairs", "pix2pix", "regression": // pairs
		set = "branches"
	case "stargan": // several domains
		set = "ring-places"
	case "sentence-vae":
		set = "verses"
	}
	small := map[string]string{"width": "4", "depth": "1", "batch": "4", "hidden": "4", "units": "4", "embed": "4", "latent": "2", "pretrain": "1", "mle": "1", "layers": "1", "rollouts": "1"}
	for _, p := range i.Settings {
		if v, ok := small[p.Name]; ok {
			flags = append(flags, "--set", p.Name+"="+v)
		}
	}
	return set, flags
}

// Every model of the catalog and every control is listed, trains on some data set, and draws from what it left.
func TestEveryModelTrainsAndSamples(t *testing.T) {
	dir := t.TempDir()
	listed := runAssay(t, "list", "models")
	for _, m := range runners.DefaultKit().Models {
		id := m.Info().ID
		t.Run(id, func(t *testing.T) {
			if !strings.Contains(listed, id) {
				t.Errorf("list models does not show %s", id)
			}
			set, flags := smallest(m)
			out := filepath.Join(dir, id)
			runAssay(t, append([]string{"train", id, "--dataset", set, "--steps", "1", "--train-n", "60", "--test-n", "110", "--quiet", "--out", out}, flags...)...)
			samples := filepath.Join(out, "drawn.npy")
			runAssay(t, "sample", "--checkpoint", filepath.Join(out, "model.safetensors"), "-n", "3", "--out", samples)
			if st, err := os.Stat(samples); err != nil || st.Size() <= 128 {
				t.Errorf("samples: %v, %v", st, err)
			}
		})
	}
}

func runAssay(t *testing.T, args ...string) string {
	t.Helper()
	r := assay(args...)
	if r.code != 0 {
		t.Fatalf("assay %s: exit %d: %s", strings.Join(args, " "), r.code, r.err)
	}
	return r.out
}
