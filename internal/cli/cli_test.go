package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/runners"
)

func TestHelp(t *testing.T) {
	a := &app{kit: runners.DefaultKit()}
	names := []string{""}
	for _, c := range a.root().Commands() {
		names = append(names, c.Name())
		if c.Name() != "completion" && c.Name() != "help" && !strings.Contains(c.Example, "assay "+c.Name()) {
			t.Errorf("%s has no example of itself", c.Name())
		}
	}
	for _, name := range names {
		r := assay(strings.Fields(name + " --help")...)
		if r.code != 0 || r.err != "" {
			t.Errorf("assay %s --help: status %d, %s", name, r.code, r.err)
		}
		if name != "completion" {
			golden(t, filepath.Join("help", "assay"+strings.TrimRight("-"+name, "-")+".txt"), r.out)
		}
	}
}

// Everything a person can get wrong ends in one line that says what and what to do, with the status of its kind, and leaves nothing behind.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("ASSAY_DATA", "")
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	suite := "name: s\nmodels: [gan-ns]\ndatasets: [ring]\nfeaturizers: [none]\nmetrics: [fd]\n"
	write("metric.yaml", strings.Replace(suite, "[fd]", "[fdi]", 1))
	write("key.yaml", suite+"sampels: 5\n")
	write("octal.yaml", suite+"seeds: 010\n")
	write("clip.yaml", strings.Replace(suite, "[gan-ns]", "[{name: wgan, settings: {clip: -1}}]", 1))
	write("batch.yaml", strings.Replace(suite, "[gan-ns]", "[{name: wgan, settings: {batch: 0}}]", 1))
	write("short.npy", "\x93NUMPY\x01\x00")
	write("text.npz", "no archive")
	write("thesis.tex", "x")
	write("records.jsonl", "{\"cell\":1}\n")
	writeNPY(t, "nan.npy", "f8", []int{2, 2}, []byte(strings.Repeat("\x00\x00\x00\x00\x00\x00\xf8\x7f", 4)))
	writeNPY(t, "ok.npy", "u1", []int{4, 2}, []byte{1, 2, 3, 5, 8, 13, 21, 34})
	writeNPY(t, "wide.npy", "u1", []int{4, 3}, make([]byte, 12))
	writeNPY(t, "chw.npy", "u1", []int{2, 3, 4, 4}, make([]byte, 96))
	writeNPY(t, "zero.npy", "f4", []int{2, 2, 2}, make([]byte, 32))
	before, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"bnch", 2, `unknown command "bnch", did you mean "bench"?`},
		{"bench --dta x", 2, `unknown flag: --dta, did you mean --data? (see assay bench --help)`},
		{"bench --workers many", 2, `invalid argument "many" for "--workers" flag`},
		{"bench a b", 2, "assay bench takes one suite, 2 given"},
		{"bench defalt", 2, `unknown suite "defalt", did you mean "default"?`},
		{"bench ./nothere.yaml", 2, "nothere.yaml: no such file"},
		{"bench ./metric.yaml", 2, `metric.yaml: line 5: unknown metric "fdi", did you mean "fd"?`},
		{"bench ./key.yaml", 2, `key.yaml: line 6: suite: unknown key "sampels", did you mean "samples"?`},
		{"bench ./octal.yaml", 2, "octal.yaml: line 6: seeds: 010 is not a plain decimal number"},
		{"bench ./clip.yaml", 2, "clip.yaml: line 2: model wgan: clip = -1: want a number from"},
		{"bench ./batch.yaml", 2, "batch.yaml: line 2: model wgan: batch = 0: want a number from"},
		{"bench smoke --format yaml", 2, `unknown format "yaml", have table, json`},
		{"bench smoke --budget -1", 2, "cannot be negative"},
		{"bench smoke --quiet --out .", 1, "and is no run; choose an empty or a new folder by --out"},
		{"bench smoke --quiet --out thesis.tex/x", 1, "not a directory; choose another by --out"},
		{"bench mnist --quiet", 1, "no data folder: name it by --data or ASSAY_DATA"},
		{"train gan --dataset ring", 2, `unknown model "gan", did you mean "cgan"? have gan-mm, gan-ns`},
		{"train gan-ns", 2, "train needs --dataset"},
		{"train gan-ns --dataset rign", 2, `unknown data set "rign", did you mean "ring"?`},
		{"train wgan --dataset ring --set clip=-1 --out m", 2, "clip = -1: want a number from"},
		{"train wgan --dataset ring --set clip --out m", 2, `--set "clip": want name=value`},
		{"train wgan --dataset ring --param modes=0 --out m", 1, "data set ring: modes = 0: want a whole number from 1"},
		{"train cyclegan --dataset ring --out m", 1, "model cyclegan on data set ring: it translates between two domains"},
		{"sample --checkpoint none.safetensors --out x.png", 1, "none.safetensors: no such file"},
		{"sample --checkpoint thesis.tex --out x.png", 1, "is missing; it says which model and data this is"},
		{"sample", 2, "sample needs --checkpoint and --out"},
		{"score", 2, "score needs --fake, or --logits or --probs"},
		{"score --fake ok.npy --metrics fdi", 2, `unknown metric "fdi", did you mean "fd"?`},
		{"score --fake ok.npy", 1, "fd needs features or their statistics: give the real samples by --real"},
		{"score --real ok.npy --fake nothere.npy", 1, "nothere.npy: no such file"},
		{"score --real ok.npy --fake short.npy", 1, "short.npy: npy header: the file is truncated"},
		{"score --real ok.npy --fake text.npz", 1, "text.npz: npz archive"},
		{"score --real ok.npy --fake nan.npy", 1, "nan.npy: row 0, column 0 is NaN"},
		{"score --real ok.npy --fake wide.npy", 1, "real has 2 features and fake has 3"},
		{"score --real ok.npy --fake chw.npy --featurizer pixels", 1, "it looks like N x C x H x W"},
		{"score --real zero.npy --fake zero.npy --featurizer pixels", 1, "their range cannot be told; state it by --range"},
		{"score --real ok.npy --fake ok.npy --featurizer pixels", 1, "holds features, not images: use --featurizer none"},
		{"score --real ok.npy --fake ok.npy --featurizer pixel", 2, `unknown featurizer "pixel", did you mean "pixels"?`},
		{"score --real ok.npy --fake ok.npy --set is.splits=3", 1, "option is.splits is of a metric that is not asked for"},
		{"score --real ok.npy --fake ok.npy --range 3", 2, `--range "3": want lo,hi`},
		{"report nothere", 1, "no records at nothere/records.jsonl"},
		{"report records.jsonl", 1, "records.jsonl:1: not a record"},
		{"report records.jsonl --format pdf", 2, `unknown format "pdf"`},
		{"compare one", 2, "two run folders, or one run folder and --models A,B"},
		{"gate runs/x", 2, "gate takes --baseline to compare with, or --write"},
		{"list modles", 2, `unknown catalog "modles", did you mean "models"?`},
		{"list models gans", 2, `unknown model "gans"`},
		{"cite heusel2071", 2, `unknown source "heusel2071", did you mean "heusel2017"?`},
	} {
		r := assay(strings.Fields(c.args)...)
		if r.code != c.code || !strings.HasPrefix(r.err, "assay: ") || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, c.want) {
			t.Errorf("assay %s: status %d, stderr\n  %swant status %d and one line with\n  %s", c.args, r.code, r.err, c.code, c.want)
		}
		if r.out != "" {
			t.Errorf("assay %s: printed %q", c.args, r.out)
		}
	}
	after, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	if len(after) != len(before) {
		t.Errorf("something was left behind: %v, before %v", after, before)
	}
}

func TestFullOutput(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer full.Close()
	for _, args := range []string{"list models", "list models --format json", "list models --format csv", "list models --format md", "version", "cite"} {
		var stderr strings.Builder
		code := Run(t.Context(), full, &stderr, strings.Fields(args))
		if code != 1 || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), "no space left") {
			t.Errorf("assay %s > /dev/full: status %d, %s", args, code, stderr.String())
		}
	}
}

func TestListAndCite(t *testing.T) {
	for _, kind := range listKinds {
		for _, format := range tableFormats {
			if r := assay("list", kind, "--format", format); r.code != 0 || r.out == "" {
				t.Errorf("list %s --format %s: status %d, %s", kind, format, r.code, r.err)
			}
		}
	}
	golden(t, "list-models-wgan.txt", assay("list", "models", "wgan").out)
	if r := assay("cite", "heusel2017"); !strings.Contains(r.out, "Two Time-Scale Update Rule") {
		t.Errorf("cite: %s %s", r.out, r.err)
	}
}
