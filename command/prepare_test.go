package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/reports"
)

// A reference set is prepared once, scored under its recipe's name, and its statistics and records keep that name.
func TestPrepareAndScore(t *testing.T) {
	t.Chdir(t.TempDir())
	writeImages(t, 1)
	writeImages(t, 2)
	recipe := "recipe: tiny\nchannels: grey\nsteps:\n  - resize: 4x4\n    filter: pillow-box\nsize: 4x4\n"
	if err := os.WriteFile("tiny.yaml", []byte(recipe), 0o644); err != nil {
		t.Fatal(err)
	}
	var made preparedReport
	r := assay("prepare", "set1", "--recipe", "./tiny.yaml", "--out", "ref", "--format", "json")
	if err := json.Unmarshal([]byte(r.out), &made); r.code != 0 || err != nil || made.N != 30 || made.Recipe != "tiny" {
		t.Fatalf("status %d, %v: %s%s", r.code, err, r.out, r.err)
	}
	if r = assay("prepare", "set2.zip", "--recipe", "./tiny.yaml", "--out", "fake.npz"); r.code != 0 {
		t.Fatalf("status %d: %s", r.code, r.err)
	}
	if r = assay("prepare", "set1", "--recipe", "./tiny.yaml", "--out", "ref"); r.code != 0 || !strings.Contains(r.out, "nothing was done") {
		t.Errorf("again: status %d: %s%s", r.code, r.out, r.err)
	}
	if r = assay("prepare", "set2", "--recipe", "./tiny.yaml", "--out", "ref"); r.code != 2 || !strings.Contains(r.err, "from other images") {
		t.Errorf("other images: status %d: %s", r.code, r.err)
	}
	by := "tiny " + made.Hash[:12]
	r = assay("score", "--real", "ref", "--fake", "fake.npz", "--featurizer", "pixels", "--metrics", "kid", "--model", "m", "--dataset", "d", "--append", "s.jsonl", "--cache", "off")
	if r.code != 0 || !strings.Contains(r.out, "real samples prepared by "+by) || strings.Contains(r.err, "no part of the set") {
		t.Errorf("score: status %d: %s%s", r.code, r.out, r.err)
	}
	f, err := os.ReadFile("s.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var rec reports.Record
	if err := json.Unmarshal([]byte(strings.Split(string(f), "\n")[0]), &rec); err != nil || rec.Provenance.Prepared != by {
		t.Errorf("the record says %q, %v", rec.Provenance.Prepared, err)
	}
	if r = assay("stats", "make", "ref", "--featurizer", "pixels", "--out", "ref-stats.npz", "--cache", "off"); r.code != 0 {
		t.Fatal(r.err)
	}
	if r = assay("stats", "show", "ref-stats.npz"); !strings.Contains(r.out, by) {
		t.Errorf("stats show: %s", r.out)
	}
}

func TestPrepareUsage(t *testing.T) {
	t.Chdir(t.TempDir())
	writeImages(t, 1)
	for args, want := range map[string]string{
		"prepare set1 --out o":                             "needs --recipe: adm-256",
		"prepare set1 --recipe adm256 --out o":             "adm-256",
		"prepare --recipe adm-256 --out o":                 "needs the place of the raw images",
		"prepare set1 --recipe adm-256":                    "needs --out",
		"prepare set1 --recipe adm-256 --out o --limit -1": "want a whole number, at least 1, or 0 for the recipe's",
		"prepare gone --recipe adm-256 --out o":            "no such file",
		"prepare set1 --recipe cifar10 --out o":            "the recipe states 32 x 32",
		"prepare set1 --recipe gone.yaml --out o":          "gone.yaml",
	} {
		r := assay(strings.Fields(args)...)
		if r.code != 2 || !strings.Contains(r.err, want) || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%s: status %d: %q, want %q", args, r.code, r.err, want)
		}
	}
	if r := assay("prepare", "--recipe", "adm-256", "--show"); r.code != 0 || !strings.Contains(r.out, "step: halve while at least 512\n") {
		t.Errorf("show: %s%s", r.out, r.err)
	}
	if left, _ := filepath.Glob("o*"); left != nil {
		t.Errorf("left behind: %v", left)
	}
	r := assay("prepare", "set1", "--recipe", "rfid-256", "--out", "v", "--limit", "2", "--quiet")
	if r.code != 0 || strings.Contains(r.err, "warning") {
		t.Errorf("a part by --limit: %s", r.err)
	}
	if r = assay("prepare", "set1", "--recipe", "rfid-256", "--out", "w", "--quiet"); !strings.Contains(r.err, "has 50000 images, this one 30") {
		t.Errorf("another number of images: %s", r.err)
	}
}
