package command

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/testutil"
)

// quick is a network of a few milliseconds an image: the first layers of Inception with seeded weights.
const quick = "--featurizer inception-random(1) --layer 64 "

// pixelsOf are n random images of h x w x c.
func pixelsOf(seed uint64, n, h, w, c int) []byte {
	s := splitmix(seed)
	pix := make([]byte, n*h*w*c)
	for i := range pix {
		pix[i] = byte(256 * s.uniform())
	}
	return pix
}

// saveFolder writes images as PNG files.
func saveFolder(t *testing.T, dir string, pix []byte, n, h, w, c int) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		m, err := imaging.FromPix(h, w, c, pix[i*h*w*c:(i+1)*h*w*c])
		if err != nil {
			t.Fatal(err)
		}
		if err := imaging.SavePNG(filepath.Join(dir, fmt.Sprintf("%04d.png", i)), m); err != nil {
			t.Fatal(err)
		}
	}
}

// ok runs a command that must succeed and returns what it printed.
func ok(t *testing.T, args string) string {
	t.Helper()
	r := assay(strings.Fields(args)...)
	if r.code != 0 {
		t.Fatalf("assay %s: status %d, %s", args, r.code, r.err)
	}
	return r.out
}

// Neither the batch size, nor the number of threads, nor a cold, warm or missing cache changes a byte of the record.
func TestScoreSameBytes(t *testing.T) {
	t.Chdir(t.TempDir())
	for role, seed := range map[string]uint64{"real": 1, "fake": 2} { // mixed sizes, grey and colour
		saveFolder(t, filepath.Join(role, "a"), pixelsOf(seed, 9, 6, 5, 3), 9, 6, 5, 3)
		saveFolder(t, filepath.Join(role, "b"), pixelsOf(seed+5, 8, 12, 9, 1), 8, 12, 9, 1)
	}
	base := "score --real real --fake fake --protocol clean-fid " + quick + "--metrics fd,kid,prdc --set prdc.k=3 --format json "
	want := ok(t, base+"--cache off --batch 50 --threads 2")
	for _, how := range []string{"--cache off --batch 1 --threads 1", "--cache off --batch 7 --threads 2", "--cache off --batch 7 --threads 1",
		"--cache c --batch 7", "--cache c --batch 50", "--cache c --batch 1 --threads 1"} {
		if got := ok(t, base+how); got != want {
			t.Errorf("%s changes the record:\n%s\nwant\n%s", how, got, want)
		}
	}
	files, err := filepath.Glob("c/features/*/*.rows")
	if err != nil || len(files) != 1 {
		t.Errorf("cache: %v, %v", files, err)
	}
	var s scored
	if err := json.Unmarshal([]byte(want), &s); err != nil || s.Provenance["protocol"] != "clean-fid" || s.Provenance["fd_called"] != "FD-inception-random(1,clean-fid,64)" {
		t.Errorf("provenance: %v, %v", s.Provenance, err)
	}
}

func TestScoreTakesTheProtocolsConventions(t *testing.T) {
	t.Chdir(t.TempDir())
	saveFolder(t, "real", pixelsOf(1, 53, 4, 4, 3), 53, 4, 4, 3)
	saveFolder(t, "fake", pixelsOf(2, 53, 4, 4, 3), 53, 4, 4, 3)
	type record struct {
		Metrics    map[string]struct{ Convention map[string]string }
		Provenance struct {
			Fake struct {
				N        int
				Warnings []string
			}
		}
	}
	for _, c := range []struct {
		args, metric, option, want string
		n                          int
	}{
		{"--n 6 --protocol stylegan2-ada", "fd", "ddof", "0", 6},
		{"--n 6 --protocol stylegan2-ada --set fd.ddof=1", "fd", "ddof", "1", 6}, // what is asked for goes first
		{"--protocol tf-ttur", "fd", "ddof", "1", 50},                            // the rest of the last batch of 50 is dropped
		{"--n 6 --protocol clean-fid --metrics kid", "kid", "subsets", "100", 6},
	} {
		var got record
		if err := json.Unmarshal([]byte(ok(t, "score --real real --fake fake --format json "+quick+c.args)), &got); err != nil {
			t.Fatal(err)
		}
		if v := got.Metrics[c.metric].Convention[c.option]; v != c.want || got.Provenance.Fake.N != c.n || (c.n == 50) != (len(got.Provenance.Fake.Warnings) == 1) {
			t.Errorf("%s: %s.%s is %q, want %q; %+v", c.args, c.metric, c.option, v, c.want, got.Provenance)
		}
	}
}

// An image that cannot be used ends the work by name, or is left out by name; what is left scores as if it had never been there.
func TestScoreBadImages(t *testing.T) {
	t.Chdir(t.TempDir())
	saveFolder(t, "real", pixelsOf(1, 12, 6, 6, 3), 12, 6, 6, 3)
	saveFolder(t, "fake", pixelsOf(2, 12, 6, 6, 3), 12, 6, 6, 3)
	args := "score --real real --fake fake --metrics fd --format json "
	values := map[string]float64{}
	for _, f := range []string{quick, "--featurizer pixels "} {
		values[f] = *scoreOf(t, strings.Fields(args + f)[1:]...).Metrics["fd"].Value
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 64, 64)), nil); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"0005a.jpg": b.Bytes()[:b.Len()-200], "0007a.png": nil, "zz.webp": []byte("not an image"), "notes.txt": []byte("x")} {
		if err := os.WriteFile(filepath.Join("fake", name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for f, want := range values {
		r := assay(strings.Fields(args + f)...)
		if r.code != 2 || r.out != "" || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, "0005a.jpg") || !strings.Contains(r.err, "--on-error skip") {
			t.Errorf("%s: status %d, %s", f, r.code, r.err)
		}
		var got struct {
			Metrics    map[string]struct{ Value *float64 }
			Provenance struct{ Fake inputReport }
		}
		if err := json.Unmarshal([]byte(ok(t, args+f+"--on-error=skip")), &got); err != nil {
			t.Fatal(err)
		}
		rep := got.Provenance.Fake
		var bad []string
		for _, x := range rep.Bad {
			bad = append(bad, x.Name)
		}
		if fmt.Sprint(bad) != "[0005a.jpg 0007a.png zz.webp]" || rep.LeftOut != 3 || rep.N != 12 || fmt.Sprint(rep.Ignored) != "[{notes.txt no image by its name}]" {
			t.Errorf("%s: %+v", f, rep)
		}
		if v := got.Metrics["fd"].Value; v == nil || *v != want {
			t.Errorf("%s: fd is %v, without the bad files %v", f, v, want)
		}
	}
}

// The same images as class folders, a CIFAR batch, an npy and an npz array have the same score, and folders and batches bring their classes.
func TestScoreArrayForms(t *testing.T) {
	t.Chdir(t.TempDir())
	const n = 12
	write := func(name string, pix []byte) {
		var batch []byte
		for i := range n {
			class := i / 6
			saveFolder(t, filepath.Join(name, fmt.Sprint("class", class), fmt.Sprintf("%02d", i)), pix[i*3072:(i+1)*3072], 1, 32, 32, 3)
			batch = append(batch, byte(class))
			for c := range 3 {
				for p := range 1024 {
					batch = append(batch, pix[i*3072+3*p+c])
				}
			}
		}
		if err := os.WriteFile(name+".bin", batch, 0o644); err != nil {
			t.Fatal(err)
		}
		writeNPY(t, name+".npy", "u1", []int{n, 32, 32, 3}, pix)
		z := featurizer.NPZ{"arr_0": {Shape: []int{n, 32, 32, 3}, Type: "u1", Raw: pix}, "arr_1": {Shape: []int{n}, Type: "u1", Raw: make([]byte, n)}}
		if err := z.Save(name + ".npz"); err != nil {
			t.Fatal(err)
		}
	}
	write("real", pixelsOf(1, n, 32, 32, 3))
	write("fake", pixelsOf(2, n, 32, 32, 3))
	var want float64
	for i, form := range []string{".bin", ".npy", ".npz", ""} {
		s := scoreOf(t, fields("--protocol pytorch-fid "+quick+"--metrics all --on-error skip --real real"+form+" --fake fake"+form)...)
		v := s.Metrics["fd"].Value
		if v == nil {
			t.Fatalf("%s: %+v", form, s.Metrics["fd"])
		}
		if i == 0 {
			want = *v
		}
		if *v != want {
			t.Errorf("%s: fd is %v, of the batches %v", form, *v, want)
		}
		if _, classed := s.Metrics["fd_class"]; classed != (form == ".bin" || form == "") {
			t.Errorf("%q: fd_class %v, skipped: %v", form, s.Metrics["fd_class"], s.Skipped["fd_class"])
		}
	}
}

// A program behind a pipe is a featurizer; its features are kept, so that it is not even started again.
func TestScoreExec(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	saveFolder(t, "real", pixelsOf(1, 10, 4, 4, 3), 10, 4, 4, 3)
	saveFolder(t, "fake", pixelsOf(2, 10, 4, 4, 3), 10, 4, 4, 3)
	args := []string{"--real", "real", "--fake", "fake", "--featurizer", "exec@1:" + self, "--metrics", "fd", "--cache", "c"}
	t.Setenv("ASSAY_TEST_ENCODER", "mean")
	first := scoreOf(t, args...)
	// One feature, the mean of a sample: the distance is (difference of means)^2 + (difference of deviations)^2.
	stat := func(pix []byte) (mean, std float64) {
		var x [10]float64
		for i := range x {
			for _, p := range pix[i*48 : (i+1)*48] {
				x[i] += (float64(p)/127.5 - 1) / 48
			}
			mean += x[i] / 10
		}
		for _, v := range x {
			std += (v - mean) * (v - mean) / 9
		}
		return mean, math.Sqrt(std)
	}
	m1, s1 := stat(pixelsOf(1, 10, 4, 4, 3))
	m2, s2 := stat(pixelsOf(2, 10, 4, 4, 3))
	want := (m1-m2)*(m1-m2) + (s1-s2)*(s1-s2)
	if v := first.Metrics["fd"].Value; v == nil || math.Abs(*v-want) > 1e-5*want { // features are float32
		t.Errorf("fd through a program is %v, want %v", v, want)
	}
	t.Setenv("ASSAY_TEST_ENCODER", "break")
	if again := scoreOf(t, args...); *again.Metrics["fd"].Value != *first.Metrics["fd"].Value {
		t.Error("from the cache another value")
	}
	r := assay(append([]string{"score"}, append(args, "--cache", "off")...)...)
	if r.code != 2 || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, "told to break") {
		t.Errorf("a failing program: status %d, %s", r.code, r.err)
	}
}

// encoder is the program of TestScoreExec: the mean of each sample.
func encoder(how string) error {
	if how == "break" {
		return fmt.Errorf("told to break")
	}
	in := &oneByte{os.Stdin}
	for {
		a, err := featurizer.ReadNPY(in, "input")
		if err != nil {
			return nil // the end
		}
		n := a.Shape[0]
		out := make([]float32, n)
		for i, v := range a.Float64s() {
			out[i/(a.Len()/n)] += float32(v) / float32(a.Len()/n)
		}
		if err := featurizer.Float32Array([]int{n, 1}, out).WriteNPY(os.Stdout); err != nil {
			return err
		}
	}
}

// oneByte keeps a reader from taking more than it is asked for.
type oneByte struct{ f *os.File }

func (o *oneByte) Read(p []byte) (int, error) { return o.f.Read(p) }

// The command of the issue tracker's first screen, with synthetic weights: it runs from one file of weights to a record, twice the same.
func TestScoreWithWeightsFile(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 96 MB and runs the whole network")
	}
	t.Chdir(t.TempDir())
	ok(t, "selftest --write-weights w.safetensors")
	saveFolder(t, "real", pixelsOf(1, 4, 8, 8, 3), 4, 8, 8, 3)
	saveFolder(t, "fake", pixelsOf(2, 4, 8, 8, 3), 4, 8, 8, 3)
	s := scoreOf(t, fields("--real real --fake fake --protocol torch-fidelity --weights w.safetensors --metrics fd,is,kid,prdc --set is.splits=2 --set prdc.k=2")...)
	for _, m := range []string{"fd", "is", "kid", "precision"} {
		if s.Metrics[m].Value == nil {
			t.Errorf("%s: %+v", m, s.Metrics[m])
		}
	}
	hash, _ := s.Provenance["weights_hash"].(string)
	if len(hash) != 16 || s.Provenance["featurizer"] != "inception(torch-fidelity,2048)" || s.Provenance["fd_called"] != "FD-inception(torch-fidelity,2048)" {
		t.Errorf("provenance: %v", s.Provenance)
	}
	if called("inception(clean-fid,2048)", "6726825d0af5f729", "clean-fid") != "FID (clean-fid)" {
		t.Error("FID under the public weights is not called so")
	}
	b, err := os.ReadFile("w.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	binary.LittleEndian.PutUint64(b, 1<<40) // a header longer than the file
	if err := os.WriteFile("bad.safetensors", b[:1000], 0o644); err != nil {
		t.Fatal(err)
	}
	r := assay(fields("score --real real --fake fake --protocol torch-fidelity --weights bad.safetensors")...)
	if r.code != 2 || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, "bad.safetensors") {
		t.Errorf("damaged weights: status %d, %s", r.code, r.err)
	}
}

// TestCIFAR is the comparison of CIFAR-10's training and test images under a named protocol, and why two protocols differ on it.
func TestCIFAR(t *testing.T) {
	if !testutil.Long() {
		t.Skip("minutes of Inception: set ASSAY_LONG=1")
	}
	dir, err := filepath.Abs(filepath.Join(testutil.DataDir(t, "cifar10-jpeg/test.tar.gz"), "cifar10-jpeg"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	ok(t, "selftest --write-weights w.safetensors")
	real, fake := filepath.Join(dir, "train.tar.gz"), filepath.Join(dir, "test.tar.gz")
	base := fmt.Sprintf("score --real %s --fake %s --protocol pytorch-fid --weights w.safetensors --metrics fd,is,kid,prdc --n 200 --cache off --format json ", real, fake)
	want := ok(t, base+"--batch 50 --threads 2")
	for _, how := range []string{"--batch 1 --threads 1", "--batch 7 --threads 2"} {
		if got := ok(t, base+how); got != want {
			t.Errorf("%s changes the record", how)
		}
	}
	t.Log(want)
	var x explained
	if err := json.Unmarshal([]byte(ok(t, fmt.Sprintf("explain --a pytorch-fid --b stylegan2-ada --weights w.safetensors --n 200 %s %s --format json", real, fake))), &x); err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", x)
	sum := 0.0
	for _, s := range x.Steps {
		sum += s.After - s.Before
	}
	if len(x.Steps) != 3 || math.Abs(sum-x.Gap) > 1e-12*math.Abs(x.FDA) || x.Gap == 0 {
		t.Errorf("contributions add up to %v, the gap is %v", sum, x.Gap)
	}
}

// The protocol of reconstructions: its metrics without being asked, pairs said, and a remedy that leads to them.
func TestReconstructions(t *testing.T) {
	t.Chdir(t.TempDir())
	writeImages(t, 1)
	out := ok(t, "score --real set1.zip --fake set1 --protocol rfid --featurizer inception-random(1) --n 6 --floor=false --quiet --cache off --format json")
	var x struct {
		Metrics    map[string]scoreValue `json:"metrics"`
		Provenance struct{ Pairing, Protocol string }
	}
	if err := json.Unmarshal([]byte(out), &x); err != nil {
		t.Fatal(err)
	}
	if _, fd := x.Metrics["fd"]; !fd || x.Provenance.Pairing != "by name" || x.Provenance.Protocol != "rfid" || *x.Metrics["ssim"].Value != 1 {
		t.Errorf("%s", out)
	}
	if r := assay("score", "--real", "set1", "--fake", "set1.zip", "--featurizer", "pixels", "--metrics", "psnr"); r.code != 2 || !strings.Contains(r.err, "--paired") {
		t.Errorf("without pairs: %d %s", r.code, r.err)
	}
	writeImages(t, 2)
	if r := assay("score", "--real", "set1", "--fake", "set2", "--featurizer", "pixels", "--metrics", "psnr", "--paired"); r.code != 2 || !strings.Contains(r.err, "these are no reconstructions") {
		t.Errorf("other images: %d %s", r.code, r.err)
	}
}
