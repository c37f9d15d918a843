package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Files of a batch have their old content until it is committed, and their new one then; folders that are missing are made, and nothing else stays.
func TestBatch(t *testing.T) {
	dir := t.TempDir()
	old, fresh := filepath.Join(dir, "old"), filepath.Join(dir, "new", "file")
	if err := WriteBytes(old, []byte("before")); err != nil {
		t.Fatal(err)
	}
	var a, b Batch
	for _, w := range []struct {
		b          *Batch
		path, text string
	}{{&a, fresh, "first"}, {&a, fresh, "second"}, {&b, old, "after"}} {
		if err := w.b.WriteBytes(w.path, []byte(w.text)); err != nil {
			t.Fatal(err)
		}
	}
	read := func(path string) string {
		c, _ := os.ReadFile(path)
		return string(c)
	}
	if read(old) != "before" || read(fresh) != "" {
		t.Errorf("before Commit: %q and %q", read(old), read(fresh))
	}
	if err := Commit(&a, &b); err != nil {
		t.Fatal(err)
	}
	if read(old) != "after" || read(fresh) != "second" {
		t.Errorf("after Commit: %q and %q", read(old), read(fresh))
	}
	if got := append(names(t, dir), names(t, filepath.Dir(fresh))...); !slices.Equal(got, []string{"new", "old", "file"}) {
		t.Errorf("the folders hold %v", got)
	}
}

// Where one file of several batches cannot be forced to the disk none takes its name, and no temporary file stays. Discard leaves nothing either.
func TestBatchThatFails(t *testing.T) {
	dir := t.TempDir()
	var a, b Batch
	if err := errors.Join(a.WriteBytes(filepath.Join(dir, "a"), nil), b.WriteBytes(filepath.Join(dir, "b"), nil)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(b.files[0].temp); err != nil {
		t.Fatal(err)
	}
	if err := Commit(&a, &b); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Commit of a file that is gone: %v", err)
	}
	broken := errors.New("no more ink")
	if err := a.Write(filepath.Join(dir, "c"), func(io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("Write: %v", err)
	}
	if err := a.WriteBytes(filepath.Join(dir, "d"), nil); err != nil {
		t.Fatal(err)
	}
	a.Discard()
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("the folder holds %v", got)
	}
}

// What a batch is given takes its name with the batch that took it over, once.
func TestBatchAdd(t *testing.T) {
	dir := t.TempDir()
	var a, b Batch
	if err := errors.Join(a.WriteBytes(filepath.Join(dir, "a"), nil), b.WriteBytes(filepath.Join(dir, "b"), nil)); err != nil {
		t.Fatal(err)
	}
	a.Add(&b)
	b.Discard()
	if err := a.Publish(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("the folder holds %v", got)
	}
}
