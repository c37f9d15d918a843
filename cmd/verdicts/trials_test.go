package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A run that is cut off goes on: together they hold what one run would, each trial once, and the numbers of calibration are others.
func TestTrialsGoOn(t *testing.T) {
	dir := t.TempDir()
	trials := func(record string, args ...string) []trial {
		path := filepath.Join(dir, record)
		var out bytes.Buffer
		if err := run(t.Context(), &out, append([]string{"run", "-record", path, "-only", "ring", "-n", "250", "-fault", "copies"}, args...)); err != nil {
			t.Fatal(err, out.String())
		}
		all, err := readTrials(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range all {
			all[i].Seconds = 0
		}
		return all
	}
	whole := trials("whole", "-repeats", "2")
	trials("parts", "-repeats", "1")
	parts := trials("parts", "-repeats", "2")
	if d := cmp.Diff(whole, parts); d != "" || len(whole) != 6 { // three strengths, two repeats
		t.Errorf("%d trials: %s", len(whole), d)
	}
	a, err := ring().pair(t.Context(), rngOf(options{}, whole[0]), fault{}, 50)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ring().pair(t.Context(), rngOf(options{calibrate: true}, whole[0]), fault{}, 50)
	if err != nil || a.Fake.At(0, 0) == b.Fake.At(0, 0) {
		t.Errorf("calibration draws what the record draws: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cut"), []byte("{\"world\":\"ring\"}\n{\"wor"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readTrials(filepath.Join(dir, "cut")); err == nil {
		t.Error("half a line was read")
	}
}
