package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
)

// study are the records of n cells: two models on two data sets, two values each, every seventh cell failed.
func study(n int) []reports.Record {
	s := rng.Stream(7, "index test")
	var recs []reports.Record
	for i := range n {
		r := reports.Record{Cell: fmt.Sprintf("%020x", 7919*i+1), Model: []string{"gan", "vae"}[i%2], Dataset: []string{"ring", "grid"}[i/2%2], Seed: uint64(i), Step: 100,
			Settings: map[string]string{"lr": fmt.Sprint(i % 9)}, SettingsID: fmt.Sprintf("s%d", i%9), Status: reports.OK, Featurizer: "none", N: 50,
			Cost: reports.Cost{WallSeconds: float64(i), CPUSeconds: 2 * float64(i), DSteps: 100, GSteps: 50, Samples: 6400}}
		if i%7 == 6 {
			r.Status, r.Error, r.Cause = reports.Failed, "step 3: the loss is NaN", reports.NotANumber
			recs = append(recs, r)
			continue
		}
		r.Metric, r.Value, r.Better = "fd", s.Float64(), reports.Lower
		recs = append(recs, r)
		r.Metric, r.Value, r.Better = "modes", float64(i%8), reports.Higher
		recs = append(recs, r)
	}
	return recs
}

// folder writes a run folder with a plan of all cells of the records, of which some are finished.
func folder(t testing.TB, all, finished []reports.Record) string {
	t.Helper()
	dir := t.TempDir()
	var plan strings.Builder
	last := ""
	for _, r := range all {
		if r.Cell != last {
			fmt.Fprintf(&plan, `,{"hash":%q,"phase":"wide","model":%q,"dataset":%q,"seed":%d}`, r.Cell, r.Model, r.Dataset, r.Seed)
		}
		last = r.Cell
	}
	text := `{"suite":"t","plan":"abc","provenance":{"version":"1","cores":2},"cells":[` + strings.TrimPrefix(plan.String(), ",") + `]}`
	if err := os.WriteFile(filepath.Join(dir, "run.json"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	appendTo(t, dir, finished)
	return dir
}

func appendTo(t testing.TB, dir string, recs []reports.Record) {
	t.Helper()
	w, err := reports.OpenWriter(filepath.Join(dir, reports.RecordsFile))
	if err == nil {
		err = errors.Join(w.Append(recs...), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// content is all that an index says.
type content struct {
	Run     Description
	Planned []Planned
	Groups  []Group
	Damaged []string
	Cells   []Cell
}

func read(t testing.TB, dir string) content {
	t.Helper()
	for range 2 {
		x, err := Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		c := content{x.Run(), x.Planned(), x.Groups(), x.Damaged(), nil}
		c.Cells, err = collect(x.Cells(t.Context()))
		if closing := x.Close(); closing != nil {
			t.Fatal(closing)
		}
		if err == nil {
			return c
		}
		if !errors.Is(err, ErrDamaged) {
			t.Fatal(err)
		}
	}
	t.Fatal("damaged twice")
	return content{}
}

// What the index says is what the records say, reckoned here from them by hand.
func TestIndexSaysWhatRecordsSay(t *testing.T) {
	recs := study(40)
	got := read(t, folder(t, recs, recs[:60]))
	values := map[string][]reports.Record{}
	wall, failed, cells := map[string]float64{}, 0, 0
	for _, r := range recs[:60] {
		if len(values[r.Cell]) == 0 {
			wall[r.Model+r.Dataset+string(r.Cause)] += r.Cost.WallSeconds
			cells++
			if r.CellFailed() {
				failed++
			}
		}
		values[r.Cell] = append(values[r.Cell], r)
	}
	if len(got.Cells) != cells {
		t.Fatalf("%d cells, want %d", len(got.Cells), cells)
	}
	for _, c := range got.Cells {
		recs := values[c.Hash]
		if c.Failed != recs[0].CellFailed() || c.Seed != recs[0].Seed || c.Settings["lr"] != recs[0].Settings["lr"] || c.Error != recs[0].Error {
			t.Errorf("cell %+v of %+v", c, recs[0])
		}
		for i, v := range c.Values {
			if v.Value != recs[i].Value || v.Measure != recs[i].Measure() || v.Better != recs[i].Better || v.Status != recs[i].Status {
				t.Errorf("value %+v of %+v", v, recs[i])
			}
		}
	}
	n, f := 0, 0
	for _, g := range got.Groups {
		n += g.Cells
		if g.Failed {
			f += g.Cells
		}
		if w := wall[g.Model+g.Dataset+string(g.Cause)]; g.WallSeconds != w || g.Phase != "wide" {
			t.Errorf("group %+v, want %v s", g, w)
		}
	}
	planned := 0
	for _, p := range got.Planned {
		planned += p.Cells
	}
	if n != cells || f != failed || planned != 40 || got.Run.Suite != "t" {
		t.Errorf("%d cells and %d failed in groups, want %d and %d; %d planned, run %+v", n, f, cells, failed, planned, got.Run)
	}
}

// An index that followed a file as it grew says what one made at the end says; so does one whose file was replaced, mended or cut in between.
func TestIndexFollowsItsFile(t *testing.T) {
	recs := study(60)
	want := read(t, folder(t, recs, recs))
	dir := folder(t, recs, nil)
	path := filepath.Join(dir, reports.RecordsFile)
	for from, to := 0, 0; from < len(recs); from = to {
		to = min(from+7, len(recs))
		for to < len(recs) && recs[to].Cell == recs[to-1].Cell { // a cell's records are written at once
			to++
		}
		appendTo(t, dir, recs[from:to])
		read(t, dir)
	}
	if d := cmp.Diff(want, read(t, dir)); d != "" {
		t.Errorf("followed (-made at the end +followed):\n%s", d)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := []byte(strings.Replace(string(text), `"seed":30,`, `"seed":31,`, 1))
	if err := os.WriteFile(path, bad, 0o644); err != nil {
		t.Fatal(err)
	}
	got := read(t, dir)
	if len(got.Damaged) != 1 || !strings.Contains(got.Damaged[0], "records.jsonl: line ") || len(got.Cells) != len(want.Cells)-1 {
		t.Errorf("with a damaged line: %d cells, %q", len(got.Cells), got.Damaged)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, read(t, dir)); d != "" {
		t.Errorf("mended:\n%s", d)
	}
	if err := os.WriteFile(path, text[:len(text)/2], 0o644); err != nil { // a line is cut, and not yet ended
		t.Fatal(err)
	}
	if got := read(t, dir); len(got.Cells) >= len(want.Cells) || len(got.Damaged) > 0 {
		t.Errorf("cut: %d cells, %q", len(got.Cells), got.Damaged)
	}
	// A cell that is tried again and then has a value.
	again := recs[12:13]
	if again[0].Status != reports.OK {
		again = recs[:1]
	}
	failure := again[0]
	failure.Metric, failure.Value, failure.Status, failure.Error = "", 0, reports.Failed, "lost"
	dir = folder(t, recs, []reports.Record{failure})
	read(t, dir)
	appendTo(t, dir, again)
	if got := read(t, dir); len(got.Cells) != 1 || got.Cells[0].Failed || len(got.Cells[0].Values) != 1 {
		t.Errorf("tried again: %+v", got.Cells)
	}
}

// Whatever happens to the file of the index, the answer is that of the records.
func TestIndexIsDisposable(t *testing.T) {
	recs := study(50)
	dir := folder(t, recs, recs)
	want := read(t, dir)
	path := filepath.Join(dir, File)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put := func(b []byte) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	check := func(what string) {
		t.Helper()
		if d := cmp.Diff(want, read(t, dir)); d != "" {
			t.Errorf("%s:\n%s", what, d)
		}
	}
	s := rng.Stream(3, "flips")
	for range 150 {
		bad := append([]byte(nil), whole...)
		at := s.IntN(len(bad))
		bad[at] ^= 1 << s.IntN(8)
		put(bad)
		check(fmt.Sprintf("a bit of byte %d flipped", at))
	}
	for _, n := range []int{0, 1, 50, 100, 4096, len(whole) / 2, len(whole) - 1} {
		put(whole[:n])
		check(fmt.Sprintf("cut to %d bytes", n))
	}
	put([]byte(strings.Repeat("no database ", 1000)))
	check("text")
	other := folder(t, recs, recs[:20])
	read(t, other)
	b, err := os.ReadFile(filepath.Join(other, File))
	if err != nil {
		t.Fatal(err)
	}
	put(b)
	check("of another run")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	check("deleted")
	if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o755)); err != nil {
		t.Fatal(err)
	}
	check("a folder in its place")
}

// An index that another process holds is passed by, and left alone.
func TestLockedIndexIsPassedBy(t *testing.T) {
	recs := study(20)
	dir := folder(t, recs, recs[:10])
	read(t, dir)
	db, err := sql.Open("sqlite", filepath.Join(dir, File))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	appendTo(t, dir, recs[10:])
	want := read(t, folder(t, recs, recs))
	if d := cmp.Diff(want, read(t, dir)); d != "" {
		t.Errorf("locked:\n%s", d)
	}
	if _, err := c.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, read(t, dir)); d != "" {
		t.Errorf("free again:\n%s", d)
	}
}

func TestOpenNamesWhatIsNoRun(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Join(dir, "absent")} {
		if _, err := Open(t.Context(), d); !errors.Is(err, ErrNoRun) || !strings.Contains(err.Error(), "give a run folder") {
			t.Errorf("%s: %v", d, err)
		}
	}
	recs := study(4)
	dir = folder(t, recs, recs)
	if err := os.WriteFile(filepath.Join(dir, "run.json"), []byte(`{"suite":`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "run.json: unexpected end of JSON input: run `assay bench` again") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, folder(t, recs, recs)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
