package command

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// A model of sentences leaves, draws and walks through text.
func TestSentences(t *testing.T) {
	if testing.Short() {
		t.Skip("trains two small models")
	}
	t.Chdir(t.TempDir())
	for _, args := range []string{
		"train sentence-vae --dataset verses --train-n 64 --test-n 20 --param common=20 --steps 3 --set width=8 --set batch=16 --set latent=3 --out v --quiet",
		"train seqgan --dataset oracle --train-n 64 --test-n 20 --param vocabulary=12 --param length=5 --steps 3 --set pretrain=1 --set d_pretrain=1 --set width=8 --set batch=16 --set rollouts=2 --out s --quiet",
		"sample --checkpoint s/model.safetensors -n 7 --out s.txt",
		"sample --checkpoint s/model.safetensors -n 7 --out s.npy",
		"latent v --interpolate 3,4 --steps 5 --out between.txt",
	} {
		if r := assay(strings.Fields(args)...); r.code != 0 {
			t.Fatalf("%s: %s", args, r.err)
		}
	}
	for name, lines := range map[string]int{"v/samples.txt": 100, "s/samples.txt": 100, "s.txt": 7, "between.txt": 10} {
		b, err := os.ReadFile(name)
		if n := strings.Count(string(b), "\n"); err != nil || n != lines {
			t.Errorf("%s: %d lines, want %d (%v)", name, n, lines, err)
		}
	}
	b, _ := os.ReadFile("s.txt")
	if words := strings.Fields(strings.Split(string(b), "\n")[0]); len(words) != 5 {
		t.Errorf("%q is not five tokens", words)
	}
	var walks []sentenceWalk
	r := assay("latent", "v", "--grid", "--steps", "3", "--format", "json")
	if err := json.Unmarshal([]byte(r.out), &walks); err != nil || len(walks) != 1 || len(walks[0].Sentences) != 9 {
		t.Errorf("%v: %s%s", err, r.out, r.err)
	}
	for args, want := range map[string]string{
		"sample --checkpoint s/model.safetensors --out x.png": "ending in .txt or .npy",
		"latent s --grid":               "latent",
		"train gan-ns --dataset oracle": "it does not learn sequences",
		"train seqgan --dataset ring":   "it does not learn points",
	} {
		if r := assay(strings.Fields(args)...); r.code == 0 || !strings.Contains(r.err, want) {
			t.Errorf("%s: status %d, %s", args, r.code, r.err)
		}
	}
}
