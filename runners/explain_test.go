package runners

import (
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
)

// The second run reads every feature from the cache and gives the same to the bit; the first has written it.
func TestExplainIsCached(t *testing.T) {
	side := func(shift int) *Side {
		dir := t.TempDir()
		for i := range 4 {
			m := image.NewGray(image.Rect(0, 0, 12, 12))
			for at := range 144 {
				m.SetGray(at%12, at/12, color.Gray{uint8(at*(i+shift) + shift)})
			}
			f, err := os.Create(filepath.Join(dir, strconv.Itoa(i)+".png"))
			if err != nil {
				t.Fatal(err)
			}
			if err := png.Encode(f, m); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
		s, err := OpenSide(context.Background(), dir, 0, 0, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	real, fake := side(1), side(5)
	f, err := featurizer.Open(context.Background(), "inception-random(1,pytorch-fid,64)", featurizer.Env{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := featurizer.LookupProtocol("pytorch-fid")
	if err != nil {
		t.Fatal(err)
	}
	b, err := featurizer.LookupProtocol("clean-fid")
	if err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	explain := func(w Feeding) float64 {
		_, steps, failed := Explain(context.Background(), real, fake, f.(*featurizer.Inception), a, b, w)
		if failed != nil {
			t.Fatal(failed)
		}
		return steps[len(steps)-1].After
	}
	first, plain := explain(Feeding{Cache: cache}), explain(Feeding{})
	files, err := filepath.Glob(filepath.Join(cache, "*.rows"))
	if err != nil || len(files) < 2 {
		t.Fatalf("files of the protocols' features: %v, %v", files, err)
	}
	size := func() (n int64) {
		for _, f := range files {
			st, err := os.Stat(f)
			if err != nil {
				t.Fatal(err)
			}
			n += st.Size()
		}
		return n
	}
	before := size()
	if again := explain(Feeding{Cache: cache}); again != first || first != plain || size() != before {
		t.Errorf("%v, %v from the cache, %v without one; the cache grew from %d to %d bytes", first, again, plain, before, size())
	}
	if real.Report.Images != 4 {
		t.Errorf("report %+v", real.Report)
	}
}
