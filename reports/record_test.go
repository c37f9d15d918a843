package reports

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/testutil"
)

func rec(cell, metric string, value float64) Record {
	return Record{Cell: cell, Model: "wgan", Dataset: "ring", Metric: metric, Value: value, Status: OK, Better: Lower, Step: 10}
}

func failure(cell, why string) Record {
	return Record{Cell: cell, Model: "wgan", Dataset: "ring", Status: Failed, Error: why, Step: 10}
}

func TestWriterAndReadAgree(t *testing.T) {
	path := filepath.Join(t.TempDir(), RecordsFile)
	want := []Record{rec("a", "fd", 1.0/3), failure("b", "line\nbreak | \"quoted\""), rec("c", "is", 5e-324)}
	want[0].Settings = map[string]string{"lr": "0.0002"}
	want[0].Interval = &Interval{Lo: .1, Hi: .5, Level: .95, Method: "bootstrap"}
	for _, r := range want { // a writer each: appending never disturbs what is there
		w, err := OpenWriter(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Append(r), w.Close()); err != nil {
			t.Fatal(err)
		}
	}
	got, torn, err := ReadFile(path)
	if err != nil || torn != nil {
		t.Fatal(torn, err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A packed file has the records of the plain one, for each way of reading; one that was cut anywhere is an error and never fewer records.
func TestPackedRecords(t *testing.T) {
	var plain, small bytes.Buffer
	if err := WriteRecords(&plain, rec("a", "fd", 1.0/3), rec("b", "fd", 2)); err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(&small)
	if _, err := z.Write(plain.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "records.jsonl.gz")
	read := func(content []byte) (sizes [3]int, err [3]error) {
		if e := os.WriteFile(path, content, 0o600); e != nil {
			t.Fatal(e)
		}
		run, e0 := LoadRecords(path)
		if err[0] = e0; e0 == nil {
			sizes[0] = len(run.Records)
		}
		a, _, e1 := ReadFile(path)
		b, _, e2 := SalvageFile(path)
		sizes[1], sizes[2], err[1], err[2] = len(a), len(b), e1, e2
		return sizes, err
	}
	if n, err := read(small.Bytes()); n != [3]int{2, 2, 2} {
		t.Errorf("%v records of two: %v", n, err)
	}
	for cut := range small.Len() {
		if n, err := read(small.Bytes()[:cut]); err[0] == nil || err[1] == nil || err[2] == nil {
			t.Fatalf("cut at %d of %d bytes: %v records, %v", cut, small.Len(), n, err)
		}
	}
	if _, err := read(plain.Bytes()); err[0] == nil || !strings.Contains(err[0].Error(), "rename it if it is not packed by gzip") {
		t.Errorf("text under the name of a packed file: %v", err[0])
	}
}

// Cut the file at every byte of its last line: what was whole stays, the rest is dropped and reported, and a writer continues after it.
func TestEveryTear(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "whole.jsonl")
	w, err := OpenWriter(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Append(rec("a", "fd", 1), rec("b", "fd", 2)), w.Close()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := strings.IndexByte(string(whole), '\n') + 1
	for cut := first; cut <= len(whole); cut++ {
		torn := filepath.Join(dir, "torn.jsonl")
		if err := os.WriteFile(torn, whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		recs, report, err := ReadFile(torn)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		complete := cut >= len(whole)-1 // only the line end may be missing
		if wantTorn := cut > first && !complete; (report != nil) != wantTorn || len(recs) != 1+map[bool]int{true: 1}[complete] {
			t.Fatalf("cut at %d: %d records, torn %v", cut, len(recs), report)
		}
		w, err := OpenWriter(torn)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Append(rec("c", "fd", 3)), w.Close()); err != nil {
			t.Fatal(err)
		}
		recs, report, err = ReadFile(torn)
		if err != nil || report != nil || recs[len(recs)-1].Cell != "c" || len(recs) != 2+map[bool]int{true: 1}[complete] {
			t.Fatalf("cut at %d, appended: %d records, torn %v, %v", cut, len(recs), report, err)
		}
	}
}

func TestBadLinesAreNamed(t *testing.T) {
	good := `{"cell":"a","model":"m","dataset":"d","seed":1,"step":1,"metric":"fd","value":1,"status":"ok","cost":{"wall_s":0,"cpu_s":0,"d_steps":0,"g_steps":0,"samples":0},"provenance":{"version":"","kernel":"","cpu":"","dataset_hash":"","weights_hash":""}}`
	for _, c := range []struct{ line, want string }{
		{`{`, "unexpected EOF"},
		{`nonsense`, "invalid character"},
		{`{"cel":"a"}`, `unknown field "cel"`},
		{`{}`, `"cell" is empty`},
		{`{"cell":"../x","status":"ok","metric":"fd"}`, "is no name"},
		{`{"cell":"a","status":"fine","metric":"fd"}`, `unknown status "fine"`},
		{`{"cell":"a","status":"ok"}`, `"metric" is empty`},
		{`{"cell":"a","status":"failed"}`, "needs its reason"},
		{`{"cell":"a","status":"ok","metric":"fd","better":"up"}`, `unknown direction "up"`},
		{`{"cell":"a","status":"ok","metric":"fd","value":1e999}`, "cannot unmarshal"},
		{`{"cell":"a","status":"ok","metric":"fd"} {}`, "more than one value"},
	} {
		_, _, err := Read(strings.NewReader(good+"\n\n"+c.line+"\n"+good+"\n"), "runs/x/records.jsonl")
		if !errors.Is(err, ErrRecord) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "runs/x/records.jsonl:3: ") {
			t.Errorf("%s: %v, want line 3 and %q", c.line, err, c.want)
		}
	}
	w, err := OpenWriter(filepath.Join(t.TempDir(), "x"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Append(rec("a", "fd", 0), Record{Cell: "b"}); !errors.Is(err, ErrRecord) {
		t.Errorf("wrote a record without status: %v", err)
	}
	if recs, _, _ := ReadFile(w.f.Name()); len(recs) != 0 {
		t.Errorf("half of a refused batch was written: %v", recs)
	}
}

func TestConcurrentAppendsKeepLinesWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), RecordsFile)
	w, err := OpenWriter(path)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 5 {
				if err := w.Append(rec(fmt.Sprint(i, "-", j), "fd", float64(i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if recs, torn, err := ReadFile(path); len(recs) != 40 || torn != nil || err != nil {
		t.Errorf("%d records, %v, %v", len(recs), torn, err)
	}
}

func TestDistinct(t *testing.T) {
	again := rec("a", "fd", 2)
	got := Distinct([]Record{rec("a", "fd", 1), failure("b", "first try"), rec("c", "fd", 3), again, rec("b", "fd", 4), failure("c", "later")})
	// a: the second value counts; b: failed, then went well; c: its failure came last and stands.
	want := []Record{again, rec("c", "fd", 3), rec("b", "fd", 4), failure("c", "later")}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestFilterGroupFinal(t *testing.T) {
	early, gan := rec("a", "fd", 9), rec("d", "is", 2)
	early.Step, gan.Model = 5, "gan"
	recs := []Record{early, rec("a", "fd", 1), failure("b", "nan"), gan}
	if got := Final(recs); len(got) != 3 || got[0].Value != 1 {
		t.Errorf("Final = %v", got)
	}
	got, err := Filter(recs, "metric=fd", "model=wgan,vae")
	if err != nil || len(got) != 3 || got[2].Error != "nan" {
		t.Errorf("Filter = %v, %v", got, err)
	}
	for _, bad := range []string{"model", "modle=x"} {
		if _, err := Filter(recs, bad); err == nil {
			t.Errorf("accepted filter %q", bad)
		}
	}
}

func TestLoadLeavesGaps(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "give a run folder") {
		t.Errorf("an empty folder: %v", err)
	}
	w, err := OpenWriter(filepath.Join(dir, RecordsFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Append(rec("a", "fd", 1), rec("b", "fd", 1)), w.Close()); err != nil {
		t.Fatal(err)
	}
	want := Artifacts{Cell: "a", Scatter: &Scatter{Points: [][2]float64{{1, 2}}, Modes: [][2]float64{{0, 1}}, Sigma: .1},
		Curves: &Curves{Series: []Series{{Name: "d_loss", Steps: []int{1}, Values: []float64{.5}}}}, Verdict: &Verdict{Word: "healthy", Evidence: []string{"8 of 8 modes"}}}
	if err := WriteArtifacts(dir, "a", want); err != nil {
		t.Fatal(err)
	}
	if err := WriteArtifacts(dir, "b", Artifacts{Curves: &Curves{}}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(ArtifactDir(dir, "b"), scatterFile), []byte(`{"points":`), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, r.Artifacts["a"]); d != "" {
		t.Error(d)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "scatter.json") || r.Artifacts["b"].Scatter != nil {
		t.Errorf("notes %q", r.Notes)
	}
}

// A full disk is an error that says so, in one line with the file's name.
func TestFullDisk(t *testing.T) {
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	w := &Writer{f: f}
	if err := w.Append(rec("a", "fd", 1)); err == nil || !strings.Contains(err.Error(), "/dev/full: 0 of") || !strings.Contains(err.Error(), "no space left") {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("{}\n{\"cell\":\"a\",\"metric\":\"fd\",\"status\":\"ok\"}")
	f.Add("\n\n{\"cell\"")
	f.Fuzz(func(t *testing.T, text string) {
		defer testutil.Bound(t, len(text))()
		recs, _, err := Read(strings.NewReader(text), "fuzz")
		if err != nil {
			return
		}
		for _, r := range recs {
			if r.Check() != nil {
				t.Fatalf("accepted %+v", r)
			}
		}
	})
}
