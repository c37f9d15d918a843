package testutil

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSwitches(t *testing.T) {
	for value, want := range map[string]bool{"": false, "0": false, "1": true} {
		t.Setenv("ASSAY_LONG", value)
		t.Setenv("UPDATE_GOLDEN", value)
		if Long() != want || UpdateGolden() != want {
			t.Errorf("%q: long %v, golden %v", value, Long(), UpdateGolden())
		}
	}
}

func TestDataDir(t *testing.T) {
	dir := t.TempDir()
	data, deep := filepath.Join(dir, "shared", "data"), filepath.Join(dir, "a", "b", "c")
	for _, d := range []string{data, deep} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("ASSAY_DATA", "")
	t.Chdir(deep)
	if got := DataDir(t); got != data {
		t.Errorf("%q, want %q", got, data)
	}
	missing := true
	t.Run("missing", func(t *testing.T) { DataDir(t, "mnist"); missing = false })
	if !missing {
		t.Error("a test went on without its data")
	}
	t.Setenv("ASSAY_DATA", deep)
	if got := DataDir(t); got != deep {
		t.Errorf("%q, want %q", got, deep)
	}
}
