package tensorfile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/testutil"
)

func save(t *testing.T, path string, z map[string]*Array) {
	t.Helper()
	var b bytes.Buffer
	if err := WriteNPZ(&b, z); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestArchiveRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	z := map[string]*Array{"mu": Float64Array([]int{2}, []float64{1, -0.5}), "sigma": Float32Array([]int{1, 2}, []float32{3, 4}), "h": {[]int{2}, "f2", []byte{0, 0x3c, 0, 0xc0}}}
	save(t, path, z)
	back, err := ReadNPZ(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(z, back); d != "" {
		t.Error(d)
	}
}

// TestOneOfMany: an array is read although its neighbour is broken, because nothing but it is unpacked.
func TestOneOfMany(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	save(t, path, map[string]*Array{"a": Float64Array([]int{2}, []float64{1, 2}), "b": {[]int{4}, "u1", []byte("beta")}})
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.Replace(b, []byte("beta"), []byte("BETA"), 1) // its checksum is another now
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	z, err := OpenNPZ(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if d := cmp.Diff([]string{"a", "b"}, z.Names()); d != "" {
		t.Error(d)
	}
	if a, err := z.Read("a"); err != nil || a.At(1) != 2 {
		t.Errorf("a: %v, %v", a, err)
	}
	if h, err := z.Header("b"); err != nil || h.Type != "u1" || h.Len() != 4 {
		t.Errorf("the header of b: %v, %v", h, err)
	}
	if _, err := z.Read("b"); !errors.Is(err, ErrArray) {
		t.Errorf("b is corrupt: %v", err)
	}
	if _, err := z.Read("c"); !errors.Is(err, ErrArray) || !strings.Contains(err.Error(), "have a b") {
		t.Errorf("there is no c: %v", err)
	}
}

func FuzzNPZ(f *testing.F) {
	var b bytes.Buffer
	if err := WriteNPZ(&b, map[string]*Array{"mu": Float64Array([]int{1}, []float64{1})}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		defer testutil.Bound(t, len(data))()
		path := filepath.Join(dir, "x.npz")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = ReadNPZ(path)
	})
}
