package featurizer

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/testutil"
)

func safetensorsBytes(t testing.TB, w Weights, half bool) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := w.WriteSafetensors(&b, half); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSafetensors(t *testing.T) {
	w := Weights{"a": {[]int{2, 2}, []float32{1, -2, 0.5, 3}}, "b": {nil, []float32{7}}}
	for _, half := range []bool{false, true} {
		back, err := parseSafetensors(safetensorsBytes(t, w, half))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(w, back); d != "" {
			t.Errorf("half %v: %s", half, d)
		}
	}
	// Hugging Face's CLIP files carry position_ids of I64: left out, the rest is read.
	ids := bytes.Replace(safetensorsBytes(t, Weights{"a": {[]int{2}, []float32{1, 2}}, "ids": {[]int{4}, make([]float32, 4)}}, false), []byte(`"F32","shape":[4]`), []byte(`"I64","shape":[2]`), 1)
	if back, err := parseSafetensors(ids); err != nil || len(back) != 1 || back["a"].Data[1] != 2 {
		t.Errorf("with I64: %v, error %v", back, err)
	}
	whole := safetensorsBytes(t, w, false)
	for name, data := range map[string][]byte{
		"truncated":         whole[:len(whole)-1],
		"no header":         whole[:5],
		"header length":     append([]byte{255, 255, 255, 255, 255, 255, 255, 255}, whole[8:]...),
		"integers":          bytes.Replace(whole, []byte("F32"), []byte("I32"), 1),
		"shape of billions": bytes.Replace(whole, []byte("[2,2]"), []byte("[9e9]"), 1),
		"overlap":           bytes.Replace(whole, []byte("[16,20]"), []byte("[0,4]  "), 1),
	} {
		_, err := parseSafetensors(data)
		if !errors.Is(err, ErrWeights) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// A pickle begins with the byte 0x80, and so does every 32nd safetensors file: the low byte of its header's length.
func TestSafetensorsThatBeginAsPicklesDo(t *testing.T) {
	plain := safetensorsBytes(t, Weights{"a": {[]int{2}, []float32{1, 2}}}, false)
	n := int(plain[0]) // of the header, below 256 here
	header := plain[8 : 8+n]
	for len(header) < 0x180 {
		header = append(slices.Clone(header), ' ')
	}
	data := append(append([]byte{0x80, 1, 0, 0, 0, 0, 0, 0}, header...), plain[8+n:]...)
	w, err := parseWeights(data)
	if err != nil || w["a"].Data[1] != 2 {
		t.Errorf("weights %v, error %v", w, err)
	}
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if a, err := ReadArray(path); err != nil || !slices.Equal(a.Shape, []int{2}) {
		t.Errorf("array %v, error %v", a, err)
	}
}

const torchFiles = `
import torch, sys, collections, os
d = sys.argv[1] + "/"
x = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
big = torch.arange(10, dtype=torch.float32)
s = collections.OrderedDict()
s["plain"] = x
s["turned"] = x.permute(2, 0, 1)
s["part"] = big[3:6]
s["half"] = (x / 8).half()
s["double"] = (x * 3).double()
s["bfloat"] = x.bfloat16()
s["bn.num_batches_tracked"] = torch.tensor(5)
torch.save(s, d + "zip.pth")
torch.save(s, d + "legacy.pth", _use_new_zipfile_serialization=False)
torch.save({"epoch": 3, "state_dict": s}, d + "nested.pth")
torch.save(torch.nn.Linear(2, 2).state_dict(), d + "linear.pth")
class Evil:
    def __reduce__(self): return (os.system, ("touch " + d + "pwned",))
torch.save({"a": Evil()}, d + "evil.pth")
torch.save({"a": Evil()}, d + "evil-legacy.pth", _use_new_zipfile_serialization=False)
torch.save(torch.nn.Linear(2, 2), d + "module.pth")
`

// TestTorchFiles reads what PyTorch wrote, in both of its formats, and refuses code.
func TestTorchFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Python")
	}
	exe := ""
	for _, p := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(p, "-c", "import torch").Run() == nil {
			exe = p
			break
		}
	}
	if exe == "" {
		t.Skip("no python3 with torch: apt-get install python3-torch")
	}
	dir := t.TempDir()
	if out, err := exec.Command(exe, "-c", torchFiles, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := Weights{"plain": {Shape: []int{2, 3, 4}}, "turned": {Shape: []int{4, 2, 3}}, "part": {[]int{3}, []float32{3, 4, 5}}, "half": {Shape: []int{2, 3, 4}}, "double": {Shape: []int{2, 3, 4}}, "bfloat": {Shape: []int{2, 3, 4}}}
	scale := map[string]float32{"plain": 1, "half": 0.125, "double": 3, "bfloat": 1}
	for name, f := range scale {
		x := want[name]
		for i := range 24 {
			x.Data = append(x.Data, float32(i)*f)
		}
		want[name] = x
	}
	turned := want["turned"]
	for k := range 4 {
		for i := range 2 {
			for j := range 3 {
				turned.Data = append(turned.Data, float32(12*i+4*j+k))
			}
		}
	}
	want["turned"] = turned
	for _, name := range []string{"zip.pth", "legacy.pth", "nested.pth"} {
		got, sum, err := LoadWeights(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if d := cmp.Diff(want, got); d != "" || len(sum) != 64 {
			t.Errorf("%s: sha256 %q, %s", name, sum, d)
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{len(data) / 4, len(data) / 2, len(data) - 30} {
			if _, err := parseWeights(data[:n]); !errors.Is(err, ErrWeights) {
				t.Errorf("%s cut to %d bytes: error %v", name, n, err)
			}
		}
	}
	for name, text := range map[string]string{"evil.pth": `calls "posix.system"`, "evil-legacy.pth": `calls "posix.system"`, "module.pth": "state_dict"} {
		if _, _, err := LoadWeights(filepath.Join(dir, name)); !errors.Is(err, ErrWeights) || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: error %v, want %q", name, err, text)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
		t.Error("the pickle's code ran")
	}
	if _, err := Open(context.Background(), "inception", Env{Weights: filepath.Join(dir, "linear.pth")}); !errors.Is(err, ErrWeights) || !strings.Contains(err.Error(), "another network") {
		t.Errorf("another network's weights: %v", err)
	}
}

func TestNamedHash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net-00000000.safetensors")
	if err := os.WriteFile(path, safetensorsBytes(t, Weights{"a": {[]int{1}, []float32{1}}}, false), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := LoadWeights(path); !errors.Is(err, ErrWeights) || !strings.Contains(err.Error(), "the name says 00000000") {
		t.Errorf("a false hash in the name: %v", err)
	}
	for spec, text := range map[string]string{"inception": PublicInception, "inception-random(1,pytorch-fd)": `did you mean "pytorch-fid"`, "inception-random(1,adm,100)": "have 64, 192", "inception-random": "0 arguments"} {
		if _, err := Open(context.Background(), spec, Env{}); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: error %v, want %q", spec, err, text)
		}
	}
}

func FuzzWeights(f *testing.F) {
	f.Add(safetensorsBytes(f, Weights{"a": {[]int{2}, []float32{1, 2}}}, false))
	f.Add([]byte("\x80\x02\x8a\x0a" + legacyMagic + ".\x80\x02M\xe9\x03.\x80\x02}q\x00.\x80\x02}q\x00.\x80\x02]q\x00."))
	f.Add([]byte("\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01(X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x02tQK\x00K\x02\x85K\x01\x85tRu."))
	var b bytes.Buffer
	if err := (NPZ{"a": Float32Array([]int{1}, []float32{1})}).Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		defer testutil.Bound(t, len(data))()
		w, err := parseWeights(data)
		if err != nil {
			return
		}
		for name, x := range w {
			n := 1
			for _, d := range x.Shape {
				n *= d
			}
			if n != len(x.Data) {
				t.Fatalf("%s: shape %v with %d values", name, x.Shape, len(x.Data))
			}
		}
	})
}
