package datasets

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An archive that was cut between two blocks has fewer images and looks whole: its end mark is missing.
func TestArchiveEndIsSeen(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range []string{"cat/1.png", "dog/2.png"} {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: 512, Mode: 0o644, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, 512)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes() // two members of two blocks each, two blocks of end
	classes := []string{"cat", "dog"}
	if list, err := listTar(bytes.NewReader(whole), "name", classes); len(list) != 2 || err != nil {
		t.Fatalf("%d images, %v", len(list), err)
	}
	for _, blocks := range []int{2, 4, 5} {
		if _, err := listTar(bytes.NewReader(whole[:512*blocks]), "name", classes); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "end mark") {
			t.Errorf("cut to %d blocks of 6: %v", blocks, err)
		}
	}
}

// A batch of CIFAR-10 has no end mark: one that is cut between two images is told by its length.
func TestShortBatchIsTold(t *testing.T) {
	dir := t.TempDir()
	for name, n := range map[string]int{"data_batch_1.bin": 10_000, "test_batch.bin": 9_999} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, n*cifarRecord), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := CIFAR10{}.Load(context.Background(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "test_batch.bin holds 9999 images") {
		t.Errorf("warnings %q", s.Warnings)
	}
}
