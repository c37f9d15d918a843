package index

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/reports"
)

// counted is what a glance says: all of content but the cells.
func counted(t *testing.T, dir string, recs []reports.Record) content {
	t.Helper()
	x, err := Glance(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	for _, r := range recs {
		c, known, err := x.Find(t.Context(), r.Cell)
		if err != nil || !known || c.Model != r.Model || c.Dataset != r.Dataset || c.Seed != r.Seed || c.Phase != "wide" {
			t.Errorf("cell %s is found as %+v, %v, %v", r.Cell, c, known, err)
		}
	}
	if _, known, err := x.Find(t.Context(), "none"); known || err != nil {
		t.Errorf("what nobody planned is found: %v", err)
	}
	return content{x.Run(), x.Planned(), x.Groups(), x.Damaged(), nil}
}

// What a glance counts is what an index with rows says, while the file grows, when it is mended or damaged, and after somebody asked for the rows.
func TestGlanceCountsWhatRowsDo(t *testing.T) {
	recs := study(60)
	recs = append(recs, func() reports.Record { // an earlier step, and the hold-out of a draw: neither is the cell's result
		r := recs[len(recs)-1]
		r.Step, r.Value, r.Cost.WallSeconds = 50, 7, 1e6
		return r
	}())
	dir := folder(t, recs, nil)
	whole := func() content {
		t.Helper()
		c := read(t, folder(t, recs, salvaged(t, dir)))
		c.Cells = nil
		return c
	}
	for from, to := 0, 0; from < len(recs); from = to {
		to = min(from+9, len(recs))
		for to < len(recs) && recs[to].Cell == recs[to-1].Cell {
			to++
		}
		appendTo(t, dir, recs[from:to])
		if d := cmp.Diff(whole(), counted(t, dir, recs[:to])); d != "" {
			t.Fatalf("after %d records (-rows +glance):\n%s", to, d)
		}
	}
	x, err := Glance(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if x.head.Rows {
		t.Error("a glance made rows")
	}
	ended, err := x.Finished(t.Context(), recs[3].Cell)
	none, other := x.Finished(t.Context(), "none")
	if err := errors.Join(err, other, x.Close()); err != nil || !ended || none {
		t.Errorf("finished: %v, and what never ran: %v, %v", ended, none, err)
	}
	if got := read(t, dir); len(got.Cells) != 60 {
		t.Errorf("%d cells have rows after a glance", len(got.Cells))
	}
	// A cell that is tried again: its failure is no longer one.
	failure := recs[0]
	failure.Metric, failure.Value, failure.Status, failure.Error, failure.Cause = "", 0, reports.Failed, "lost", reports.Broken
	dir = folder(t, recs, []reports.Record{failure})
	counted(t, dir, recs[:1])
	appendTo(t, dir, recs[:2])
	if d := cmp.Diff(whole(), counted(t, dir, recs[:1])); d != "" {
		t.Errorf("tried again (-rows +glance):\n%s", d)
	}
	// Damage is named, and lines without a checksum count.
	dir = folder(t, recs, recs[:30])
	path := filepath.Join(dir, reports.RecordsFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for what, to := range map[string]string{`"seed":9,`: `"seed":8,`, `,"crc32c":"`: `,"unit":"`} {
		bad := strings.Replace(string(text), what, to, 1)
		if to == `,"unit":"` { // a whole line of an earlier build
			line, rest, _ := strings.Cut(string(text), "\n")
			bad = line[:strings.Index(line, what)] + "}\n" + rest
		}
		if err := errors.Join(os.WriteFile(path, []byte(bad), 0o644), remove(filepath.Join(dir, File))); err != nil {
			t.Fatal(err)
		}
		got := counted(t, dir, recs[:2])
		if err := remove(filepath.Join(dir, File)); err != nil {
			t.Fatal(err)
		}
		want := read(t, dir)
		want.Cells = nil
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: (-rows +glance):\n%s", to, d)
		}
	}
}

// salvaged are the records of a folder.
func salvaged(t *testing.T, dir string) []reports.Record {
	t.Helper()
	recs, damage, err := reports.SalvageFile(filepath.Join(dir, reports.RecordsFile))
	if err != nil || len(damage) > 0 {
		t.Fatal(damage, err)
	}
	return recs
}

// Whatever happens to the file of an index without rows, the counts are those of the records.
func TestGlanceIsDisposable(t *testing.T) {
	recs := study(50)
	dir := folder(t, recs, recs)
	want := counted(t, dir, recs)
	path := filepath.Join(dir, File)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(whole); at += 1 + len(whole)/60 {
		bad := append([]byte(nil), whole...)
		bad[at] ^= 1 << (at % 8)
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		x, err := Glance(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		_, known, err := x.Find(t.Context(), recs[7].Cell)
		if err == nil && !known || err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("byte %d: a cell of the plan is lost: %v, %v", at, known, err)
		}
		if d := cmp.Diff(want.Groups, x.Groups()); d != "" {
			t.Errorf("byte %d:\n%s", at, d)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
