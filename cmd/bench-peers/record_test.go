package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A record takes rows one at a time: each with the day on which it was measured, and of the same peers alone.
func TestRowsJoinOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	day := func(date string, m measurement) record {
		return record{Machine: machine{CPU: "c", Date: date, Peers: map[string]string{"numpy": "2.4", "mkl": "1"}}, Rows: []measurement{m}}
	}
	old := day("2026-01-01", timed("mlp", 1, []float64{1, 1}, []float64{2, 2}))
	delete(old.Machine.Peers, "mkl") // a peer that the older record does not know is no hindrance
	if _, err := mergeRecord(path, old, true); err != nil {
		t.Fatal(err)
	}
	fresh := timed("vae", 1, []float64{1, 1, 1}, []float64{2, 2, 2})
	fresh.Others = 0.2
	got, err := mergeRecord(path, day("2026-02-02", fresh), true)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2026-01-01 to 2026-02-02", "2 to 3 rounds", "1"}, []string{got.dates(), got.rounds(), string(rune('0' + got.disturbed()))}); diff != "" {
		t.Error(diff)
	}
	other := day("2026-03-03", fresh)
	other.Machine.Peers["numpy"] = "2.5"
	if _, err := mergeRecord(path, other, true); err == nil || !strings.Contains(err.Error(), "numpy 2.4") {
		t.Errorf("rows of two versions of numpy were mixed: %v", err)
	}
	kept, err := readRecord(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, kept); diff != "" {
		t.Errorf("a refused row changed the file: %s", diff)
	}
}

// What a partial run measured is in the file as soon as it is measured: the second row's failure leaves the first.
func TestMeasuredRowsStay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	rec := record{Machine: machine{CPU: "c", Date: "2026-01-01"}}
	good := wish{"mlp", func() (measurement, error) { return timed("mlp", 1, []float64{1}, []float64{2}), nil }}
	bad := wish{"vae", func() (measurement, error) { return measurement{}, errAbsent }}
	var out strings.Builder
	if err := rec.take([]wish{good, bad}, path, true, &out); err == nil || !strings.Contains(err.Error(), "vae") {
		t.Errorf("the failed row: %v", err)
	}
	got, err := readRecord(path)
	if err != nil || len(got.Rows) != 1 || got.Rows[0].ID != "mlp" || got.Rows[0].Date != "2026-01-01" {
		t.Errorf("kept %+v, %v", got.Rows, err)
	}
}

func TestMemoryLines(t *testing.T) {
	m := measurement{ID: "memory-folder", Threads: 1, Ours: timed("folder", 1, []float64{1}, []float64{2}).Ours, RSS: []float64{300, 900}, Peers: []series{{Label: "torch-fidelity"}}}
	for _, c := range []struct {
		ours float64
		want string
	}{{300, holds}, {901, fails}} {
		m.RSS[0] = c.ours
		if got := (record{Rows: []measurement{m}}).lighter("memory-folder").verdict; got != c.want {
			t.Errorf("%v MB against 900: %q, want %q", c.ours, got, c.want)
		}
	}
	var b strings.Builder
	p := &printer{w: &b}
	p.memory(m)
	if want := "* FID and KID of 128 against 128 PNG files of 32x32, one thread: peak resident memory 901 MB, torch-fidelity 900 MB.\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	if got := [2]string{loss(0.994), loss(1)}; got != [2]string{"**0.99**", "1.00"} {
		t.Errorf("losses: %q", got)
	}
}
