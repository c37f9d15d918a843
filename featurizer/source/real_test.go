package source

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/assay-gan/assay/featurizer"
)

// TestRealArchive reads 10 000 JPEG files of a packed tar in class folders, when the data are there.
func TestRealArchive(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 10 000 images")
	}
	dir := os.Getenv("ASSAY_DATA")
	if dir == "" {
		dir = "../../../shared/data"
	}
	path := filepath.Join(dir, "cifar10-jpeg", "test.tar.gz")
	if _, err := os.Stat(path); err != nil {
		t.Skip("no cifar10-jpeg/test.tar.gz: set ASSAY_DATA to the folder that holds it")
	}
	s := open(t, path, Options{})
	f, err := featurizer.Open(context.Background(), "pixels", featurizer.Env{})
	if err != nil {
		t.Fatal(err)
	}
	out, rep, err := Run{}.Features(context.Background(), s, f)
	if err != nil {
		t.Fatal(err)
	}
	n, d := out.Features.Dims()
	if n != 10000 || d != 3072 || len(s.Classes) != 10 || len(rep.Labels) != 10000 || len(rep.Warnings) != 1 {
		t.Errorf("%d x %d, %d classes, %d labels, warnings %v", n, d, len(s.Classes), len(rep.Labels), rep.Warnings)
	}
}
