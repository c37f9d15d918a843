package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/reports"
)

// A small model of pixels completes held-out images to a sheet, is measured, and leaves records; its temperature can be changed, other settings cannot.
func TestComplete(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a small model")
	}
	t.Chdir(t.TempDir())
	train := "train pixelcnn --dataset polygons --train-n 40 --test-n 4 --steps 2 --set width=4 --set batch=4 --set depth=1 --set colors=3 --out m --quiet"
	if r := assay(strings.Fields(train)...); r.code != 0 {
		t.Fatal(r.err)
	}
	const from = " --checkpoint m/model.safetensors"
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"complete --hide 0.25 -n 2 --images 3 --out sheet.png", 0, "2 completions each of 3 images"},
		{"complete --measure --samples 3 --records r.jsonl --out again.png", 0, "bits_hidden_copy"},
		{"complete --measure --format json", 0, `"metric": "right_hidden"`},
		{"complete --set temperature=0 --out cold.png", 0, "cold.png"},
		{"complete --set width=9 --out x.png", 2, "only [temperature] can"},
		{"complete --hide 2 --out x.png", 2, "--hide 2"},
		{"complete", 2, "--out or --measure"},
		{"sample --set temperature=0 -n 4 --out grid.png", 0, "4 samples"},
	} {
		r := assay(strings.Fields(c.args + from)...)
		if r.code != c.code || !strings.Contains(r.out+r.err, c.want) {
			t.Errorf("%s: status %d, %s%s", c.args, r.code, r.out, r.err)
		}
	}
	for _, args := range []string{"complete m --hide 0.25 -n 2 --images 3 --out sheet2.png", "complete m/model.safetensors --hide 0.25 -n 2 --images 3 --out sheet3.png", "complete --checkpoint m --hide 0.25 -n 2 --images 3 --out sheet4.png",
		"sample m --set temperature=0 -n 4 --out grid2.png", "sample m/model.safetensors --set temperature=0 -n 4 --out grid3.png"} {
		if r := assay(strings.Fields(args)...); r.code != 0 {
			t.Errorf("%s: status %d, %s", args, r.code, r.err)
		}
	}
	for file, as := range map[string]string{"sheet2.png": "sheet.png", "sheet3.png": "sheet.png", "sheet4.png": "sheet.png", "grid2.png": "grid.png", "grid3.png": "grid.png"} {
		got, err := os.ReadFile(file)
		want, _ := os.ReadFile(as)
		if err != nil || string(got) != string(want) {
			t.Errorf("%s is not %s: %v", file, as, err)
		}
	}
	for _, f := range []string{"sheet.png", "again.png", "cold.png", "grid.png"} {
		if b, err := os.ReadFile(f); err != nil || len(b) < 100 {
			t.Errorf("%s: %d bytes, %v", f, len(b), err)
		}
	}
	recs, _, err := reports.ReadFile("r.jsonl")
	if err != nil || len(recs) < 8 {
		t.Errorf("%d records, %v", len(recs), err)
	}
	if r := assay("train", "vae", "--dataset", "polygons", "--train-n", "40", "--test-n", "4", "--steps", "1", "--set", "width=4", "--set", "batch=4", "--out", "v", "--quiet"); r.code != 0 {
		t.Fatal(r.err)
	}
	if r := assay("complete", "--checkpoint", "v/model.safetensors", "--out", "x.png"); r.code != 2 || !strings.Contains(r.err, "pixel by pixel") {
		t.Errorf("a VAE: status %d, %s", r.code, r.err)
	}
}

// A folder of bench means its only model; of several one must be named.
func TestCheckpointOfFolder(t *testing.T) {
	dir := t.TempDir()
	at := filepath.Join(dir, "checkpoints")
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	var first string
	for i, name := range []string{"a.safetensors", "b.safetensors"} {
		if err := os.WriteFile(filepath.Join(at, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := checkpointFile(dir)
		if i == 0 {
			first = filepath.Join(at, name)
			if err != nil || got != first {
				t.Errorf("one model: %s, %v", got, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), "holds 2 models: name one of the files in "+at) {
			t.Errorf("two models: %s, %v", got, err)
		}
	}
	if got, err := checkpointFile(first); err != nil || got != first {
		t.Errorf("a file: %s, %v", got, err)
	}
}
