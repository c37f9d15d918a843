package featurizer

import (
	"bytes"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHalf(t *testing.T) {
	// 1, -2, the largest half, the smallest subnormal, 1/3 rounded to 11 bits.
	for h, want := range map[uint16]float32{0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x0001: 0x1p-24, 0x3555: 0.333251953125} {
		if got := halfToFloat(h); got != want {
			t.Errorf("%04x is %v, want %v", h, got, want)
		}
	}
	for i := range 1 << 16 {
		h := uint16(i)
		if f := halfToFloat(h); f == f && floatToHalf(f) != h {
			t.Fatalf("%04x becomes %v and %04x", h, f, floatToHalf(f))
		}
	}
	// Ties go to even: 1 + 2^-11 lies between 1 and 1 + 2^-10; 1 + 3 2^-11 between odd and even.
	for f, want := range map[float32]uint16{1 + 0x1p-11: 0x3c00, 1 + 3*0x1p-11: 0x3c02, 65520: 0x7c00, 65519: 0x7bff, 0x1p-25: 0, 3 * 0x1p-25: 2, 1e30: 0x7c00} {
		if got := floatToHalf(f); got != want {
			t.Errorf("%v becomes %04x, want %04x", f, got, want)
		}
	}
	if h := floatToHalf(float32(math.NaN())); halfToFloat(h) == halfToFloat(h) {
		t.Error("NaN becomes a number")
	}
}

func npyBytes(t testing.TB, a *Array) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := a.WriteNPY(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// header makes an npy of version 1 by hand, independently of WriteNPY.
func header(text string, data string) []byte {
	return append(append([]byte("\x93NUMPY\x01\x00"), byte(len(text)), byte(len(text)>>8)), text+data...)
}

func TestReadNPY(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		want *Array
		err  string
	}{
		{"big endian", header("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", "\x01\x02\xff\xff"), &Array{[]int{2}, "i2", []byte{2, 1, 255, 255}}, ""},
		{"column major: rows (1 2 3), (4 5 6)", header("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "\x01\x04\x02\x05\x03\x06"), &Array{[]int{2, 3}, "u1", []byte{1, 2, 3, 4, 5, 6}}, ""},
		{"scalar", header("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", "\x07"), &Array{nil, "u1", []byte{7}}, ""},
		{"truncated", header("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", "12345678"), nil, "truncated"},
		{"huge shape", header("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", ""), nil, "shape"},
		{"large shape, no data", header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000,), }", ""), nil, "truncated"},
		{"objects", header("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "12345678"), nil, "type '|O'"},
		{"complex", header("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "12345678"), nil, "type '<c8'"},
		{"structured", header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "1234"), nil, "type"},
		{"other file", []byte("PK\x03\x04 and so on"), nil, "no npy"},
		{"empty", nil, nil, "truncated"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadNPY(bytes.NewReader(tt.data), "x.npy")
			if tt.err != "" {
				if !errors.Is(err, ErrArray) || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestArchiveRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	z := NPZ{"mu": Float64Array([]int{2}, []float64{1, -0.5}), "sigma": Float32Array([]int{1, 2}, []float32{3, 4}), "h": {[]int{2}, "f2", []byte{0, 0x3c, 0, 0xc0}}}
	if err := z.Save(path); err != nil {
		t.Fatal(err)
	}
	back, err := ReadNPZ(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(z, back); d != "" {
		t.Error(d)
	}
	h, err := ReadArray(path + ":h")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]float32{1, -2}, h.Float32s()); d != "" {
		t.Error(d)
	}
	if _, err := ReadArray(path); err == nil || !strings.Contains(err.Error(), "have h mu sigma") {
		t.Errorf("which array? %v", err)
	}
	if _, err := z["mu"].Matrix(); !errors.Is(err, ErrShape) {
		t.Errorf("a vector as matrix: %v", err)
	}
	if _, err := Float64Array([]int{1, 1}, []float64{math.NaN()}).Matrix(); err == nil {
		t.Error("NaN features are accepted")
	}
}

// TestAgainstNumpy lets numpy read what Go wrote and the other way round.
func TestAgainstNumpy(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Python")
	}
	exe := ""
	for _, p := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(p, "-c", "import numpy").Run() == nil {
			exe = p
			break
		}
	}
	if exe == "" {
		t.Skip("no python3 with numpy: apt-get install python3-numpy")
	}
	dir := t.TempDir()
	if err := (NPZ{"a": Float64Array([]int{2, 3}, []float64{0, 1, 2, 3, 4, 5})}).Save(filepath.Join(dir, "go.npz")); err != nil {
		t.Fatal(err)
	}
	script := `
import numpy as np, sys
d = sys.argv[1] + "/"
a = np.load(d + "go.npz")["a"]
assert (a == np.arange(6.).reshape(2, 3)).all() and a.dtype == np.float64, a
x = (np.arange(24).reshape(2, 3, 4) * 2.5 - 7)
for t in "f2 f4 f8 i1 i2 i4 i8 >f4 >i8".split():
    np.save(d + t.replace(">", "be"), x.astype(t)); np.save(d + "F" + t.replace(">", "be"), np.asfortranarray(x.astype(t)))
`
	if out, err := exec.Command(exe, "-c", script, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.npy"))
	if err != nil || len(files) != 18 {
		t.Fatal(len(files), err)
	}
	for _, f := range files {
		a, err := ReadArray(f)
		if err != nil {
			t.Error(err)
			continue
		}
		for i, v := range a.Float64s() {
			want := float64(i)*2.5 - 7
			if strings.HasPrefix(a.Type, "i") {
				want = math.Trunc(want)
			}
			if v != want {
				t.Fatalf("%s: element %d is %v, want %v", f, i, v, want)
			}
		}
	}
}

func FuzzNPY(f *testing.F) {
	f.Add(npyBytes(f, Float64Array([]int{2, 1}, []float64{1, 2})))
	f.Add(header("{'descr': '>f2', 'fortran_order': True, 'shape': (2, 3), }", "123456789012"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := ReadNPY(bytes.NewReader(data), "x")
		if err == nil {
			if len(a.Float64s()) != a.Len() {
				t.Fatal("length")
			}
			_, _ = a.Matrix()
		}
	})
}

func FuzzNPZ(f *testing.F) {
	var b bytes.Buffer
	if err := (NPZ{"mu": Float64Array([]int{1}, []float64{1})}).Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(dir, "x.npz")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = ReadNPZ(path)
	})
}
