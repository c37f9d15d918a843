package featurizer

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/metrics"
)

func TestStatistics(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.npz")
	s := &Statistics{
		Stats: metrics.Stats{N: 7, Mean: []float64{1, 2}, Cov: mat.NewSymDense(2, []float64{3, -0.5, -0.5, 4})},
		Made:  map[string]string{"featurizer": "inception(adm,2048)", "fingerprint": "x@1", "protocol": "adm", "ddof": "1", "data": "abc"},
	}
	s.Spatial = &metrics.Stats{N: 7, Mean: []float64{5}, Cov: mat.NewSymDense(1, []float64{6})}
	if err := s.Save(path); err != nil {
		t.Fatal(err)
	}
	back, err := ReadStatistics(path)
	if err != nil {
		t.Fatal(err)
	}
	equal := cmp.Comparer(func(a, b *mat.SymDense) bool { return mat.Equal(a, b) })
	if d := cmp.Diff(s, back, equal); d != "" {
		t.Error(d)
	}
	// Another tool's file: no provenance.
	if err = (NPZ{"mu": Float64Array([]int{2}, []float64{1, 2}), "sigma": Float64Array([]int{2, 2}, []float64{3, -0.5, -0.5, 4})}).Save(path); err != nil {
		t.Fatal(err)
	}
	foreign, err := ReadStatistics(path)
	if err != nil {
		t.Fatal(err)
	}
	if w, err := s.Comparable(foreign); err != nil || len(w) != 4 {
		t.Errorf("foreign file: %v %v", w, err)
	}
	back.Made["protocol"] = "pytorch-fid"
	if _, err := s.Comparable(back); !errors.Is(err, ErrFingerprint) || !strings.Contains(err.Error(), "protocol: adm against pytorch-fid") {
		t.Errorf("another protocol: %v", err)
	}
	for name, z := range map[string]NPZ{
		"no sigma":      {"mu": Float64Array([]int{2}, []float64{1, 2})},
		"not square":    {"mu": Float64Array([]int{2}, []float64{1, 2}), "sigma": Float64Array([]int{1, 4}, make([]float64, 4))},
		"not symmetric": {"mu": Float64Array([]int{2}, []float64{1, 2}), "sigma": Float64Array([]int{2, 2}, []float64{1, 0, 1, 1})},
		"NaN":           {"mu": Float64Array([]int{1}, []float64{1}), "sigma": Float64Array([]int{1, 1}, []float64{math.NaN()})},
	} {
		if err := z.Save(path); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadStatistics(path); !errors.Is(err, ErrArray) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// counted counts the calls that reach a featurizer.
type counted struct {
	Featurizer
	calls int
}

func (c *counted) Featurize(ctx context.Context, s *datasets.Samples) (*Output, error) {
	c.calls++
	return c.Featurizer.Featurize(ctx, s)
}

func TestCached(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	glyphnet, err := Open(context.Background(), "glyphnet", Env{})
	if err != nil {
		t.Fatal(err)
	}
	inner := &counted{Featurizer: glyphnet}
	f := Cached(inner, dir)
	s := glyphs(t, 8, 20)
	run := func(s *datasets.Samples, calls int) *Output {
		t.Helper()
		out, failed := f.Featurize(context.Background(), s)
		if failed != nil {
			t.Fatal(failed)
		}
		if inner.calls != calls {
			t.Errorf("%d calls, want %d", inner.calls, calls)
		}
		return out
	}
	first, second := run(s, 1), run(s, 1)
	if !mat.Equal(first.Features, second.Features) || !mat.Equal(first.Logits, second.Logits) || !mat.Equal(first.Probs, second.Probs) {
		t.Error("the cached output differs")
	}
	run(s.Slice(0, 19), 2) // other content
	files, err := filepath.Glob(filepath.Join(dir, "*.npz"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if err := os.Truncate(name, 100); err != nil {
			t.Fatal(err)
		}
	}
	run(s, 3) // damaged: computed anew
	if f := Cached(identity{id: "none"}, dir); f.ID() != "none" {
		t.Error(f.ID())
	}
}

const execScript = `#!/bin/sh
# copies its input: N x D arrays of float32 are features already
exec cat
`

func TestExec(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "encode.sh")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(execScript)
	f, err := Open(context.Background(), "exec:"+path, Env{})
	if err != nil {
		t.Fatal(err)
	}
	data := make([]float32, 600*3)
	for i := range data {
		data[i] = float32(i)
	}
	s, err := datasets.NewSamples([]int{3}, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.Featurize(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	if n, d := out.Features.Dims(); n != 600 || d != 3 || out.Features.At(599, 2) != 1799 {
		t.Errorf("%d x %d, last %v", n, d, out.Features.At(599, 2))
	}
	print1 := f.Fingerprint()
	for text, want := range map[string]string{
		"#!/bin/sh\necho oops >&2\nexit 3\n": "oops",
		"#!/bin/sh\necho hello world\ncat\n": "no npy",
		"#!/bin/sh\ncat\necho done\n":        "goes on after the last array",
		"#!/bin/sh\nhead -c 2000\n":          "truncated",
		"#!/bin/sh\ncat >/dev/null\n":        "truncated",
	} {
		write(text)
		f, err := Open(context.Background(), "exec:"+path, Env{})
		if err != nil {
			t.Fatal(err)
		}
		if f.Fingerprint() == print1 {
			t.Error("another program has the same fingerprint")
		}
		if _, err := f.Featurize(context.Background(), s); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
	if _, err := Open(context.Background(), "exec:", Env{}); err == nil {
		t.Error("no command is accepted")
	}
	if _, err := Open(context.Background(), "exec:no-such-program-here", Env{}); err == nil {
		t.Error("a missing program is accepted")
	}
}

func TestConformance(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole network")
	}
	checks, err := InceptionConformance(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if !c.OK() {
			t.Errorf("%+v", c)
		}
	}
	if d := DiagnoseInception(3733.59); !strings.Contains(d, "padding") {
		t.Errorf("diagnosis %q", d)
	}
	if d := DiagnoseInception(3860.7013); d != "" {
		t.Errorf("the right value is called %q", d)
	}
}

// Statistics of both layers are parted where the pooled features end, and each part keeps its own covariance.
func TestStatisticsSplit(t *testing.T) {
	const d = 2048 + 2023
	value := func(i, j int) float64 { return float64(i*d + j) }
	s := &Statistics{
		Stats: metrics.Stats{N: 9, Mean: make([]float64, d), Cov: mat.NewSymDense(d, nil)},
		Made:  map[string]string{"featurizer": "inception(adm,2048-2023)", "fingerprint": "inception(adm,2048-2023)@12", "protocol": "adm"},
	}
	for i := range d {
		s.Mean[i] = float64(i)
		for j := i; j < d; j++ {
			s.Cov.SetSym(i, j, value(i, j))
		}
	}
	s.Split()
	if len(s.Mean) != 2048 || s.Spatial == nil || len(s.Spatial.Mean) != 2023 || s.Spatial.N != 9 || s.N != 9 {
		t.Fatalf("parted into %d and %v", len(s.Mean), s.Spatial)
	}
	if s.Mean[2047] != 2047 || s.Spatial.Mean[0] != 2048 || s.Spatial.Mean[2022] != d-1 {
		t.Error("the means are cut elsewhere")
	}
	if s.Cov.At(3, 2047) != value(3, 2047) || s.Spatial.Cov.At(0, 5) != value(2048, 2053) || s.Spatial.Cov.At(2022, 7) != value(2055, d-1) {
		t.Error("the covariances are cut elsewhere")
	}
	if s.Made["featurizer"] != "inception(adm,2048)" || s.Made["fingerprint"] != "inception(adm,2048)@12" || s.Made["protocol"] != "adm" {
		t.Errorf("made from %v", s.Made)
	}
	if m := SpatialMade(s.Made); m["featurizer"] != "inception(adm,2023)" || m["fingerprint"] != "inception(adm,2023)@12" {
		t.Errorf("the spatial part is made from %v", m)
	}
	before := s.Stats
	if s.Split(); s.Cov != before.Cov {
		t.Error("one layer was parted")
	}
}
