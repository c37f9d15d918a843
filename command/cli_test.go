package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/runners"
)

func TestHelp(t *testing.T) {
	a := &app{kit: runners.DefaultKit()}
	var walk func(c *cobra.Command, name string)
	walk = func(c *cobra.Command, name string) {
		if c.Name() == "completion" || c.Name() == "help" || c.IsAdditionalHelpTopicCommand() {
			return
		}
		if name != "" && !strings.Contains(c.Example, "assay "+name) {
			t.Errorf("%s has no example of itself", name)
		}
		r := assay(append(strings.Fields(name), "--help")...)
		if r.code != 0 || r.err != "" {
			t.Errorf("assay %s --help: status %d, %s", name, r.code, r.err)
		}
		golden(t, filepath.Join("help", strings.ReplaceAll(strings.TrimSpace("assay "+name), " ", "-")+".txt"), r.out)
		for _, sub := range c.Commands() {
			walk(sub, strings.TrimSpace(name+" "+sub.Name()))
		}
	}
	walk(a.root(), "")
}

// Everything a person can get wrong ends in one line that says what and what to do, with the code of its kind, and leaves nothing behind.
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
	writeNPY(t, "bytes.npy", "u1", []int{3, 2, 2, 3}, make([]byte, 36))
	foreign := featurizer.NPZ{"mu": featurizer.Float64Array([]int{2}, []float64{1, 2}), "sigma": featurizer.Float64Array([]int{2, 2}, []float64{2, 1, 1, 2})}
	if err := foreign.Save("stats.npz"); err != nil {
		t.Fatal(err)
	}
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
		{"bench --workers many", 2, `--workers many: want a whole number, 1 to 1024, or 0 for one a core`},
		{"bench a b", 2, "assay bench takes one suite, 2 given"},
		{"bench defalt", 2, `unknown suite "defalt", did you mean "default"?`},
		{"bench ./nothere.yaml", 2, "nothere.yaml: no such file"},
		{"bench ./metric.yaml", 2, `metric.yaml: line 5: unknown metric "fdi", did you mean "fd"?`},
		{"bench ./key.yaml", 2, `key.yaml: line 6: suite: unknown key "sampels", did you mean "samples"?`},
		{"bench ./octal.yaml", 2, "octal.yaml: line 6: seeds: 010 is not a plain decimal number"},
		{"bench ./clip.yaml", 2, "clip.yaml: line 2: model wgan: clip = -1: want a number from"},
		{"bench ./batch.yaml", 2, "batch.yaml: line 2: model wgan: batch = 0: want a number from"},
		{"bench smoke --format yaml", 2, `unknown format "yaml", have table, json`},
		{"bench smoke --budget -1", 2, "--budget -1: want a whole number, at least 1, or 0 for the suite's own"},
		{"bench smoke --quiet --out .", 2, "and is no run; choose an empty or a new folder by --out"},
		{"bench smoke --quiet --out thesis.tex/x", 2, "not a directory; choose another by --out"},
		{"bench mnist --quiet", 2, "no data folder: name it by --data or ASSAY_DATA"},
		{"train gan --dataset ring", 2, `no model is called "gan": the first GAN is gan-mm (minimax loss) and gan-ns (non-saturating loss)`},
		{"train gan-ns", 2, "train needs --dataset"},
		{"train gan-ns --dataset rign", 2, `unknown data set "rign", did you mean "ring"?`},
		{"train wgan --dataset ring --set clip=-1 --out m", 2, "clip = -1: want a number from"},
		{"train wgan --dataset ring --set clip --out m", 2, `--set "clip": want name=value`},
		{"train wgan --dataset ring --param sigma=NaN --out m", 2, "data set ring: sigma = NaN: want a number from"},
		{"train wgan --dataset ring --set clip=NaN --out m", 2, "clip = \"NaN\" is not a number"},
		{"bench smoke --seeds 1-x", 2, `"1-x" is no seed: want whole numbers from 0 and ranges, such as 1,2,7 or 1-5`},
		{"bench smoke --seeds 5-1", 2, "the range 5-1 runs backwards: write 1-5"},
		{"bench smoke --seeds 1-3,2", 2, "seed 2 is there twice"},
		{"bench smoke --seeds 0-99999999", 2, "more than 10000 seeds"},
		{"train wgan --dataset ring --param modes=0 --out m", 2, "data set ring: modes = 0: want a whole number from 1"},
		{"train cyclegan --dataset ring --out m", 2, "model cyclegan on data set ring: it translates between two domains"},
		{"sample --checkpoint none.safetensors --out x.png", 2, "none.safetensors: no such file"},
		{"sample --checkpoint thesis.tex --out x.png", 2, "is missing; it says which model and data this is"},
		{"sample", 2, "sample needs a checkpoint and --out"},
		{"sample none.safetensors --out x.png", 2, "none.safetensors: no such file"},
		{"sample a b --out x.png", 2, "takes one checkpoint or folder of a model, 2 given"},
		{"sample thesis.tex --checkpoint thesis.tex --out x.png", 2, "both name a checkpoint: give one"},
		{"complete thesis.tex --checkpoint thesis.tex --out x.png", 2, "both name a checkpoint: give one"},
		{"sample . --out x.png", 2, ". holds no model: want a folder that train or bench left behind"},
		{"complete . --out x.png", 2, ". holds no model"},
		{"score", 2, "score needs --fake, or --logits or --probs"},
		{"train dcgan --dataset ring", 2, `no model is called "dcgan": DCGAN is gan-ns on images`},
		{"train wgna --dataset ring", 2, `unknown model "wgna", did you mean "wgan"? See "assay list models" for all`},
		{"score --fake ok.npy --real ok.npy --metrics fid", 2, `no metric is called "fid": FID is fd in the features of the Inception network: ask for fd under a protocol`},
		{"score --fake ok.npy --metrics recall", 2, "prdc needs features: give the real samples by --real"},
		{"score --fake ok.npy --metrics fdi", 2, `unknown metric "fdi", did you mean "fd"?`},
		{"score --fake ok.npy", 2, "fd needs features or their statistics: give the real samples by --real"},
		{"score --real ok.npy --fake nothere.npy", 2, "nothere.npy: no such file"},
		{"score --real ok.npy --fake short.npy", 2, "short.npy: npy header: the file is truncated"},
		{"score --real ok.npy --fake text.npz", 2, "text.npz: npz archive"},
		{"score --real ok.npy --fake nan.npy", 2, "nan.npy: row 0, column 0 is NaN"},
		{"score --real ok.npy --fake wide.npy", 2, "real has 2 features and fake has 3"},
		{"score --real ok.npy --fake chw.npy --featurizer pixels", 2, "it looks like N x C x H x W"},
		{"score --real zero.npy --fake zero.npy --featurizer pixels", 2, "their range cannot be told; state it by --range"},
		{"score --real ok.npy --fake ok.npy --featurizer pixels", 2, "holds features, not images: use --featurizer none"},
		{"score --real ok.npy --fake ok.npy --featurizer pixel", 2, `unknown featurizer "pixel", did you mean "pixels"?`},
		{"score --real ok.npy --fake ok.npy --set is.splits=3", 2, "option is.splits is of a metric that is not asked for"},
		{"score --real ok.npy --fake ok.npy --range 3", 2, `--range "3": want lo,hi`},
		{"score --fake ok.npy --on-error stop", 2, `unknown choice "stop"`},
		{"score --fake ok.npy --batch 0", 2, "--batch 0: want a whole number, 1 to 65536"},
		{"score --real ok.npy --fake ok.npy --protocol pytorch-fdi", 2, `unknown protocol "pytorch-fdi", did you mean "pytorch-fid"?`},
		{"score --real ok.npy --fake ok.npy --layer 2049 --weights none", 2, "holds features, not images: use --featurizer none"},
		{"score --real ok.npy --fake ok.npy --protocol clean-fid --featurizer pixels", 2, "--protocol and --layer are of the featurizers inception"},
		{"score --real bytes.npy --fake bytes.npy --protocol clean-fid --layer 2049 --weights nothere.pth", 2, "nothere.pth: no such file"},
		{"score --real bytes.npy --fake bytes.npy --layer 2049 --featurizer inception-random(1)", 2, `unknown layer "2049", did you mean "2048"? have 64`},
		{"score --real bytes.npy --fake bytes.npy --featurizer exec:nothere", 2, "exec featurizer"},
		{"score --real stats.npz --fake ok.npy", 2, "stats.npz does not say how many images it was made of: state it by --real-n"},
		{"score --real ok.npy --fake ok.npy --real-n 5", 2, "--real-n 5: ok.npy holds 4 samples and says so"},
		{"score --real stats.npz --fake wide.npy --real-n 9", 2, "2 features against 3: statistics made in different ways"},
		{"score --real stats.npz --fake ok.npy --real-n 9 --metrics kid", 2, "kid needs the samples, or their features; stats.npz holds statistics only"},
		{"score --logits ok.npy --metrics is --n 3", 2, "--n takes some of the samples only"},
		{"stats mkae", 2, `unknown command "mkae", did you mean "make"?`},
		{"stats make ok.npy", 2, `--out "": want a file ending in .npz`},
		{"stats make ok.npy --out x.npz --shard 3/2", 2, `--shard "3/2": want i/n`},
		{"stats make ok.npy --out x.npz --shard 2/2", 2, "4 samples are 1 blocks of 512: at most 1 shards"},
		{"stats make stats.npz --out x.npz", 2, "stats.npz holds statistics already"},
		{"stats merge stats.npz --out x.npz", 2, "stats.npz: no shard of statistics"},
		{"stats show ok.npy", 2, "ok.npy: "},
		{"stats show nothere.npz", 2, "nothere.npz: no such file"},
		{"score --real ok.npy --fake ok.npy --paired --lpips vgg.pth", 2, "--lpips takes two files"},
		{"score --real ok.npy --fake ok.npy --lpips vgg.pth,lin.pth", 2, "--lpips measures reconstructions"},
		{"explain ok.npy ok.npy", 2, "explain needs --a and --b"},
		{"explain --a adm --b amd ok.npy ok.npy", 2, `unknown protocol "amd"`},
		{"explain --a adm --b clean-fid ok.npy ok.npy", 2, "ok.npy holds no images as bytes"},
		{"explain --a adm --b clean-fid ok.npy", 2, "takes the real and the generated images, 1 given"},
		{"modes --fake ok.npy", 2, "modes needs --fake, and --real or --dataset"},
		{"modes --fake ok.npy --dataset rign", 2, `unknown data set "rign", did you mean "ring"?`},
		{"modes --fake ok.npy --real ok.npy --fail-on colapsed", 2, `unknown verdict "colapsed", did you mean "collapsed"?`},
		{"modes --fake stats.npz --real ok.npy", 2, "stats.npz holds statistics: a verdict needs the samples"},
		{"fetch", 2, "takes what to fetch: inception, 0 given"},
		{"fetch incepton", 2, `unknown file "incepton", did you mean "inception"?`},
		{"fetch inception --url ftp://x/y", 2, "want an address that begins with http"},
		{"selftest --write-weights nothere/w.safetensors", 2, "nothere/"},
		{"report nothere", 2, "no records at nothere/records.jsonl"},
		{"report records.jsonl", 2, "records.jsonl:1: not a record"},
		{"report records.jsonl --format pdf", 2, `unknown format "pdf"`},
		{"compare one", 2, "two run folders, or one run folder and --models A,B"},
		{"gate --baseline b --save junt=x runs/x", 2, `unknown format "junt", did you mean "junit"?`},
		{"gate --baseline b --save junit runs/x", 2, `--save "junit": want format=file`},
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
		if code != exitUsage || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), "no space left") {
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
