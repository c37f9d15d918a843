package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/tensorfile"
)

// tinyOracle has one unit and two tokens: E, then W, U, b of i, f, o, g, then V, a.
func tinyOracle() map[string]*tensorfile.Array {
	values := [][]float64{{0.5, -1}, {2}, {0.3}, {0.1}, {-1}, {0.7}, {0.2}, {1.5}, {-0.4}, {0.6}, {0.9}, {-0.8}, {-0.5}, {1.2, -0.7}, {0.4, -0.3}}
	shapes := [][]int{{2, 1}, {1, 1}, {1, 1}, {1}, {1, 1}, {1, 1}, {1}, {1, 1}, {1, 1}, {1}, {1, 1}, {1, 1}, {1}, {1, 2}, {2}}
	arrays := map[string]*tensorfile.Array{}
	for i, v := range values {
		arrays[fmt.Sprintf("arr_%d", i)] = tensorfile.Float64Array(shapes[i], v)
	}
	return arrays
}

func writeOracle(t *testing.T, arrays map[string]*tensorfile.Array) string {
	t.Helper()
	dir := t.TempDir()
	var b bytes.Buffer
	if err := tensorfile.WriteNPZ(&b, arrays); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, OracleFile), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The language of a file says what its formula does, written out for the sentence 1, 0.
func TestOracleFromFile(t *testing.T) {
	set, err := OracleSet{}.Load(t.Context(), Options{Dir: writeOracle(t, tinyOracle()), Train: 5, Test: 5, Hold: 5,
		Params: map[string]float64{"vocabulary": 2, "units": 1, "length": 2, "language": -1}})
	if err != nil {
		t.Fatal(err)
	}
	s := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	h, c := 0.0, 0.0
	hear := func(e float64) (p0 float64) {
		i, f, o, g := s(2*e+0.3*h+0.1), s(-e+0.7*h+0.2), s(1.5*e-0.4*h+0.6), math.Tanh(0.9*e-0.8*h-0.5)
		c = f*c + i*g
		h = o * math.Tanh(c)
		return s(1.2*h + 0.4 + 0.7*h + 0.3)
	}
	want := math.Log(1-hear(0.5)) + math.Log(hear(-1)) // token 0 is heard before the first
	logs, err := set.Oracle.LogProb(t.Context(), &Samples{Shape: []int{2}, Data: []float32{1, 0}})
	if err != nil || math.Abs(logs[0]-want) > 1e-12 {
		t.Errorf("have %v (%v), want %v", logs, err, want)
	}
	if set.Train.Len() != 5 {
		t.Errorf("%d sentences", set.Train.Len())
	}
}

// Several units keep their places: gate j's columns stand at j units in every row.
func TestOracleGatesSideBySide(t *testing.T) {
	all := make([]float64, 2*8)
	beside(all, []float64{1, 2, 3, 4}, 2, 2)
	if want := "[0 0 0 0 1 2 0 0 0 0 0 0 3 4 0 0]"; fmt.Sprint(all) != want {
		t.Errorf("have %v, want %v", all, want)
	}
}

func TestOracleFileRefused(t *testing.T) {
	missingOne, odd, endless := tinyOracle(), tinyOracle(), tinyOracle()
	delete(missingOne, "arr_14")
	odd["arr_2"] = tensorfile.Float64Array([]int{2, 1}, []float64{1, 2})
	endless["arr_13"] = tensorfile.Float64Array([]int{1, 2}, []float64{1, math.Inf(1)})
	flat := map[string]*tensorfile.Array{"arr_0": tensorfile.Float64Array([]int{2}, []float64{1, 2})}
	for _, c := range []struct {
		dir   string
		units float64
		is    error
		says  string
	}{
		{"", 1, ErrMissing, "no data folder"},
		{t.TempDir(), 1, ErrMissing, OracleFile},
		{writeOracle(t, missingOne), 1, ErrCorrupt, "arr_14 is not there"},
		{writeOracle(t, odd), 1, ErrCorrupt, "arr_2"},
		{writeOracle(t, endless), 1, ErrCorrupt, "arr_13 holds numbers that are not finite"},
		{writeOracle(t, flat), 1, ErrCorrupt, "arr_0 is no matrix"},
		{writeOracle(t, tinyOracle()), 3, ErrOption, "set vocabulary = 2 and units = 1"},
	} {
		t.Setenv("ASSAY_DATA", "")
		_, err := OracleSet{}.Load(t.Context(), Options{Dir: c.dir, Train: 1, Test: 1, Hold: 1, Params: map[string]float64{"vocabulary": 2, "units": c.units, "length": 2, "language": -1}})
		if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("have %v, want %q", err, c.says)
		}
	}
}
