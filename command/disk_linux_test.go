package command

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// tinyDisk is a file system of a few kilobytes; the test skips where none can be mounted.
func tinyDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("cannot mount a small file system to fill: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// A full disk ends a run with one line. What was written is whole, and with room again the run goes on from there.
func TestFullDisk(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("tiny.yaml", []byte(strings.Replace(tiny, "budget: 400", "budget: 20", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	disk := tinyDisk(t, "160k")
	run := filepath.Join(disk, "run")
	r := assay("bench", "./tiny.yaml", "--quiet", "--out", run)
	if r.code != 2 || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, "no space left on device") {
		t.Fatalf("status %d, %s", r.code, r.err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Skipf("cannot enlarge it: %v", err)
	}
	if r := assay("bench", "./tiny.yaml", "--quiet", "--out", run); r.code != 0 {
		t.Errorf("with room again: status %d, %s", r.code, r.err)
	}
	if r := assay("bench", "./tiny.yaml", "--quiet", "--out", "straight"); r.code != 0 {
		t.Fatal(r.err)
	}
	a, b := timeless(t, run), timeless(t, "straight")
	if strings.Join(a, "\n") != strings.Join(b, "\n") {
		t.Error("the records differ from a run that never ran out of room")
	}
	left, err := filepath.Glob(filepath.Join(run, "*", ".*tmp*"))
	if err != nil || len(left) > 0 {
		t.Errorf("half-written files: %v %v", left, err)
	}
}

func TestReadOnlyFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	disk := tinyDisk(t, "64k")
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("cannot make it read-only: %v", err)
	}
	r := assay("bench", "smoke", "--quiet", "--out", filepath.Join(disk, "run"))
	if r.code != 2 || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, "read-only file system; choose another by --out") {
		t.Errorf("status %d, %s", r.code, r.err)
	}
}
