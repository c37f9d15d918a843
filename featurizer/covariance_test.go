package featurizer

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Statistics that can be no mean and covariance are refused by the reason; what rounding does to float32 sums is not.
func TestStatisticsMeanWhatTheySay(t *testing.T) {
	tests := []struct {
		name  string
		mean  []float64
		cov   []float64
		wrong string
	}{
		{"a covariance", []float64{1, 2}, []float64{2, 1, 1, 2}, ""},
		{"of rank one, as of fewer samples than features", []float64{1, 2}, []float64{4, 2, 2, 1}, ""},
		{"of rank one within rounding: eigenvalue -4e-7", []float64{1, 2}, []float64{4, 2.000001, 2.000001, 1}, ""},
		{"constant features", []float64{1, 2}, []float64{0, 0, 0, 0}, ""},
		{"not symmetric", []float64{1, 2}, []float64{2, 1, 0, 2}, "[0,1] is 1, its mirror 0"},
		{"a negative variance", []float64{1, 2}, []float64{2, 0, 0, -1}, "the variance [1,1] is -1"},
		{"more covariance than variance", []float64{1, 2}, []float64{1, 2, 2, 1}, "[0,1] is 2, more than the variances 1 and 1 allow"},
		// Every pair is possible, all three are not: eigenvalues 1.9, 1.9 and -0.8.
		{"indefinite", []float64{0, 0, 0}, []float64{1, -0.9, -0.9, -0.9, 1, -0.9, -0.9, -0.9, 1}, "an eigenvalue below 0"},
	}
	for _, tt := range tests {
		d := len(tt.mean)
		path := filepath.Join(t.TempDir(), "s.npz")
		if err := (NPZ{"mu": Float64Array([]int{d}, tt.mean), "sigma": Float64Array([]int{d, d}, tt.cov)}).Save(path); err != nil {
			t.Fatal(err)
		}
		s, err := ReadStatistics(path)
		switch {
		case tt.wrong == "" && (err != nil || s.Cov.At(d-1, d-1) != tt.cov[d*d-1]):
			t.Errorf("%s: %v", tt.name, err)
		case tt.wrong != "" && (!errors.Is(err, ErrArray) || !strings.Contains(err.Error(), "sigma is no covariance") || !strings.Contains(err.Error(), tt.wrong)):
			t.Errorf("%s: %v, want %q", tt.name, err, tt.wrong)
		}
	}
}

// Arrays beside the statistics are named and not read: a member that cannot be unpacked is no fault of theirs.
func TestStatisticsAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.npz")
	z := NPZ{"mu": Float64Array([]int{1}, []float64{1}), "sigma": Float64Array([]int{1, 1}, []float64{2}), "arr_0": {Shape: []int{7}, Type: "u1", Raw: []byte("seven b")}}
	if err := z.Save(path); err != nil {
		t.Fatal(err)
	}
	damage(t, path, "seven b", "other b") // its checksum is wrong now
	s, err := ReadStatistics(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Beside) != 1 || s.Beside[0] != "arr_0" {
		t.Errorf("beside them %q", s.Beside)
	}
	if _, err := ReadArray(path); !errors.Is(err, ErrArray) {
		t.Errorf("the damaged member is read: %v", err)
	}
}

// Reading statistics takes the memory of one matrix, whatever lies beside it: sigma is read a few rows at a time into the matrix that it becomes, and tested there.
func TestStatisticsMemory(t *testing.T) {
	const d, images = 512, 32 << 20
	mean, cov := make([]float64, d), make([]float64, d*d)
	for i := range d {
		for j := range d {
			cov[i*d+j] = 1 / (1 + math.Abs(float64(i-j))) // Polya: convex and falling, so positive definite
		}
	}
	path := filepath.Join(t.TempDir(), "s.npz")
	z := NPZ{"mu": Float64Array([]int{d}, mean), "sigma": Float64Array([]int{d, d}, cov), "arr_0": {Shape: []int{images}, Type: "u1", Raw: make([]byte, images)}}
	if err := z.Save(path); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s, err := ReadStatistics(path)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	sigma := uint64(8 * d * d)
	if used := after.TotalAlloc - before.TotalAlloc; used > 4*sigma { // the matrix, the bytes that pass, the buffers of the archive
		t.Errorf("%d bytes allocated for a matrix of %d", used, sigma)
	}
	raw := s.Cov.RawSymmetric()
	for i, v := range cov { // the test of eigenvalues leaves nothing behind, in neither triangle
		if raw.Data[i] != v {
			t.Fatalf("[%d,%d] is %v, want %v", i/d, i%d, raw.Data[i], v)
		}
	}
}

// damage replaces bytes of a file.
func damage(t *testing.T, path, from, to string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(b), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}
