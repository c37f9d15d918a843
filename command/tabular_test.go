package command

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
)

const tabularColumns = "age:numeric,income:numeric,job:categorical,grade:ordinal=low<mid<high,id:ignored"

// Mixed tables from files to the copy check, against pandas and numpy: train.csv, test.csv and gen.csv (of whose 60 rows 20 are training rows with 0.5 more income, with
// the columns in another order, a job that is in no other table and an empty one). Every distance was computed there, the encoding too; fd by singular values of the centred rows.
func TestMixedTables(t *testing.T) {
	const tol = 1e-9
	t.Chdir("testdata/tabular")
	out := ok(t, "score --real train.csv --fake gen.csv --holdout test.csv --metrics dcr,fd --format json --columns "+tabularColumns)
	var x struct {
		Metrics    map[string]scoreValue `json:"metrics"`
		Provenance struct {
			Columns, Featurizer string
			Holdout             inputReport
			Fake                inputReport
		}
	}
	if err := json.Unmarshal([]byte(out), &x); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"dcr_share": 0.6521739130434783, "dcr_q05": 6.970044628159397e-05, "nndr_q05": 1.2548992871537176e-05, "nndr_q05_real": 0.36970436699990833, "fd": 0.14980623960050288} {
		if v := x.Metrics[name].Value; v == nil || math.Abs(*v-want) > tol*max(want, 1e-3) {
			t.Errorf("%s: %v, want %v", name, v, want)
		}
	}
	if iv := x.Metrics["dcr_share"].Interval; iv == nil || math.Abs(iv.Lo-0.5063763093808031) > tol || math.Abs(iv.Hi-0.7836118732016926) > tol {
		t.Errorf("interval %+v", iv)
	}
	if p := x.Provenance; p.Columns != tabularColumns || !strings.HasPrefix(p.Featurizer, "columns(") || p.Holdout.N != 50 || len(p.Fake.Warnings) != 1 {
		t.Errorf("%+v", p)
	}
}

// The same declaration as a file is the same space; every mistake is one line that names file, line and column.
func TestMixedTablesRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"a.csv": "x,c,o\n1,u,lo\n2,v,hi\n4,u,hi\n", "b.csv": "x,c,o\n1,u,lo\nnan,v,hi\n", "c.csv": "x,c,o\n1,u,lo\n,v,hi\n", "d.csv": "x,c\n1,u\n2,v\n", "e.csv": "x,c,o\n1,u,lo\n2,v,mid\n", "f.csv": "x,c,o\n1,u\n",
		"g.csv": "x,x\n1,2\n", "k.yaml": "x: numeric\nc: categorical\no: {ordinal: [lo, hi]}\n", "bad.yaml": "x: numeric\nc: word\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	inline := ok(t, "score --real a.csv --fake a.csv --metrics kid_full --format json --columns x:numeric,c:categorical,o:ordinal=lo<hi")
	if file := ok(t, "score --real a.csv --fake a.csv --metrics kid_full --format json --columns k.yaml"); file != inline {
		t.Error("a file of columns and the same on the line differ")
	}
	for args, want := range map[string]string{
		"--real a.csv --fake b.csv --columns k.yaml":                               "b.csv: line 3, column \"x\": \"nan\" is no finite number",
		"--real a.csv --fake c.csv --columns k.yaml":                               "c.csv: line 3, column \"x\": empty",
		"--real a.csv --fake d.csv --columns k.yaml":                               "d.csv: there is no column \"o\", which is declared ordinal",
		"--real a.csv --fake e.csv --columns k.yaml":                               "e.csv: line 3, column \"o\": \"mid\" is no level of lo<hi",
		"--real a.csv --fake f.csv --columns k.yaml":                               "f.csv: line 2: 2 fields, the header has 3",
		"--real g.csv --fake a.csv --columns x:numeric":                            "g.csv: line 1: two columns are called",
		"--real a.csv --fake a.csv --columns x:numeric":                            "column \"c\" is not declared: add it, if only as c:ignored",
		"--real a.csv --fake a.csv --columns bad.yaml":                             "bad.yaml: line 2: c: unknown kind \"word\"",
		"--real a.csv --fake a.csv --columns x:numerik":                            "numeric",
		"--real a.csv --fake a.csv --columns x:ordinal":                            "x:ordinal=low<mid<high",
		"--real a.csv --fake a.csv --columns x:ignored":                            "nothing is left to compare",
		"--fake a.csv --columns k.yaml":                                            "give it and --fake",
		"--real a.npy --fake a.csv --columns k.yaml":                               "declared columns are of CSV and TSV files",
		"--real a.csv --fake a.csv --columns k.yaml --holdout a.csv --train a.csv": "give those by --real, and no --train",
		"--real a.csv --fake gone.csv --columns k.yaml":                            "gone.csv",
	} {
		r := assay(strings.Fields("score --metrics fd " + args)...)
		if r.code != 2 || !strings.Contains(r.err, want) || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%s: %d %q, want %q", args, r.code, r.err, want)
		}
	}
}
