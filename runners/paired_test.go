package runners

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/reports"
)

// facing writes n images in their own colours and patterns, each pixel at least 10 from both ends, and for each a copy that is 5 brighter. name says what the copy of
// image i is called.
func facing(t *testing.T, n int, name func(i int) string) (real, fake string) {
	t.Helper()
	dir := t.TempDir()
	real, fake = filepath.Join(dir, "real"), filepath.Join(dir, "fake")
	for _, d := range []string{real, fake} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		a, b := make([]byte, 16*12*3), make([]byte, 16*12*3)
		for k := range a {
			y := k / 36
			a[k] = byte(10 + (i*53+k%3*71+y/4*(i+3)*17)%220)
			b[k] = a[k] + 5
		}
		for to, pix := range map[string][]byte{filepath.Join(real, fmt.Sprintf("im%02d.png", i)): a, filepath.Join(fake, name(i)): b} {
			m, err := imaging.FromPix(16, 12, 3, pix)
			if err != nil {
				t.Fatal(err)
			}
			savePNG(t, to, m)
		}
	}
	return real, fake
}

func pairedScore(t *testing.T, real, fake string, metrics ...string) (*ScoreResult, error) {
	t.Helper()
	q := ScoreRequest{Featurizer: "pixels", Metrics: metrics, Paired: true}
	for path, to := range map[string]**Side{real: &q.Real, fake: &q.Fake} {
		side, err := OpenSide(t.Context(), path, 0, 0, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		*to = side
	}
	return Score(t.Context(), DefaultKit(), q)
}

func valueOf(t *testing.T, recs []reports.Record, metric string) float64 {
	t.Helper()
	for _, r := range recs {
		if r.Metric == metric && r.Status != reports.Failed {
			return r.Value
		}
	}
	t.Fatalf("no %s in %+v", metric, recs)
	return 0
}

// Every value 5 of 255 off: 20 log10(255/5) dB, whatever the order of the files is.
func TestPairs(t *testing.T) {
	turned := func(i int) string { return fmt.Sprintf("im%02d.png", i) }
	for how, name := range map[string]func(int) string{byNames: turned, byPlaces: func(i int) string { return fmt.Sprintf("%06d.png", i) }} {
		real, fake := facing(t, 20, name)
		res, err := pairedScore(t, real, fake, "psnr", "ssim")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := valueOf(t, res.Records, "psnr"), 20*math.Log10(255.0/5); math.Abs(got-want) > 1e-9 || res.Pairing != how {
			t.Errorf("psnr %v %s, want %v %s", got, res.Pairing, want, how)
		}
		if got := valueOf(t, res.Records, "ssim"); got < 0.97 || got >= 1 {
			t.Errorf("ssim %v", got)
		}
	}
}

func TestPairsRefused(t *testing.T) {
	same := func(i int) string { return fmt.Sprintf("im%02d.png", i) }
	mixed := func(i int) string { return fmt.Sprintf("im%02d.png", (i+7)%20) }
	real, fake := facing(t, 20, mixed)
	if _, err := pairedScore(t, real, fake, "psnr"); err == nil || !strings.Contains(err.Error(), "of 20 reconstructions only 0 look more like their own") {
		t.Errorf("wrong pairs: %v", err)
	}
	real, fake = facing(t, 20, same)
	if err := os.Remove(filepath.Join(fake, "im03.png")); err != nil {
		t.Fatal(err)
	}
	if _, err := pairedScore(t, real, fake, "psnr"); err == nil || !strings.Contains(err.Error(), "fake has no image for im03 of ") {
		t.Errorf("one is missing: %v", err)
	}
	real, fake = facing(t, 6, func(i int) string { return fmt.Sprintf("%d.png", i) })
	if err := os.Remove(filepath.Join(fake, "3.png")); err != nil {
		t.Fatal(err)
	}
	if _, err := pairedScore(t, real, fake, "psnr"); err == nil || !strings.Contains(err.Error(), "no name in common") {
		t.Errorf("another number: %v", err)
	}
	real, fake = facing(t, 20, same)
	small, err := imaging.New(8, 8, 3)
	if err != nil {
		t.Fatal(err)
	}
	savePNG(t, filepath.Join(fake, "im05.png"), small)
	if _, err := pairedScore(t, real, fake, "psnr"); err == nil || !strings.Contains(err.Error(), "8 x 8") {
		t.Errorf("two sizes: %v", err)
	}
	features := ScoreRequest{Featurizer: RawFeaturizer, Metrics: []string{"psnr"}, Paired: true, Real: &Side{Path: "a", Features: mat.NewDense(5, 2, nil)}, Fake: &Side{Path: "b", Features: mat.NewDense(5, 2, nil)}}
	if _, err := Score(t.Context(), DefaultKit(), features); err == nil || !strings.Contains(err.Error(), "holds no images") {
		t.Errorf("features: %v", err)
	}
}
