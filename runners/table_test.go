package runners

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/featurizer/source"
)

const doors = "../featurizer/testdata/doors/"

// A side is the same rows whichever file they lie in, and a table brings its names and classes along.
func TestOpenSideThroughEveryDoor(t *testing.T) {
	open := func(path string) *Side {
		s, err := OpenSide(context.Background(), path, 0, 0, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	want := open(doors + "f8.npy")
	for _, file := range []string{"named.csv", "index.csv", "bare.csv", "f8.pt", "two.pt:a", "two.safetensors:wide"} {
		got := open(doors + file)
		if !mat.Equal(want.Features, got.Features) {
			t.Errorf("%s holds other numbers", file)
		}
		a, err1 := want.Content(context.Background())
		b, err2 := got.Content(context.Background())
		if err1 != nil || err2 != nil || a != b {
			t.Errorf("%s: content %s, want %s (%v, %v)", file, b, a, err1, err2)
		}
	}
	s := open(doors + "named.csv")
	if d := cmp.Diff([]string{`a "dog"`, "cat"}, s.classNames()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int{0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1}, s.labels()); d != "" { // each third is a dog
		t.Error(d)
	}
	if w := strings.Join(s.Warnings, "; "); !strings.Contains(w, `column "filename" names the rows`) || !strings.Contains(w, `column "class" gives the classes`) {
		t.Errorf("what the columns were taken for is not said: %q", w)
	}
	if err := s.Take(5, 3); err != nil {
		t.Fatal(err)
	}
	full := open(doors + "named.csv")
	for i, name := range s.Names {
		for k, other := range full.Names {
			if name == other && (s.labels()[i] != full.labels()[k] || !mat.Equal(s.Features.RowView(i), full.Features.RowView(k))) {
				t.Errorf("row %s lost its class or its numbers", name)
			}
		}
	}
}

func TestLabelsOfTables(t *testing.T) {
	for text, want := range map[string][]int{"name,label\na,2\nb,0\n": {2, 0}, "y\n1\n3\n": {1, 3}, "f,class\n.5,4\n.25,1\n": {4, 1}} {
		got, err := ReadLabels(written(t, text))
		if err != nil {
			t.Error(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	for text, want := range map[string]string{"a,b\n1,2\n": "labels in 2 columns", "class,a\ncat,1\n": `class "cat" of row 1`, "class\n1.5\n": "label 0 is 1.5", "class\n-1\n": "label 0 is -1"} {
		if _, err := ReadLabels(written(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// Rows are joined to samples by name, not by order; a name that is missing on either side is refused.
func TestTablesAreJoinedByName(t *testing.T) {
	open := func() *Side {
		s, err := OpenSide(context.Background(), written(t, "name,f\nb,1\na,2\nc,3\n"), 0, 0, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	m, err := s.ReadMatrix(written(t, "x,y,name\n10,1,a\n20,2,b\n30,3,c\n"))
	if err != nil || !mat.Equal(m, mat.NewDense(3, 2, []float64{20, 2, 10, 1, 30, 3})) {
		t.Error(m, err)
	}
	labels, err := s.ReadLabels(written(t, "name,class\nc,7\nb,8\na,9\n"))
	if d := cmp.Diff([]int{8, 9, 7}, labels); d != "" || err != nil {
		t.Error(d, err)
	}
	if labels, err = s.ReadLabels(written(t, "class\n7\n8\n9\n")); err != nil || labels[0] != 7 {
		t.Error("rows without names are not in their order", labels, err)
	}
	for text, want := range map[string]string{"name,x\na,1\nb,2\nd,3\n": `no row is called "c"`, "name,x\na,1\nb,2\nc,3\nd,4\n": `row "d" and 0 more are of no sample`} {
		if _, err := s.ReadMatrix(written(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	bare := &Side{Path: "x.npy", Features: mat.NewDense(2, 1, nil)}
	if _, err := bare.ReadMatrix(written(t, "name,x\na,1\nb,2\n")); err != nil || len(bare.Warnings) != 1 {
		t.Error("that names go unused is not said", bare.Warnings, err)
	}
	var none *Side
	if m, err := none.ReadMatrix(written(t, "name,x\na,1\nb,2\n")); err != nil || m.At(1, 0) != 2 {
		t.Error(m, err)
	}
}

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(path, bytes.TrimSpace([]byte(text)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
