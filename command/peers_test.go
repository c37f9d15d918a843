package command

import (
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/imaging"
)

// smallImages writes n PNG files of 6 x 6 x c.
func smallImages(t *testing.T, dir string, n, c int, seed uint64) {
	t.Helper()
	s := splitmix(seed)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		pix := make([]byte, 6*6*c)
		for k := range pix {
			pix[k] = byte(256 * s.uniform())
		}
		m, err := imaging.FromPix(6, 6, c, pix)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%02d.png", i)))
		if err = errors.Join(err, imaging.EncodePNG(f, m), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// What other tools call it is taken for what it is here: the same bytes come as by our own words, and stderr says what was understood. torch-fidelity's
// first input is the measured one, which recall, not being symmetric, shows.
func TestPeersWords(t *testing.T) {
	t.Chdir(t.TempDir())
	smallImages(t, "real", 12, 3, 1)
	smallImages(t, "fake", 14, 3, 2)
	const net = " --featurizer inception-random(1)"
	for _, c := range []struct{ theirs, ours, said string }{
		{"real fake --featurizer pixels", "--real real --fake fake --featurizer pixels", "read as --real real --fake fake"},
		{"--input1 fake --input2 real --prc --featurizer pixels --set prdc.k=3", "--real real --fake fake --metrics precision,recall --featurizer pixels --set prdc.k=3", "--fake fake --real real"},
		{"real fake --fid --kid --json --featurizer pixels", "--real real --fake fake --metrics fd,kid --format json --featurizer pixels", "--format json --metrics fd,kid"},
		{"real fake --gpu 0 --device cuda:0 --num_workers 4 --featurizer pixels", "--real real --fake fake --featurizer pixels", "--gpu, --device, --num-workers changes nothing"},
		{"real fake --batch-size 5 --silent --dims 64" + net, "--real real --fake fake --layer 64" + net, "--layer 64 --batch 5 --quiet"},
		{"real fake --protocol pytorch_fid --dims 64" + net, "--real real --fake fake --protocol pytorch-fid --layer 64" + net, ""},
		{"real fake --protocol clean --dims 64" + net, "--real real --fake fake --protocol clean-fid --layer 64" + net, ""},
		{"real fake --metrics kid --fid --featurizer pixels", "--real real --fake fake --metrics kid,fd --featurizer pixels", "--metrics fd"},
	} {
		got, want := assay(append([]string{"score"}, fields(c.theirs)...)...), assay(append([]string{"score"}, fields(c.ours)...)...)
		if want.code != 0 || got.code != 0 || got.out != want.out || !strings.Contains(got.err, c.said) {
			t.Errorf("%s: %d %s%s\nwant %d %s%s and %q", c.theirs, got.code, got.err, got.out, want.code, want.err, want.out, c.said)
		}
	}
}

// Words that contradict each other are refused with the form that works, and that form works; --fid without a network is torch-fidelity's.
func TestPeersWordsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	smallImages(t, "real", 8, 3, 1)
	for args, want := range map[string]string{
		"real real --real real":                     "--real, which is given already: give --real alone",
		"--input1 real --fake real --real real":     "--input1 means --fake, which is given already: give --fake alone",
		"real real --batch-size 5 --batch 5":        "give --batch alone",
		"real real --json --format csv":             "give --format alone",
		"real":                                      "two paths, the real samples and the fake ones",
		"real real real":                            "two paths",
		"real real --fid --isc --quiet":             "featurizer inception(torch-fidelity,2048): no weights",
		"real real --prc":                           "vgg16",
		"real real --fid --prc":                     "score it apart, by --prc --featurizer vgg16",
		"--real ring-train --fake real":             "data set ring holds no images: give a file of samples",
		"--real cifar10-train --fake real --data .": "or name their folder by --data or ASSAY_DATA",
	} {
		r := assay(append([]string{"score"}, fields(args)...)...)
		if last := r.err[strings.LastIndex(strings.TrimSpace(r.err), "\n")+1:]; r.code != exitUsage || !strings.Contains(last, want) {
			t.Errorf("score %s: %d %s, want %q", args, r.code, r.err, want)
		}
	}
	for _, args := range []string{"--real real --fake real", "real real --batch 5", "real real --format csv"} { // the advice followed
		if r := assay(append([]string{"score", "--featurizer", "pixels"}, fields(args)...)...); r.code != 0 {
			t.Errorf("score %s: %s", args, r.err)
		}
	}
}

// mnist-test is the files of the data set: the same images, by content and labels' number, as its IDX file is by itself.
func TestSplitsOfDataSets(t *testing.T) {
	t.Chdir(t.TempDir())
	s := splitmix(3)
	for part, n := range map[string]int{"train": 30, "t10k": 20} {
		images, labels := binary.BigEndian.AppendUint32(nil, 0x803), binary.BigEndian.AppendUint32(nil, 0x801)
		for _, v := range []int{n, 28, 28} {
			images = binary.BigEndian.AppendUint32(images, uint32(v))
		}
		labels = binary.BigEndian.AppendUint32(labels, uint32(n))
		for i := range n {
			labels = append(labels, byte(i%10))
			for range 28 * 28 {
				images = append(images, byte(256*s.uniform()))
			}
		}
		if err := errors.Join(os.WriteFile(part+"-images-idx3-ubyte", images, 0o600), os.WriteFile(part+"-labels-idx1-ubyte", labels, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for name, file := range map[string]string{"mnist-train": "train-images-idx3-ubyte", "mnist-test": "t10k-images-idx3-ubyte"} {
		var got struct {
			Provenance struct{ Real, Fake inputReport }
		}
		unmarshal(t, &got, "score", "--real", name, "--fake", file, "--data", ".", "--featurizer", "pixels", "--metrics", "fd", "--format", "json")
		if a, b := got.Provenance.Real, got.Provenance.Fake; a.N != b.N || a.Content != b.Content || a.Kind != "data set" || a.Content == "" {
			t.Errorf("%s is %+v, its file %+v", name, a, b)
		}
	}
	smallImages(t, "mnist-test", 5, 1, 4) // a path goes before
	var got struct{ Provenance struct{ Real inputReport } }
	unmarshal(t, &got, "score", "mnist-test", "mnist-test", "--data", ".", "--featurizer", "pixels", "--format", "json")
	if got.Provenance.Real.N != 5 {
		t.Errorf("the folder mnist-test has 5 images, read were %d", got.Provenance.Real.N)
	}
}

// A distance of raw values, of unnamed features or of random weights says once that it is no FID, in the table and for machines; statistics that name their maker do not.
func TestNotFID(t *testing.T) {
	t.Chdir(t.TempDir())
	smallImages(t, "real", 8, 3, 1)
	saveRows(t, "A.npy", []int{40, 3}, normals(1, 120, 1, 0))
	for args, want := range map[string]string{
		"real real --featurizer none":                           "raw values",
		"real real --featurizer pixels":                         "raw values",
		"real real --featurizer pca(2,pixels)":                  "raw values",
		"A.npy A.npy":                                           "nothing says which network",
		"real real --featurizer inception-random(1) --layer 64": "random weights",
	} {
		args := append([]string{"score"}, fields(args)...)
		if r := assay(args...); r.code != 0 || strings.Count(r.out, "not FID") != 1 || !strings.Contains(r.out, want) || !strings.Contains(r.out, "--protocol pytorch-fid") {
			t.Errorf("%v: %s%s", args, r.err, r.out)
		}
		var got struct {
			Provenance struct {
				NotFID string `json:"not_fid"`
			}
		}
		unmarshal(t, &got, append(args, "--format", "json")...)
		if !strings.Contains(got.Provenance.NotFID, want) {
			t.Errorf("%v: not_fid is %q", args, got.Provenance.NotFID)
		}
	}
}

// A line of csv stands alone: with N, the featurizer and its notes in words; notes of the whole go to stderr.
func TestScoreCSV(t *testing.T) {
	t.Chdir(t.TempDir())
	smallImages(t, "real", 12, 3, 1)
	smallImages(t, "fake", 14, 3, 2)
	r := assay("score", "real", "fake", "--featurizer", "pixels", "--format", "csv")
	lines, err := csv.NewReader(strings.NewReader(r.out)).ReadAll()
	if err != nil || len(lines) != 3 {
		t.Fatalf("%v: %s%s", err, r.out, r.err)
	}
	fd := map[string]string{}
	for i, h := range lines[0] {
		fd[h] = lines[1][i]
	}
	if fd["N real"] != "12" || fd["N fake"] != "14" || fd["featurizer"] != "pixels" || !strings.Contains(fd["note"], "12 rows for 108 features") || strings.Contains(r.out, "[1]") {
		t.Errorf("%v", fd)
	}
	if !strings.Contains(r.err, "note: not FID") || fd["half"] == "" || fd["N half"] != "6" {
		t.Errorf("stderr: %s", r.err)
	}
	if r := assay("score", "--logits", "L.npy", "--metrics", "is", "--format", "csv"); r.code != exitUsage {
		t.Errorf("no file: %d", r.code)
	}
	saveRows(t, "L.npy", []int{40, 4}, normals(5, 160, 1, 0))
	if r := assay("score", "--logits", "L.npy", "--metrics", "is", "--set", "is.splits=2", "--format", "csv"); r.code != 0 || strings.Contains(r.err, "FID") {
		t.Errorf("logits alone: %d %s%s", r.code, r.err, r.out)
	}
}

// Grey against colour is named as such: an error where the pixels themselves are compared, a warning where a network takes both; converting heals it.
func TestGreyAgainstColour(t *testing.T) {
	t.Chdir(t.TempDir())
	smallImages(t, "colour", 8, 3, 1)
	smallImages(t, "grey", 8, 1, 2)
	for _, c := range []struct{ real, fake, want string }{
		{"colour", "grey", "the fake images of grey are grey, the real ones of colour in colour"}, {"grey", "colour", "the real images of grey are grey, the fake ones of colour in colour"},
	} {
		if r := assay("score", c.real, c.fake, "--featurizer", "pixels"); r.code != exitUsage || !strings.Contains(r.err, c.want) || !strings.Contains(r.err, `convert("RGB")`) {
			t.Errorf("%+v: %d %s", c, r.code, r.err)
		}
		if r := assay("score", c.real, c.fake, "--featurizer", "inception-random(1)", "--layer", "64"); r.code != 0 || !strings.Contains(r.err, c.want) {
			t.Errorf("%+v under a network: %d %s", c, r.code, r.err)
		}
		if r := assay("score", c.real, c.real, "--featurizer", "inception-random(1)", "--layer", "64"); r.code != 0 || strings.Contains(r.err, "grey") != (c.real == "grey" && strings.Contains(r.err, "read as")) {
			t.Errorf("%s against itself: %d %s", c.real, r.code, r.err)
		}
	}
}

// ASSAY_CACHE=off makes no folder of that name, and commands say what to do without one.
func TestCacheOff(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("ASSAY_CACHE", "off")
	smallImages(t, "real", 8, 3, 1)
	if r := assay("score", "real", "real", "--featurizer", "inception-random(1)", "--layer", "64"); r.code != 0 {
		t.Error(r.err)
	}
	if r := assay("fetch", "inception"); r.code != exitUsage || !strings.Contains(r.err, "--to FILE") {
		t.Errorf("fetch: %d %s", r.code, r.err)
	}
	if r := assay("doctor"); !strings.Contains(r.out, "off, by ASSAY_CACHE") {
		t.Errorf("doctor: %s", r.out)
	}
	if _, err := os.Stat("off"); err == nil {
		t.Error("there is a folder called off")
	}
}

// train says what becomes of a folder that holds a run already: it goes on, it has nothing to do, or it is refused and the run stays as it was.
func TestTrainedFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	run := func(more string) result {
		return assay(append([]string{"train", "gan-ns", "--dataset", "ring", "--train-n", "64", "--out", "m"}, fields(more)...)...)
	}
	card := func() (steps string) {
		var c struct{ Settings map[string]string }
		b, err := os.ReadFile(filepath.Join("m", "model.json"))
		if err = errors.Join(err, json.Unmarshal(b, &c)); err != nil {
			t.Fatal(err)
		}
		return c.Settings["steps"]
	}
	for _, c := range []struct {
		args  string
		code  int
		said  string
		steps string
	}{
		{"--steps 3", 0, "after", "3"},
		{"--steps 3", 0, "m/model.safetensors is trained already, for 3 steps", "3"},
		{"--steps 2", 2, "is trained for 3 steps already, and 2 are asked for: choose another folder", "3"},
		{"--steps 3 --set lr_g=1e-5", 2, "with other settings or data; choose another folder", "3"},
		{"--steps 5", 0, "m/model.safetensors is gone on with, from step 3 to 5", "5"},
	} {
		if r := run(c.args); r.code != c.code || !strings.Contains(r.err+r.out, c.said) || card() != c.steps {
			t.Errorf("train %s: %d %s%s, the card says %s steps; want %+v", c.args, r.code, r.err, r.out, card(), c)
		}
	}
}

// Line ends of another system change nothing in what is read of records.
func TestRecordsWithCRLF(t *testing.T) {
	t.Chdir(t.TempDir())
	smallImages(t, "real", 8, 3, 1)
	for seed := range 3 {
		if r := assay("score", "real", "real", "--featurizer", "pixels", "--model", "mine", "--dataset", "d", "--seed", fmt.Sprint(seed+1), "--append", "runs.jsonl"); r.code != 0 {
			t.Fatal(r.err)
		}
	}
	b, err := os.ReadFile("runs.jsonl")
	if err == nil {
		err = errors.Join(os.Mkdir("crlf", 0o755), os.WriteFile(filepath.Join("crlf", "runs.jsonl"), []byte(strings.ReplaceAll(string(b), "\n", "\r\n")), 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"report runs.jsonl", "report runs.jsonl --format json", "compare runs.jsonl runs.jsonl", "compare runs.jsonl runs.jsonl --format json"} {
		want := assay(fields(command)...)
		got := assay(fields(strings.ReplaceAll(command, "runs.jsonl", "crlf/runs.jsonl"))...)
		if want.code != 0 || got.code != want.code || strings.ReplaceAll(got.out, "crlf/", "") != want.out {
			t.Errorf("%s: %d %s%s, with CRLF %d %s%s", command, want.code, want.err, want.out, got.code, got.err, got.out)
		}
	}
}

// doctor --bench measures: every rate is a positive number in thousands of millions a second, and a convolution or a product says its route.
func TestDoctorMeasuresKernels(t *testing.T) {
	var rates []struct {
		Kernel, Route, Unit string
		Rate, Share         float64
	}
	file := filepath.Join(t.TempDir(), "kernels.json")
	r := assay("doctor", "--bench", "--wide", "--out", file)
	text, err := os.ReadFile(file)
	if r.code != 0 || err != nil {
		t.Fatalf("exit %d: %s%v", r.code, r.err, err)
	}
	if err := json.Unmarshal(text, &rates); err != nil {
		t.Fatal(err)
	}
	for _, k := range rates {
		if !(k.Rate > 0 && k.Rate < 1e5) || k.Unit == "" || (k.Kernel == "convolution" || strings.HasSuffix(k.Kernel, "gemm")) != (k.Route != "") {
			t.Errorf("%+v", k)
		}
		for _, word := range []string{k.Kernel, k.Route, fmt.Sprintf("%.3g %s", k.Rate, k.Unit)} { // the table has the same
			if !strings.Contains(r.out, word) {
				t.Errorf("the table lacks %q:\n%s", word, r.out)
			}
		}
		if share := fmt.Sprintf("%.0f %%", 100*k.Share); k.Share > 0 && !strings.Contains(r.out, share) {
			t.Errorf("the table lacks %q:\n%s", share, r.out)
		}
	}
	if len(rates) < 10 {
		t.Errorf("%d kernels", len(rates))
	}
}
