package featurizer

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/testutil"
)

// doors are files of the numbers of f8.npy or f4.npy as pandas, NumPy and PyTorch wrote them (testdata/doors/README.md).
const doors = "testdata/doors/"

// The same numbers come through every door to the bit: 1/3, -0, the least and the greatest float64 are among them.
func TestDoorsAgreeToTheBit(t *testing.T) {
	for file, like := range map[string]string{
		"named.csv": "f8.npy", "named.tsv": "f8.npy", "index.csv": "f8.npy", "numbered.csv": "f8.npy", "bare.csv": "f8.npy",
		"named.parquet": "f8.npy", "index.parquet": "f8.npy", "plain.parquet": "f8.npy",
		"f8.pt": "f8.npy", "two.pt:a": "f8.npy", "two.safetensors:wide": "f8.npy",
		"f4.pt": "f4.npy", "legacy.pt": "f4.npy", "two.pt:b": "f4.npy", "dict.pth:features": "f4.npy", "two.safetensors:half": "f4.npy",
	} {
		want, err := ReadArray(doors + like)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ReadArray(doors + file)
		if err != nil {
			t.Error(err)
			continue
		}
		if d := cmp.Diff(want.Shape, got.Shape); d != "" || got.Type != want.Type || !bytes.Equal(got.Raw, want.Raw) {
			t.Errorf("%s: type %s, not the bits of %s %s", file, got.Type, like, d)
		}
	}
	for _, file := range []string{"dict.pth:labels", "two.safetensors:labels"} {
		a, err := ReadArray(doors + file)
		if err != nil {
			t.Error(err)
			continue
		}
		if d := cmp.Diff([]float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, a.Float64s()); d != "" {
			t.Errorf("%s: %s", file, d)
		}
	}
}

// Parquet's float32 are widened: those of f4.npy, but for the greatest float64, which float32 has not.
func TestParquetFloat32(t *testing.T) {
	_, err := ReadArray(doors + "f4.parquet")
	if !errors.Is(err, ErrArray) || !strings.Contains(err.Error(), `column "f4": row 1: +Inf: drop the row`) {
		t.Errorf("%v", err)
	}
}

func TestParquetRefusals(t *testing.T) {
	for file, want := range map[string]string{
		"list.parquet":  `column "a" is nested: write one number a column`,
		"null.parquet":  `column "a": row 2: empty`,
		"words.parquet": `column "a" holds words`,
		"date.parquet":  `column "a" is of type INT64 TIMESTAMP`,
		"bomb.parquet":  "40000000 rows of 1 columns",
		"x.feather":     "Arrow is not read",
	} {
		at := "testdata/parquet/" + file
		if file == "x.feather" {
			at = filepath.Join(t.TempDir(), file)
			if err := os.WriteFile(at, []byte("ARROW1"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := ReadArray(at); !errors.Is(err, ErrArray) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", file, err)
		}
	}
	whole, err := os.ReadFile(doors + "plain.parquet")
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.parquet")
	for n := 0; n < len(whole); n += 97 {
		if err := os.WriteFile(cut, whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadArray(cut); !errors.Is(err, ErrArray) || strings.Contains(err.Error(), "\n") {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
}

func TestTableColumns(t *testing.T) {
	for _, file := range []string{"named.csv", "named.tsv", "named.parquet"} { // CRLF, LF, and neither
		x, err := ReadTable(doors + file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{"f0", "f1", "f2", "f3", "f4"}, x.Columns); d != "" {
			t.Error(d)
		}
		if x.Names[1] != "img,1.png" || x.Classes[0] != `a "dog"` || x.Classes[1] != "cat" || len(x.Notes) != 2 {
			t.Errorf("%s: %q %q %q", file, x.Names[:2], x.Classes[:2], x.Notes)
		}
	}
}

// Each is refused in one line that says where and, mostly, what to do.
func TestTableRefusals(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "the file is empty",
		"a,b\n":                          "a header and no rows",
		"a,b\n1,2\n3\n":                  "line 3: 1 fields, the header has 2",
		"a,b\n1,2,3\n":                   "line 2: 3 fields, the header has 2",
		"a,b\n1,x\n":                     `line 2, column "b": "x" is no number`,
		"a,b\n1,\n":                      `line 2, column "b": empty`,
		"a,b\n1,nan\n":                   `line 2, column "b" is nan`,
		"a,b\n1,1e999\n":                 "is no number",
		"a,b\n1,0x10p1\n":                "is no number",
		"a,b\n1,2\n\n3,4\n":              "line 3: empty",
		"a,a\n1,2\n":                     `two columns are called "a"`,
		"name,f,file\nx,1,y\n":           `"name" and "file" both name the rows`,
		"class,f,label\nx,1,y\n":         `"class" and "label" both give classes`,
		"name,f\nx,1\nx,2\n":             `rows 1 and 2 are both called "x"`,
		"class,f\n,1\n":                  "row 1 has no class",
		"name,file name\nx,1\n,2\n":      "row 2 has no name",
		"0,1\n1,2\n":                     "may be a header or a row",
		"f;g\n1;2\n":                     `"1;2" is no number`,
		"f\n\"1\n":                       "a quoted field has no end",
		"f\n1\"2\n":                      "a quotation mark in the middle",
		"f\n\"1\"2\n":                    "a quotation mark in the middle",
		"f\r1\r":                         "a carriage return without a line feed",
		"f\n" + strings.Repeat("1", 2e6): "a field of more than",
		strings.Repeat(",", 2e6):         "columns: no table",
	} {
		path := filepath.Join(t.TempDir(), "x.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadTable(path)
		if !errors.Is(err, ErrArray) || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), path+": ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
}

func TestTensorRefusals(t *testing.T) {
	for file, want := range map[string]string{
		"two.pt": "name one as", "two.pt:c": `no tensor "c", have ["a" "b"]`, "dict.pth": `["features" "labels"]`, "two.safetensors": "name one as", "f8.pt:x": "no tensor",
	} {
		if _, err := ReadArray(doors + file); !errors.Is(err, ErrArray) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", file, err, want)
		}
	}
}

// FuzzArrayFile: no bytes under any ending make the readers fail otherwise than by an error about an array.
func FuzzArrayFile(f *testing.F) {
	for _, name := range []string{"f8.pt", "legacy.pt", "two.pt", "two.safetensors"} {
		b, err := os.ReadFile(doors + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		defer testutil.Bound(t, len(data))()
		a, err := parseTensor(data, "x", "")
		switch {
		case err != nil && (!errors.Is(err, ErrArray) || strings.Contains(err.Error(), "\n")):
			t.Fatal(err)
		case err == nil && len((*Array)(a).Float64s()) != a.Len():
			t.Fatal("length")
		}
	})
}

func TestArrayName(t *testing.T) {
	if file, name := ArrayName("a:b/X.NPZ:mu"); file != "a:b/X.NPZ" || name != "mu" {
		t.Error(file, name)
	}
	if file, name := ArrayName("C:x.csv"); file != "C:x.csv" || name != "" {
		t.Error(file, name)
	}
	if a, err := ReadArray(doors + "f8.npy"); err != nil || !math.Signbit(a.At(2)) {
		t.Error("the fixture has no -0", err)
	}
}
