package tensorfile

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

	"github.com/assay-gan/assay/internal/testutil"
)

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

// stream reads an array n items at a time and puts it together again.
func stream(data []byte, n int) ([]byte, error) {
	s, err := NewStream(bytes.NewReader(data), "x")
	if err != nil {
		return nil, err
	}
	var all []byte
	for {
		a, err := s.Next(n)
		if a == nil || err != nil {
			return all, err
		}
		all = append(all, a.Raw...)
	}
}

func TestStream(t *testing.T) {
	for _, data := range [][]byte{
		header("{'descr': '>i2', 'fortran_order': False, 'shape': (3, 2), }", "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c"),
		header("{'descr': '|u1', 'fortran_order': True, 'shape': (3, 2), }", "\x01\x04\x02\x05\x03\x06"),
		header("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", "\x07"),
	} {
		whole, err := ReadNPY(bytes.NewReader(data), "x")
		if err != nil {
			t.Fatal(err)
		}
		for n := range 5 {
			if n == 0 {
				continue
			}
			got, err := stream(data, n)
			if d := cmp.Diff(whole.Raw, got); err != nil || d != "" {
				t.Errorf("%d at a time: error %v, %s", n, err, d)
			}
		}
	}
	cut := header("{'descr': '|u1', 'fortran_order': False, 'shape': (3, 2), }", "\x01\x04\x02")
	s, err := NewStream(bytes.NewReader(cut), "x.npy")
	if err != nil {
		t.Fatal(err)
	}
	if a, err := s.Next(1); err != nil || a.Raw[1] != 4 {
		t.Errorf("the first row is there: %v, %v", a, err)
	}
	if _, err := s.Next(1); !errors.Is(err, ErrArray) || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("the second row is cut: %v", err)
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
	save(t, filepath.Join(dir, "go.npz"), map[string]*Array{"a": Float64Array([]int{2, 3}, []float64{0, 1, 2, 3, 4, 5})})
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
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		a, err := ReadNPY(bytes.NewReader(b), f)
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
		defer testutil.Bound(t, len(data))()
		a, err := ReadNPY(bytes.NewReader(data), "x")
		if err == nil {
			if len(a.Float64s()) != a.Len() {
				t.Fatal("length")
			}
			again, err := stream(data, 1)
			if d := cmp.Diff(a.Raw, again); err != nil || d != "" && len(a.Raw) > 0 {
				t.Fatalf("item by item: %v\n%s", err, d)
			}
		}
	})
}
