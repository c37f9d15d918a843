package featurizer

import (
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
