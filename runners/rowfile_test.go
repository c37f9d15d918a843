package runners

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/rng"
)

func writeRows(t *testing.T, name string, n, d int, change func(x []float32)) string {
	t.Helper()
	x := make([]float32, n*d)
	rng.Stream(3, "test", "rows").FillNormal(x)
	if change != nil {
		change(x)
	}
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := featurizer.Float32Array([]int{n, d}, x).WriteNPY(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func partOf(t *testing.T, s *Side, i, n int) *Part {
	t.Helper()
	p, err := MakePart(context.Background(), DefaultKit(), s, "none", featurizer.Env{}, Feeding{}, i, n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func opened(t *testing.T, path string) *Side {
	t.Helper()
	s, ok, err := OpenRows(path)
	if err != nil || !ok {
		t.Fatalf("%s: ok %v, error %v", path, ok, err)
	}
	return s
}

// Statistics of a file that goes by block by block, in one pass or in shards, are those of the matrix; so are rows that are picked from it.
func TestRowsOfAFileAreThoseOfTheMatrix(t *testing.T) {
	path := writeRows(t, "x.npy", 5000, 12, nil)
	whole := opened(t, path)
	if err := whole.Load(); err != nil {
		t.Fatal(err)
	}
	want, err := partOf(t, whole, 1, 1).Statistics()
	if err != nil {
		t.Fatal(err)
	}
	got, err := partOf(t, opened(t, path), 1, 1).Statistics()
	if err != nil {
		t.Fatal(err)
	}
	all := partOf(t, opened(t, path), 3, 3)
	for i := range 2 {
		if err := all.Merge(partOf(t, opened(t, path), i+1, 3), false); err != nil {
			t.Fatal(err)
		}
	}
	merged, err := all.Statistics()
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*featurizer.Statistics{"block by block": got, "in shards": merged} {
		if d := cmp.Diff(want.Mean, s.Mean); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if !cmp.Equal(want.Cov.RawSymmetric().Data, s.Cov.RawSymmetric().Data) {
			t.Errorf("%s: another covariance", name)
		}
	}
	a, b := opened(t, path), whole
	if a.Len() != 5000 {
		t.Errorf("%d rows", a.Len())
	}
	for _, s := range []*Side{a, b} {
		if err := s.Take(700, 9); err != nil {
			t.Fatal(err)
		}
	}
	if !cmp.Equal(a.Features.RawMatrix().Data, b.Features.RawMatrix().Data) {
		t.Error("other rows are picked from the file than from the matrix")
	}
}

func TestRowsOfBrokenFiles(t *testing.T) {
	ctx := context.Background()
	nan := writeRows(t, "nan.npy", 1500, 4, func(x []float32) { x[4*1300+2] = float32(math.NaN()) })
	short := writeRows(t, "short.npy", 1500, 4, nil)
	if err := os.Truncate(short, 20000); err != nil {
		t.Fatal(err)
	}
	long := writeRows(t, "long.npy", 1500, 4, nil)
	f, err := os.OpenFile(long, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("x"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{nan: "row 1300, column 2 is NaN", short: "truncated", long: "more follows"} {
		_, err := MakePart(ctx, DefaultKit(), opened(t, path), "none", featurizer.Env{}, Feeding{}, 1, 1)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
	for _, other := range []string{writeRows(t, "x.bin", 10, 2, nil), t.TempDir()} {
		if _, ok, err := OpenRows(other); ok || err != nil {
			t.Errorf("%s: ok %v, error %v", other, ok, err)
		}
	}
}
