package command

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/reports"
)

// features writes n rows of d normal values, shifted.
func features(t *testing.T, name string, n, d int, shift float64, seed uint64) {
	t.Helper()
	saveRows(t, name, []int{n, d}, normals(seed, n*d, 1, shift))
}

// A script of anyone's ends in one line, and five seeds of it are a run that gate, compare and report read.
func TestScoreAppend(t *testing.T) {
	t.Chdir(t.TempDir())
	features(t, "real.npy", 60, 4, 0, 1)
	score := func(file, model string, seed int, shift float64, more string) result {
		features(t, "fake.npy", 50, 4, shift, uint64(100+seed))
		return assay(fields(fmt.Sprintf("score --real real.npy --fake fake.npy --metrics fd --quiet --model %s --dataset toy --seed %d --append %s %s", model, seed, file, more))...)
	}
	for seed := 1; seed <= 5; seed++ {
		for model, shift := range map[string]float64{"mine": .2, "other": 1} {
			if r := score("scores.jsonl", model, seed, shift, ""); r.code != 0 || !strings.Contains(r.err, "records added") {
				t.Fatalf("seed %d: %d, %s", seed, r.code, r.err)
			}
		}
	}
	recs, torn, err := reports.ReadFile("scores.jsonl")
	if err != nil || torn != nil {
		t.Fatal(err, torn)
	}
	hashes := map[string]bool{}
	for _, r := range recs {
		hashes[r.Provenance.DatasetHash] = true
		if r.N != 50 || r.NReal != 60 || r.Status != reports.OK || r.Provenance.Kernel == "" || r.Featurizer != "none" {
			t.Errorf("%+v", r)
		}
	}
	if len(hashes) != 1 || hashes[""] {
		t.Errorf("hashes of one set of real samples: %v", hashes)
	}
	again := score("scores.jsonl", "mine", 5, .2, "")
	if again.code != 0 || !strings.Contains(again.err, "0 records added, ") || !strings.Contains(again.err, "there already with the same values") {
		t.Errorf("the same score again: %d, %s", again.code, again.err)
	}
	if r := score("scores.jsonl", "mine", 5, .3, ""); r.code != exitUsage || !strings.Contains(r.err, "of mine on toy, seed 5, is in the file already") || !strings.Contains(r.err, "--replace") {
		t.Errorf("another value of one run: %d, %s", r.code, r.err)
	}
	if r := score("scores.jsonl", "mine", 5, .3, "--replace"); r.code != 0 || !strings.Contains(r.err, "replaced") {
		t.Errorf("--replace: %d, %s", r.code, r.err)
	}
	ok(t, "report scores.jsonl --format markdown")
	ok(t, "compare scores.jsonl --models mine,other")
	if r := assay(fields("score --failed broke --model mine --dataset toy --seed 6 --append scores.jsonl")...); r.code != 0 {
		t.Errorf("--failed: %s", r.err)
	}
	recs, _, err = reports.ReadFile("scores.jsonl")
	if err != nil || !slices.ContainsFunc(recs, func(r reports.Record) bool { return r.CellFailed() && r.Error == "broke" && r.Seed == 6 }) {
		t.Errorf("no failure in %+v, %v", recs, err)
	}
}

func TestScoreAppendRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	features(t, "a.npy", 20, 3, 0, 1)
	const base = "score --real a.npy --fake a.npy "
	for args, want := range map[string]string{
		base + "--append s.jsonl":                                  "records need a name by --model",
		base + "--append s.jsonl --model m":                        "records need a name by --dataset",
		base + "--model m":                                         "--model is of records: add --append FILE",
		base + "--append s.jsonl --model m --dataset d --step -1":  "--step -1",
		base + "--append s.jsonl --model m --dataset d --failed x": "leave out --fake",
		base + "--append nothere/s.jsonl --model m --dataset d":    "nothere/s.jsonl: no such file",
		"score --failed x --model m --dataset d":                   "is of records: add --append FILE",
	} {
		if r := assay(strings.Fields(args)...); r.code != exitUsage || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, want) {
			t.Errorf("%s: %d, %s", args, r.code, r.err)
		}
	}
	if _, err := os.Stat("s.jsonl"); err == nil {
		t.Error("a refused score left a file")
	}
}
