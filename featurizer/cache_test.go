package featurizer

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/assay-gan/assay/internal/atomicfile"
)

// What a killed process left in the cache goes with the next output that is written there; what somebody is writing stays.
func TestCacheIsSwept(t *testing.T) {
	dir := t.TempDir()
	old, young, other := filepath.Join(dir, ".a.npz.tmp-1"), filepath.Join(dir, ".b.npz.tmp-2"), filepath.Join(dir, "notes.txt")
	for _, path := range []string{old, young, other} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{old, other} {
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-2*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	living := filepath.Join(dir, "c.npz")
	err := atomicfile.Write(living, func(w io.Writer) error {
		glyphnet, err := Open(t.Context(), "glyphnet", Env{})
		if err != nil {
			return err
		}
		f := Cached(glyphnet, dir)
		if _, err := f.Featurize(t.Context(), glyphs(t, 4, 20)); err != nil {
			return err
		}
		_, err = w.Write([]byte("whole"))
		return err
	})
	if err != nil {
		t.Fatalf("a file that was being written is gone: %v", err)
	}
	for path, stays := range map[string]bool{old: false, young: true, other: true, living: true} {
		if _, err := os.Stat(path); (err == nil) != stays {
			t.Errorf("%s: %v, want it to stay: %v", filepath.Base(path), err, stays)
		}
	}
}
