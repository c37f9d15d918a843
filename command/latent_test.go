package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A model with an encoder goes from test sample to test sample, another from seed to seed; grids of images are contact sheets, points are arrays; validity comes from
// the classifier or the modes.
func TestLatent(t *testing.T) {
	if testing.Short() {
		t.Skip("trains two small models")
	}
	t.Chdir(t.TempDir())
	for _, args := range [][]string{
		{"train", "vae", "--dataset", "glyphs", "--train-n", "200", "--test-n", "50", "--steps", "5", "--set", "width=4", "--set", "batch=16", "--set", "latent=3", "--out", "vae", "--quiet"},
		{"train", "cgan", "--dataset", "ring", "--train-n", "500", "--test-n", "50", "--steps", "5", "--set", "width=8", "--set", "batch=16", "--out", "cgan", "--quiet"},
	} {
		if r := assay(args...); r.code != 0 {
			t.Fatal(r.err)
		}
	}
	for _, c := range []struct {
		args    string
		out     string
		walks   int
		samples int
		by      string
	}{
		{"vae --grid --steps 4 --out grid.png", "grid.png", 1, 16, "glyphnet"},
		{"vae/model.safetensors --sweep 0,2 --steps 3 --seed 7 --classifier none --out sweep.npy", "sweep.npy", 1, 9, ""},
		{"vae --interpolate 4,17 --out between.png", "between.png", 2, 11, "glyphnet"},
		{"cgan --interpolate 1,2 --steps 5 --label 3 --out between.npy", "between.npy", 2, 5, "modes"},
	} {
		r := assay(append([]string{"latent"}, strings.Fields(c.args+" --format json")...)...)
		if r.code != 0 {
			t.Fatalf("%s: %s", c.args, r.err)
		}
		var got []walkReport
		if err := json.Unmarshal([]byte(r.out), &got); err != nil {
			t.Fatal(err)
		}
		if len(got) != c.walks || got[0].Samples != c.samples || !(got[0].Step > 0 && got[0].Largest >= got[0].Step) {
			t.Errorf("%s: %s", c.args, r.out)
		}
		for _, w := range got {
			if (w.Validity == nil) != (c.by == "") || w.Validity != nil && (!strings.HasPrefix(w.Validity.By, c.by) || len(w.Validity.Score) != c.samples) {
				t.Errorf("%s: judged %+v, want by %q", c.args, w.Validity, c.by)
			}
		}
		if b, err := os.ReadFile(c.out); err != nil || len(b) < 100 {
			t.Errorf("%s: %d bytes, %v", c.out, len(b), err)
		}
	}
	if r := assay("latent", "vae", "--interpolate", "4,17", "--steps", "3"); r.code != 0 || !strings.Contains(r.out, "slerp") || !strings.Contains(r.out, "glyphnet") {
		t.Errorf("status %d, %s%s", r.code, r.err, r.out)
	}
	for args, code := range map[string]int{
		"vae": exitUsage, "vae --grid --sweep 0,1": exitUsage, "vae --sweep 0": exitUsage, "vae --sweep 0,3": exitUsage, "vae --interpolate 4,50": exitUsage,
		"vae --grid --steps 1": exitUsage, "nothing --grid": exitUsage, "cgan --grid --label 99": exitUsage,
	} {
		if r := assay(append([]string{"latent"}, strings.Fields(args)...)...); r.code != code || r.err == "" {
			t.Errorf("latent %s: status %d, %s", args, r.code, r.err)
		}
	}
}

// Truncated samples differ from free ones of the same seed, and a bound of nothing is refused.
func TestSampleTruncation(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a small model")
	}
	t.Chdir(t.TempDir())
	if r := assay("train", "gan-ns", "--dataset", "ring", "--train-n", "500", "--test-n", "50", "--steps", "5", "--set", "width=8", "--set", "batch=16", "--out", "g", "--quiet"); r.code != 0 {
		t.Fatal(r.err)
	}
	read := func(name string, more ...string) string {
		t.Helper()
		if r := assay(append([]string{"sample", "--checkpoint", filepath.Join("g", "model.safetensors"), "-n", "50", "--out", name}, more...)...); r.code != 0 {
			t.Fatal(r.err)
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	free := read("a.npy")
	if read("b.npy", "--truncation", "1e9") != free || read("c.npy", "--truncation", "0.3") == free {
		t.Error("truncation has the wrong effect")
	}
	if r := assay("sample", "--checkpoint", filepath.Join("g", "model.safetensors"), "--out", "d.npy", "--truncation", "-1"); r.code == 0 {
		t.Error("a negative truncation was taken")
	}
}
