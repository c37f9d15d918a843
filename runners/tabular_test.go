package runners

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func tables(t *testing.T, texts ...string) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	for i, text := range texts {
		path := filepath.Join(dir, string(rune('a'+i))+".tsv")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// Two records that differ in one word are 1 apart, also where the first table has not got the word; the ends of an ordinal column are 1 apart; a number counts in
// standard deviations of the first table: 1, 2, 3 deviate by sqrt(2/3).
func TestMixedDistances(t *testing.T) {
	columns, err := ParseColumns("x:numeric,c:categorical,o:ordinal=a<b<c")
	if err != nil {
		t.Fatal(err)
	}
	sides, err := OpenMixed(columns, tables(t, "x\tc\to\n1\tu\ta\n2\tu\ta\n3\tv\tc\n", "o\tc\tx\na\tnew\t1\nb\tu\t1\na\tu\t4\n")...)
	if err != nil {
		t.Fatal(err)
	}
	distance := func(i, j int) float64 { // of row i of the first table and j of the second
		d := 0.0
		for k, v := range sides[0].Features.RawRowView(i) {
			d += (v - sides[1].Features.At(j, k)) * (v - sides[1].Features.At(j, k))
		}
		return math.Sqrt(d)
	}
	unit := math.Sqrt(2.0 / 3)
	for _, c := range []struct {
		i, j int
		want float64
	}{{0, 0, 1}, {0, 1, 0.5}, {0, 2, 3 / unit}, {1, 0, math.Sqrt(1 + 1/(unit*unit))}, {2, 0, math.Sqrt(4/(unit*unit) + 1 + 1)}} {
		if got := distance(c.i, c.j); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("rows %d and %d are %v apart, want %v", c.i, c.j, got, c.want)
		}
	}
	if n, d := sides[1].Features.Dims(); n != 3 || d != 5 || len(sides[1].Warnings) != 1 || len(sides[0].Warnings) != 0 {
		t.Errorf("%d x %d, warnings %v", n, d, sides[1].Warnings)
	}
}

// A column of one value has no deviation: it is measured in its own unit and never divided by 0.
func TestMixedConstant(t *testing.T) {
	columns, err := ParseColumns("x:numeric")
	if err != nil {
		t.Fatal(err)
	}
	sides, err := OpenMixed(columns, tables(t, "x\n7\n7\n", "x\n7\n9\n")...)
	if err != nil || !mat.Equal(sides[1].Features, mat.NewDense(2, 1, []float64{0, 2})) {
		t.Errorf("%v, %v", sides, err)
	}
}

func FuzzParseColumns(f *testing.F) {
	f.Add("age:numeric,job:categorical,grade:ordinal=low<mid<high,id:ignored", []byte("a: numeric\nb: {ordinal: [x, y]}\n"))
	f.Fuzz(func(t *testing.T, line string, file []byte) {
		if c, err := ParseColumns(line); err == nil && len(line) > 5 && c.String() == "" {
			t.Errorf("%q gives nothing", line)
		}
		_, _ = parseColumnsFile("c.yaml", file)
	})
}
