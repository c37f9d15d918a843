package runners

import (
	"archive/tar"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// classed are two folders of classes with four images each, and their paths.
func classed(t *testing.T) (real, fake string) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range []string{"cat/1", "cat/2", "cat/3", "cat/4", "dog/5", "dog/6", "dog/7", "dog/8"} {
		for _, side := range []string{"real", "fake"} {
			savePNG(t, filepath.Join(dir, side, f+".png"), numbered(f[len(f)-1]))
		}
	}
	return filepath.Join(dir, "real"), filepath.Join(dir, "fake")
}

// Labels from files are of as many rows as the samples, and of classes that are there.
func TestLabelFilesAreHeldAgainstTheSamples(t *testing.T) {
	real, fake := classed(t)
	good := []int{0, 0, 0, 0, 1, 1, 1, 1}
	for _, tt := range []struct {
		q    ScoreRequest
		text string
	}{
		{ScoreRequest{FakeLabels: good, RealLabels: good}, ""},
		{ScoreRequest{FakeLabels: good[1:], RealLabels: good}, "ScoreRequest.FakeLabels has 7 rows, the fakes are 8"},
		{ScoreRequest{FakeLabels: good, RealLabels: good[1:]}, "ScoreRequest.RealLabels has 7 rows, the real samples are 8"},
		{ScoreRequest{FakeLabels: []int{0, 0, 7, 0, 1, 1, 1, 1}, RealLabels: good}, "ScoreRequest.FakeLabels has class 7 in row 2, " + fake + " has 2 classes: want numbers from 0 to 1"},
	} {
		tt.q.Real, tt.q.Fake, tt.q.Featurizer, tt.q.Metrics = openSide(t, real), openSide(t, fake), "pixels", []string{"fd_class"}
		_, err := Score(t.Context(), DefaultKit(), tt.q)
		if (err == nil) != (tt.text == "") || err != nil && !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%v, want %q", err, tt.text)
		}
	}
}

// Of .cls files for a part of the images no class is taken; a metric of classes says why.
func TestClassFilesOfAPart(t *testing.T) {
	real, _ := classed(t)
	path := filepath.Join(t.TempDir(), "w.tar")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(f)
	for name, data := range map[string]string{"1.cls": "1", "1.png": "", "2.png": ""} {
		b := []byte(data)
		if data == "" {
			if b, err = os.ReadFile(filepath.Join(real, "cat", name)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(b)), Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	side := openSide(t, path)
	if text := strings.Join(side.Warnings, "; "); !strings.Contains(text, "1 of 2 images have no .cls file") {
		t.Errorf("not said: %q", text)
	}
	_, err = Score(t.Context(), DefaultKit(), ScoreRequest{Real: openSide(t, real), Fake: side, Featurizer: "pixels", Metrics: []string{"fd_class"}})
	if err == nil || !strings.Contains(err.Error(), "1 of 2 images have no .cls file with a whole number from 0 (2.png): mend that, or give the classes by ScoreRequest.FakeLabels") {
		t.Errorf("classes of a part: %v", err)
	}
}
