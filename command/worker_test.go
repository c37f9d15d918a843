package command

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/assay-gan/assay/runners"
)

// The folder of a worker that was killed is removed when the next one starts; that of one at work stays, as does what is too young to tell and what is no worker's.
func TestWorkerFolderSweepsThoseOfTheDead(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	for _, name := range []string{"assay-worker-dead", "assay-worker-alive", "assay-worker-young", "assay-worker-other", "mine"} {
		dir := filepath.Join(tmp, name)
		f, err := runners.OpenFolder(dir, runners.Provenance{})
		if err != nil {
			t.Fatal(err)
		}
		lock := filepath.Join(dir, "lock")
		if name == "assay-worker-other" {
			err = os.Remove(lock)
		} else if name != "assay-worker-young" {
			then := time.Now().Add(-time.Hour)
			err = os.Chtimes(lock, then, then)
		}
		if err != nil {
			t.Fatal(err)
		}
		if name == "assay-worker-alive" {
			defer f.Close()
		} else if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	fresh, err := workerFolder()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"assay-worker-dead": false, "assay-worker-alive": true, "assay-worker-young": true, "assay-worker-other": true, "mine": true, filepath.Base(fresh): true} {
		if _, err := os.Stat(filepath.Join(tmp, name)); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", name, err == nil, want)
		}
	}
}
